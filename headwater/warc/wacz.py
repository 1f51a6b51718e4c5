"""The WARC files inside a WACZ, which is a ZIP that stores them uncompressed (WACZ 1.1.1, section 5.2.1).

Being stored, they lie in it byte for byte, so a record's offset in the WACZ itself is where reading can start.
"""

import io
import struct
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from headwater.warc.limits import Limits

ZIP = b"PK\x03\x04"
LOCAL_HEADER = struct.Struct("<4s22xHH")
SUFFIXES = (".warc", ".warc.gz", ".arc", ".arc.gz")


@dataclass(frozen=True, slots=True)
class Part:
    """One archive inside, at bytes start..start+size."""

    name: str
    start: int
    size: int

    def open(self, stream: BinaryIO) -> BinaryIO:
        """This part as a stream of its own."""
        return io.BufferedReader(Slice(stream, self.start, self.size), 1 << 16)


class Slice(io.RawIOBase):
    """A stretch of another stream."""

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self._stream, self._start, self._size, self._at = stream, start, size, 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """As for any stream."""
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """As for any stream."""
        self._stream.seek(self._start + self._at)
        chunk = self._stream.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)


def wacz_parts(stream: BinaryIO, *, limits: Limits) -> list[Part] | str:
    """The archives inside in file order, or why they cannot be read."""
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = [e for e in archive.infolist() if _is_archive(e.filename)]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        return f"a ZIP that cannot be read: {error}"
    if len(entries) > limits.max_zip_entries:
        return f"{len(entries)} archives inside, at most {limits.max_zip_entries}"
    packed = [e.filename for e in entries if e.compress_type != zipfile.ZIP_STORED or e.flag_bits & 1]
    if packed or not entries:
        return f"{packed[0]!r} inside is not stored as it is" if packed else "a ZIP without an archive/*.warc.gz"
    return _located(stream, entries)


def _located(stream: BinaryIO, entries: list[zipfile.ZipInfo]) -> list[Part] | str:
    size = stream.seek(0, 2)
    end = 0
    parts = []
    for entry in sorted(entries, key=lambda e: e.header_offset):
        stream.seek(max(0, entry.header_offset))
        header = stream.read(LOCAL_HEADER.size)
        if len(header) < LOCAL_HEADER.size or header[:4] != ZIP:
            return f"no entry where the directory says {entry.filename!r} is"
        _, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
        start = entry.header_offset + LOCAL_HEADER.size + name_bytes + extra_bytes
        if entry.header_offset < end or start + entry.file_size > size:
            return f"{entry.filename!r} overlaps another entry or the end"
        end = start + entry.file_size
        parts.append(Part(entry.filename, start, entry.file_size))
    return parts


def _is_archive(name: str) -> bool:
    return name.startswith("archive/") and name.lower().endswith(SUFFIXES)
