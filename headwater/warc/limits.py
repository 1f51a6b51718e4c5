"""The bounds that keep hostile archives from costing more memory or time than their size deserves."""

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """`bomb_bytes` unpacked for one record at more than `bomb_ratio` to one is given up as a bomb.

    Deflate cannot exceed 1032 to one; markup and text stay below 30.
    """

    max_payload_bytes: int = 64 * MEBIBYTE
    max_header_bytes: int = MEBIBYTE // 4
    max_encodings: int = 4
    max_zip_entries: int = 10_000
    bomb_bytes: int = 256 * MEBIBYTE
    bomb_ratio: int = 100
    reread_factor: int = 8  # a damaged file may be searched again at most this many times its size


DEFAULT = Limits()
