"""The fast way through an archive in which nothing is wrong: fastwarc frames the records.

fastwarc stops without a word on some broken files (empty gzip members, a cut gzip trailer), reports a place that is no
record's start when a gzip member holds several records, and looks at a member's checksum only when it goes on to the
next. So a record is given only once the one after it was found where a record can start; the last two, and all from the
first doubt on, are left to `framing.py`.
"""

from collections.abc import Container, Generator
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator

from headwater.warc.limits import Limits
from headwater.warc.record import Record

LZ4 = b"\x04\x22\x4d\x18"
ZSTD = b"\x28\xb5\x2f\xfd"
STARTS = (b"\x1f\x8b\x08", b"WARC/", LZ4, ZSTD)
WINDOW_CHUNKS = 4


class Tap:
    """A stream that remembers what was read last, so that a record's first bytes can be looked at again."""

    def __init__(self, stream: BinaryIO, start: int) -> None:
        self.stream, self.offset = stream, start
        self.chunks: list[tuple[int, bytes]] = []

    def read(self, size: int = -1) -> bytes:
        """As the stream's own."""
        chunk = self.stream.read(size)
        self.chunks = [*self.chunks[1 - WINDOW_CHUNKS :], (self.offset, chunk)]
        self.offset += len(chunk)
        return chunk

    def tell(self) -> int:
        """Bytes of the stream read so far."""
        return self.offset

    def seek(self, offset: int, whence: int = 0) -> int:
        """Not for use: reading is forward only."""
        raise OSError("forward only")

    def close(self) -> None:
        """The stream stays open: it is its owner's."""

    def starts_record(self, offset: int) -> bool:
        """Whether the bytes at `offset` are those with which a record or its gzip member starts."""
        for at, (begin, chunk) in enumerate(self.chunks):
            if begin <= offset < begin + len(chunk):
                following = self.chunks[at + 1][1][:8] if at + 1 < len(self.chunks) else b""
                return (chunk[offset - begin : offset - begin + 8] + following).startswith(STARTS)
        return False


def fast_records(
    stream: BinaryIO, *, name: str, limits: Limits, only: Container[int] | None
) -> Generator[Record, None, int | None]:
    """Records up to the first doubt. Returns the offset of the last one given, None if there was none."""
    stream.seek(0)
    tap = Tap(stream, 0)
    archive = iter(ArchiveIterator(tap, parse_http=False))
    held: Record | None = None
    given: int | None = None
    while True:
        try:
            found = next(archive, None)
        except OSError:
            return given  # whatever it was, the careful way meets it again and says what
        if found is None or found.content_length > limits.max_payload_bytes:
            return given
        offset = found.stream_pos
        if (held is not None and offset <= held.offset) or not tap.starts_record(offset):
            return given
        if held is not None:
            given, held.length = held.offset, offset - held.offset
            if only is None or given in only:
                yield held
        length = found.content_length
        block = found.reader.read()
        fields = found.headers.items_bytes()
        if len(block) != length or (length == 0 and found.headers.get("Content-Length") != "0"):
            return given
        if b"\n" in b"".join([value for _, value in fields]):
            return given  # a bare line feed, which fastwarc takes as part of the value
        held = Record(name, offset, 0, fields, block, limits=limits)
