"""Documents as numbers: a doc_id is 32 hexadecimal digits, two 64-bit numbers, whose order is that of the texts.

And keys of 64 bits, digests of what documents hold, cut into even ranges.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.errors import BrokenLake

U64 = npt.NDArray[np.uint64]
DIGITS = 32
KEY = 20
LOWEST, KEYS = -(1 << 63), 1 << 64


def halves(ids: pa.Array | pa.ChunkedArray) -> tuple[U64, U64]:
    """The high and the low half of each doc_id (n,). Raises BrokenLake for one that is not 32 hexadecimal digits."""
    whole = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    _, places, data = whole.buffers()
    count = len(whole)
    if not count:
        return np.zeros(0, np.uint64), np.zeros(0, np.uint64)
    offsets = np.frombuffer(places, dtype=np.int32)[whole.offset : whole.offset + count + 1]
    wrong = np.flatnonzero(np.diff(offsets) != DIGITS)
    try:
        raw = bytes.fromhex(str(memoryview(data)[int(offsets[0]) : int(offsets[-1])], "ascii"))
    except (ValueError, UnicodeDecodeError):
        raw = b""
    if wrong.size or len(raw) != count * DIGITS // 2:
        raise BrokenLake(f"doc_id {whole[int(wrong[0]) if wrong.size else 0].as_py()!r} is not 32 hexadecimal digits")
    both = np.frombuffer(raw, dtype=">u8").reshape(-1, 2).astype(np.uint64)
    return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])


def ids(high: U64, low: U64) -> pa.Array:
    """The doc_ids of halves."""
    text = np.stack([high, low], axis=1).astype(">u8").tobytes().hex().encode()
    offsets = np.arange(len(high) + 1, dtype=np.int32) * DIGITS
    return pa.StringArray.from_buffers(len(high), pa.py_buffer(offsets), pa.py_buffer(text))


def keys(source: npt.NDArray[np.int32], high: U64, low: U64) -> pa.Array:
    """One value for each document of a source, that can be looked up."""
    joined = np.empty((len(high), KEY), dtype=np.uint8)
    joined[:, :4] = np.ascontiguousarray(source, dtype=np.int32).view(np.uint8).reshape(-1, 4)
    joined[:, 4:12] = np.ascontiguousarray(high).view(np.uint8).reshape(-1, 8)
    joined[:, 12:] = np.ascontiguousarray(low).view(np.uint8).reshape(-1, 8)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(KEY), len(high), [None, pa.py_buffer(joined)])


def ranges(count: int) -> list[tuple[int, int]]:
    """The signed 64-bit keys of each of `count` parts: (lowest, highest)."""
    return [(LOWEST + i * KEYS // count, LOWEST + (i + 1) * KEYS // count - 1) for i in range(count)]


def among(keys: npt.NDArray[Any], ordered: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which keys are among others in order."""
    if not ordered.size:
        return np.zeros(keys.size, dtype=np.bool_)
    found: npt.NDArray[np.bool_] = ordered[np.minimum(np.searchsorted(ordered, keys), ordered.size - 1)] == keys
    return found
