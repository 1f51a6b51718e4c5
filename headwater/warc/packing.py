"""The unpacked bytes of a plain or gzip archive, and where in the file each of them lies (RFC 1952)."""

import zlib
from bisect import bisect_left
from dataclasses import dataclass
from typing import BinaryIO

from headwater.warc.limits import DEFAULT, Limits

CHUNK = 1 << 16
UNPACKED_CHUNK = 1 << 18
SALVAGE_STEP = 1 << 10
GZIP = b"\x1f\x8b"
GZIP_MEMBER = b"\x1f\x8b\x08"
BLANK = b"\r\n\0"
ARCHIVE_STARTS = (b"WARC/", b"filedesc:", b"http:", b"https:", b"ftp:", b"dns:")

UNPACKED = 1 << 48
"""Added to the offset of a record that shares a gzip member with an earlier one: the rest is its place in the unpacked
stream, the only address it has. Any smaller offset is a place in the file where reading can start."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Why unpacking stopped before the end: at file offset `offset`, where the stream had reached `position`."""

    problem: str
    offset: int
    position: int
    detail: str


class Plain:
    """Unpacked bytes as one stream with a cursor; here the file itself. Nothing before the mark is kept."""

    def __init__(self, stream: BinaryIO, *, start: int = 0, limits: Limits = DEFAULT) -> None:
        self.stream = stream
        self.limits = limits
        self.size = stream.seek(0, 2)
        self.start = start
        self.damage: Damage | None = None
        self._buffer = bytearray()
        self._cursor = 0
        self._base = 0
        stream.seek(start)

    @property
    def position(self) -> int:
        """Where the cursor is in the unpacked stream."""
        return self._base + self._cursor

    def fill(self, wanted: int) -> int:
        """Have at least `wanted` bytes ahead of the cursor if the file gives them; the number there are."""
        while len(self._buffer) - self._cursor < wanted and self.damage is None and self._more():
            pass
        return len(self._buffer) - self._cursor

    def ahead(self, count: int) -> bytes:
        """Up to `count` bytes at the cursor, which stays."""
        self.fill(count)
        return bytes(self._buffer[self._cursor : self._cursor + count])

    def find(self, needle: bytes, within: int) -> int:
        """How far ahead `needle` ends, or -1 if it does not within `within` bytes."""
        reach = 1024
        while True:
            reach = min(reach * 4, within)
            there = self.fill(reach)
            found = self._buffer.find(needle, self._cursor, self._cursor + min(reach, within))
            if found >= 0:
                return found - self._cursor + len(needle)
            if there < reach or reach == within:
                return -1

    def take(self, count: int) -> bytes:
        """Up to `count` bytes, moving past them."""
        taken = self.ahead(count)
        self._cursor += len(taken)
        return taken

    def skip(self, count: int) -> int:
        """Move past up to `count` bytes without keeping them; the number there were."""
        left = count
        while left and (there := min(self.fill(min(left, CHUNK)), left)):
            self._cursor += there
            left -= there
            self._forget()
        return count - left

    def skip_blank(self) -> int:
        """Move past line ends and zero padding; the number of line ends."""
        lines, reach = 0, 64
        while self.fill(1):
            rest = bytes(self._buffer[self._cursor : self._cursor + reach])
            solid = len(rest) - len(rest.lstrip(BLANK))
            lines += rest.count(b"\n", 0, solid)
            self._cursor += solid
            if solid < len(rest):
                break
            reach = CHUNK
            self._forget()
        return lines

    def rewind(self, position: int) -> None:
        """Go back to a position after the mark."""
        self._cursor = position - self._base

    def mark(self) -> None:
        """A record starts here: what lies before may be forgotten."""
        if self._cursor > UNPACKED_CHUNK:
            self._forget()

    def starts_between(self, low: int, high: int) -> list[int]:
        """Positions in low..high, both excluded, where a gzip member starts."""
        return []

    def offset(self) -> int:
        """The address of the cursor: in the file if reading can start there."""
        return self.start + self.position

    def end(self) -> int:
        """Where in the file the bytes before the cursor end."""
        return self.start + self.position

    def resume(self) -> bool:
        """After damage: go to the next place where reading can start. False if there is none."""
        return False

    def _more(self) -> bool:
        chunk = self.stream.read(CHUNK)
        self._buffer += chunk
        return bool(chunk)

    def _forget(self) -> None:
        del self._buffer[: self._cursor]
        self._base += self._cursor
        self._cursor = 0


class Gzip(Plain):
    """The same over gzip members; damage ends one member, and reading can resume at the next."""

    def __init__(self, stream: BinaryIO, *, start: int = 0, limits: Limits = DEFAULT) -> None:
        super().__init__(stream, start=start, limits=limits)
        self._packed = b""
        self._inflater: zlib._Decompress | None = None
        self._pending = False
        self._starts: list[int] = []
        self._offsets: list[int] = []
        self._member_end = start
        self._reread = 0
        self._earlier: int | None = None if start else 0
        self._record = (0, start)

    def mark(self) -> None:
        super().mark()
        if len(self._starts) > 4096:
            keep = bisect_left(self._starts, self._base)
            del self._starts[:keep], self._offsets[:keep]
        self._record = (self.position, self._read_to())

    def starts_between(self, low: int, high: int) -> list[int]:
        return [p for p in self._starts[bisect_left(self._starts, low + 1) :] if p < high]

    def offset(self) -> int:
        self.fill(1)
        at = bisect_left(self._starts, self.position)
        if at < len(self._starts) and self._starts[at] == self.position:
            return self._offsets[at]
        return UNPACKED + self._before_start() + self.position

    def end(self) -> int:
        return self._member_end if self._inflater is None else self._read_to()

    def resume(self) -> bool:
        assert self.damage is not None
        self._reread += self._read_to() - self.damage.offset
        exhausted = self._reread > self.limits.reread_factor * self.size + CHUNK
        found = None if exhausted else self._next_member(self.damage.offset + 1)
        self._cursor = len(self._buffer)
        self._forget()
        self.damage, self._inflater, self._packed, self._pending = None, None, b"", False
        self.stream.seek(self.size if found is None else found)
        return found is not None

    def _more(self) -> bool:
        if self._inflater is None and not self._open_member():
            return False
        assert self._inflater is not None
        packed = self._packed or (b"" if self._pending else self.stream.read(CHUNK))
        if not packed and not self._pending:
            return self._stop("truncated", "the file ends inside a gzip member")
        try:
            unpacked = self._inflater.decompress(packed, UNPACKED_CHUNK)
        except zlib.error as error:
            self._salvage()
            return self._stop("bad_gzip", str(error))
        self._buffer += unpacked
        self._pending = len(unpacked) == UNPACKED_CHUNK
        self._packed = self._inflater.unconsumed_tail
        if self._inflater.eof:
            self._packed, self._inflater, self._pending = self._inflater.unused_data, None, False
            self._member_end = self._read_to()
        return not self._is_bomb() or self._stop("payload_too_large", "unpacks beyond any honest ratio")

    def _salvage(self) -> None:
        """Unpack the damaged member again in small steps: a step that fails gives nothing, not even what was sound."""
        have = self._base + len(self._buffer) - self._starts[-1]
        self._reread += self._read_to() - self._offsets[-1]
        self.stream.seek(self._offsets[-1])
        given, intact = 0, zlib.decompressobj(31)
        packed = self.stream.read(SALVAGE_STEP)
        while packed:
            inflater = intact.copy()
            try:
                unpacked = inflater.decompress(packed)
            except zlib.error:
                if len(packed) == 1:
                    return
                self.stream.seek(1 - len(packed), 1)  # the damage is in this step: go on byte by byte
                packed = packed[:1]
                continue
            self._buffer += unpacked[max(0, have - given) :]
            given, intact = given + len(unpacked), inflater
            packed = self.stream.read(len(packed))

    def _open_member(self) -> bool:
        self._packed = self._packed.lstrip(b"\0")
        while not self._packed:
            chunk = self.stream.read(CHUNK)
            if not chunk:
                return False
            self._packed = chunk.lstrip(b"\0")
        if len(self._packed) < len(GZIP):
            self._packed += self.stream.read(CHUNK)
        offset, position = self._read_to(), self._base + len(self._buffer)
        if self._starts and self._starts[-1] == position:
            self._offsets[-1] = offset  # the member before was empty
        else:
            self._starts.append(position)
            self._offsets.append(offset)
        if not self._packed.startswith(GZIP[: len(self._packed)]):
            return self._stop("not_a_record", "bytes that are not a gzip member")
        self._inflater = zlib.decompressobj(31)
        return True

    def _stop(self, problem: str, detail: str) -> bool:
        self.damage = Damage(problem, self._offsets[-1], self._starts[-1], detail)
        return False

    def _is_bomb(self) -> bool:
        unpacked = self._base + len(self._buffer) - self._record[0]
        if unpacked <= self.limits.bomb_bytes:
            return False
        return unpacked > self.limits.bomb_ratio * (self._read_to() - self._record[1] + CHUNK)

    def _read_to(self) -> int:
        return self.stream.tell() - len(self._packed)

    def _before_start(self) -> int:
        """Unpacked length of what lies before `start`: only files with shared members need it."""
        if self._earlier is None:
            here = self.stream.tell()
            before = Gzip(self.stream, limits=self.limits)
            while not before._offsets or before._offsets[-1] < self.start:
                before.mark()
                if not before.skip(CHUNK) and (before.damage is None or not before.resume()):
                    break
            self._earlier = before._starts[bisect_left(before._offsets, self.start, hi=len(before._offsets) - 1)]
            self.stream.seek(here)
        return self._earlier

    def _next_member(self, offset: int) -> int | None:
        """The next file offset where a gzip member starts and its first bytes look like an archive's."""
        self.stream.seek(offset)
        window = b""
        while chunk := self.stream.read(CHUNK):
            window += chunk
            at = window.find(GZIP_MEMBER)
            while at >= 0:
                if at + 512 > len(window) and (extra := self.stream.read(CHUNK)):
                    window += extra
                if _opens_like_archive(window[at : at + 512]):
                    return offset + at
                at = window.find(GZIP_MEMBER, at + 1)
            keep = len(GZIP_MEMBER) - 1
            offset += len(window) - keep
            window = window[-keep:]
        return None


def unpacked(stream: BinaryIO, *, start: int = 0, limits: Limits = DEFAULT) -> Plain:
    """The archive from `start` on, by what its first bytes are; where those are damaged, by what follows."""
    stream.seek(start)
    first = stream.read(CHUNK)
    packed = first[:2] in (GZIP, GZIP[:1]) or (not _is_archive(first) and _holds_member(first))
    return (Gzip if packed else Plain)(stream, start=start, limits=limits)


def _is_archive(start: bytes) -> bool:
    return start.lstrip(BLANK).startswith(ARCHIVE_STARTS)


def _holds_member(window: bytes) -> bool:
    at = window.find(GZIP_MEMBER)
    while at >= 0 and not _opens_like_archive(window[at : at + 512]):
        at = window.find(GZIP_MEMBER, at + 1)
    return at >= 0


def _opens_like_archive(packed: bytes) -> bool:
    try:
        return _is_archive(zlib.decompressobj(31).decompress(packed, 16))
    except zlib.error:
        return False
