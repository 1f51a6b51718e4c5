"""Finding records in unpacked bytes, however damaged: every byte belongs to a record or to padding (ISO 28500, ARC).

This is the careful way: checksums are verified, a wrong length is noticed, and after damage reading goes on where the
next record starts. `fast.py` gives the same records sooner where nothing is wrong.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from headwater.warc.arc import MAX_LINE_BYTES, arc_fields
from headwater.warc.http import head_end
from headwater.warc.packing import CHUNK, UNPACKED, Damage, Gzip, Plain
from headwater.warc.record import Fields, Record

VERSION_LINE = re.compile(rb"WARC/[^\n]{1,32}\n", re.IGNORECASE)
NEXT_RECORD = re.compile(rb"(?<=\n)WARC/\d+\.\d+[ \t]*\r?\n(?=WARC-|Content-)", re.IGNORECASE)
POSSIBLE_START = re.compile(
    rb"(?<=\n)(?:[Ww][Aa][Rr][Cc]/\d|[A-Za-z][A-Za-z0-9+.-]{1,15}:[^\n]{1,4096} (?:\d{8}|null))"
)
MAGIC = b"WARC/"
KEPT_OF_LARGE = 1 << 16
HARMLESS = ("payload_too_large", None)


@dataclass(slots=True)
class Notes:
    """What was wrong with a file: (problem, offset, detail) in file order, and whether a record was recognised."""

    found: list[tuple[str, int, str]] = field(default_factory=list)
    records: int = 0

    def add(self, problem: str | None, offset: int, detail: str | None) -> None:
        """Remember damage; a record that is merely too large is none."""
        if problem is not None and problem not in HARMLESS:
            self.found.append((problem, offset, detail or ""))


@dataclass(frozen=True, slots=True)
class Header:
    """A record's header: its fields, declared length of the block, or what is wrong."""

    fields: Fields
    length: int | None
    arc: bool = False
    problem: str | None = None
    detail: str | None = None


class Framer:
    """Records of one file, in order. `notes` says what was wrong with it."""

    def __init__(self, source: Plain, name: str, notes: Notes) -> None:
        self.source, self.name, self.notes = source, name, notes
        self.limits = source.limits
        self.arc: bool | None = None

    def __iter__(self) -> Iterator[Record]:
        while True:
            self.source.skip_blank()
            if self.source.fill(1):
                yield self._next()
            elif (damage := self.source.damage) is not None:
                yield self._lost(damage)
            else:
                return

    def _lost(self, damage: Damage) -> Record:
        """A stretch of the file of which nothing could be unpacked."""
        self.notes.add(damage.problem, damage.offset, damage.detail)
        length = self._resume(damage.offset)
        return Record(self.name, damage.offset, length, (), b"", damage.problem, damage.detail, self.limits)

    def _resume(self, offset: int) -> int:
        """After damage: go on at the next member; bytes of the file from `offset` to there."""
        return (self.source.offset() if self.source.resume() else self.source.size) - offset

    def _next(self) -> Record:
        self.source.mark()
        position, offset = self.source.position, self.source.offset()
        header = self._header()
        if header is None:
            return self._unreadable(position, offset)
        self.notes.records += 1
        self.arc = header.arc if self.arc is None else self.arc
        block, problem, detail = self._block(header)
        if problem in (None, "bad_length"):
            problem, detail, block = self._follow(header, position, block, problem, detail)
        self.notes.add(problem, offset, detail)
        length = self._length(position, offset, problem)
        return Record(self.name, offset, length, header.fields, block, problem, detail, self.limits)

    def _length(self, position: int, offset: int, problem: str | None) -> int:
        """Bytes the record takes: in the file, or in the unpacked stream where that is its address."""
        source = self.source
        damage = source.damage
        if damage is not None and not source.fill(1) and (damage.position <= position or problem == damage.problem):
            if offset >= UNPACKED:
                length = source.position - position
                source.resume()
                return length
            return self._resume(offset)
        if offset >= UNPACKED:
            return source.position - position
        if source.fill(1) and (after := source.offset()) < UNPACKED:
            return after - offset
        return (damage.offset if damage is not None else source.end()) - offset

    def _header(self) -> Header | None:
        if self._at_magic():
            return self._warc_header()
        end = self.source.find(b"\n", MAX_LINE_BYTES)
        fields = arc_fields(self.source.ahead(end)) if end > 0 and self.arc is not False else None
        if fields is None:
            return None
        self.source.take(end)
        return Header(fields, _length_of(fields), arc=True)

    def _at_magic(self) -> bool:
        """Whether `WARC/` comes next, or what there is of it before the data ends."""
        start = self.source.ahead(len(MAGIC)).upper()
        if start == MAGIC:
            return True
        cut = type(self.source) is Plain or self.source.damage is not None
        return cut and start == MAGIC[: len(start)]

    def _warc_header(self) -> Header | None:
        limit = self.limits.max_header_bytes
        version = self.source.find(b"\n", 64)
        if version > 0 and not VERSION_LINE.match(self.source.ahead(version)):
            return None
        lines = self._header_bytes(limit)
        if lines is None:
            if self.source.fill(limit) >= limit:
                self.source.take(len(MAGIC))
                self._resync()
                return Header((), None, problem="header_too_long", detail=f"no end of headers in {limit} bytes")
            lines = self.source.take(limit)
            damage = self.source.damage
            problem, detail = (
                (damage.problem, damage.detail) if damage else ("truncated", "the file ends inside a header")
            )
            return Header(_warc_fields(lines), None, problem=problem, detail=detail)
        fields = _warc_fields(lines)
        return Header(fields, _length_of(fields))

    def _header_bytes(self, limit: int) -> bytes | None:
        reach = 2048
        while True:
            reach = min(2 * reach, limit)
            lines = self.source.ahead(reach)
            if (end := head_end(lines, reach)) >= 0:
                return self.source.take(end)
            if len(lines) < reach or reach == limit:
                return None

    def _block(self, header: Header) -> tuple[bytes, str | None, str | None]:
        if header.problem is not None:
            return b"", header.problem, header.detail
        if header.length is None:
            return b"", "bad_length", "Content-Length is missing or no number"
        if header.length <= self.limits.max_payload_bytes:
            block = self.source.take(header.length)
            return block, *self._shortage(header.length, len(block))
        block = self.source.take(KEPT_OF_LARGE)
        there = len(block) + self.source.skip(header.length - len(block))
        problem, detail = self._shortage(header.length, there)
        if problem is None:
            problem, detail = "payload_too_large", f"{header.length} bytes, at most {self.limits.max_payload_bytes}"
        return block, problem, detail

    def _shortage(self, wanted: int, there: int) -> tuple[str | None, str | None]:
        if there == wanted:
            return None, None
        if (damage := self.source.damage) is not None:
            return damage.problem, damage.detail
        if type(self.source) is Gzip:
            return "bad_length", f"Content-Length {wanted}, {there} bytes there"
        return "truncated", f"the file ends after {there} of {wanted} bytes"

    def _follow(
        self, header: Header, position: int, block: bytes, problem: str | None, detail: str | None
    ) -> tuple[str | None, str | None, bytes]:
        """Check that a record or the end comes next; if not, the length was wrong: go to where the next one starts."""
        after = self.source.position
        lines = self.source.skip_blank()
        damage = self.source.damage
        if damage is not None and not self.source.fill(1) and damage.position < after:
            return damage.problem, damage.detail, block
        if self.source.fill(1) == 0 or self._at_record():
            if problem is None:
                self._check_end(header, position, lines)
            return problem, detail, block
        if (swallowed := self._swallowed(position, after - len(block), after, block)) is not None:
            self.source.rewind(swallowed)
            kept = block[: max(0, swallowed - after + len(block))]
            return "bad_length", "Content-Length reaches into the next record", kept.rstrip(b"\r\n")
        skipped = self._resync()
        return "bad_length", detail or f"{skipped} bytes more than Content-Length {header.length} says", block

    def _check_end(self, header: Header, position: int, lines: int) -> None:
        """A plain WARC that ends without the two line ends was cut, though its last record is whole."""
        if type(self.source) is Plain and not header.arc and lines < 2 and not self.source.fill(1):
            offset = self.source.start + position
            self.notes.add("truncated", offset, "the line ends that close the last record are missing")

    def _swallowed(self, position: int, low: int, high: int, block: bytes) -> int | None:
        """Where a next record starts inside the block, if its length was too large."""
        for start in self.source.starts_between(position, high):
            if start >= low and VERSION_LINE.match(block, start - low):
                return start
        found = NEXT_RECORD.search(block)
        return low + found.start() if found else None

    def _at_record(self) -> bool:
        if self._at_magic():
            end = self.source.find(b"\n", 64)
            return self.arc is not True and (end < 0 or VERSION_LINE.match(self.source.ahead(end)) is not None)
        end = self.source.find(b"\n", MAX_LINE_BYTES) if self.arc is not False else -1
        return end > 0 and arc_fields(self.source.ahead(end)) is not None

    def _resync(self) -> int:
        """Go to the next place where a record starts, or to the end; the number of bytes passed over."""
        source, begin = self.source, self.source.position
        while there := source.fill(CHUNK + MAX_LINE_BYTES):
            window = source.ahead(there)
            here = source.position
            starts = [s - here for s in source.starts_between(here, here + there)]
            candidates = sorted({m.start() for m in POSSIBLE_START.finditer(window, 1)} | set(starts))
            for candidate in candidates:
                source.rewind(here + candidate)
                if self._at_record():
                    return source.position - begin
            source.rewind(here)
            source.skip(there if there <= MAX_LINE_BYTES else there - MAX_LINE_BYTES)
        return source.position - begin

    def _unreadable(self, position: int, offset: int) -> Record:
        """Bytes that are no record, up to where the next one starts."""
        self._resync()
        problem, detail = "not_a_record", "neither a WARC nor an ARC header"
        if (damage := self.source.damage) is not None and not self.source.fill(1) and damage.position <= position:
            problem, detail = damage.problem, damage.detail
        self.notes.add(problem, offset, detail)
        length = self._length(position, offset, problem)
        return Record(self.name, offset, length, (), b"", problem, detail, self.limits)


def _length_of(fields: Fields) -> int | None:
    value = next((v for k, v in fields if k.lower() == b"content-length"), b"").strip()
    return int(value) if value.isdigit() and len(value) < 19 else None


def _warc_fields(lines: bytes) -> Fields:
    fields: list[tuple[bytes, bytes]] = []
    for line in lines.split(b"\n")[1:]:
        name, colon, value = line.partition(b":")
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] = (fields[-1][0], (fields[-1][1] + b" " + line.strip()).strip())
        elif colon:
            fields.append((name.strip(), value.strip()))
    return tuple(fields)
