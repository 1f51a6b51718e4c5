"""Reading the records of one archive file: WARC or ARC, plain, gzip by record or as a whole, LZ4, WACZ.

reader = Reader(stream, name="CC-00001.warc.gz")
for record in reader:
    ...
reader.state            # FileState(state="complete", offset=None, detail=None)
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from headwater.errors import NotFound
from headwater.warc.fast import LZ4, ZSTD, fast_records
from headwater.warc.framing import Framer, Notes
from headwater.warc.limits import DEFAULT, Limits
from headwater.warc.packing import UNPACKED, unpacked
from headwater.warc.record import Record
from headwater.warc.wacz import ZIP, wacz_parts


@dataclass(frozen=True, slots=True)
class FileState:
    """What became of a file.

    * complete: every byte was read, and every gzip checksum held
    * truncated: cut inside the record at `offset`; all before it are whole
    * corrupt: damage at `offset`, the first of perhaps several; what could be read after it was
    * empty: no bytes, or nothing but padding
    * unreadable: not an archive
    """

    state: str
    offset: int | None = None
    detail: str | None = None


class Reader:
    """Iterate once over the records; then `state` tells what became of the file. Records are given in file order.

    `only` limits what is given to records at these offsets. The stream must be seekable and stays open.
    """

    def __init__(
        self, stream: BinaryIO, *, name: str, limits: Limits = DEFAULT, only: Container[int] | None = None
    ) -> None:
        self.name, self.limits = name, limits
        self._stream, self._only = stream, only
        self._state: FileState | None = None

    @property
    def state(self) -> FileState:
        """The file's state, known after the last record."""
        assert self._state is not None, "the reader has not come to the end"
        return self._state

    def __iter__(self) -> Iterator[Record]:
        self._stream.seek(0)
        magic = self._stream.read(4)
        if magic == ZIP:
            yield from self._parts()
        elif magic in (LZ4, ZSTD):
            yield from self._frames()
        else:
            yield from self._records()

    def _records(self) -> Iterator[Record]:
        notes = Notes()
        given = yield from fast_records(self._stream, name=self.name, limits=self.limits, only=self._only)
        source = unpacked(self._stream, start=given or 0, limits=self.limits)
        notes.records = given is not None
        unclear: list[Record] = []
        for record in Framer(source, self.name, notes):
            if notes.records == 0 and record.problem != "truncated":
                unclear.append(record)  # held back: if no record ever follows, this is no archive
                continue
            for one in (*unclear, record):
                if (given is None or one.offset > given) and (self._only is None or one.offset in self._only):
                    yield one
            unclear = []
        self._state = _state(notes, source.size, bool(unclear))

    def _frames(self) -> Iterator[Record]:
        """LZ4 and Zstandard, as far as fastwarc goes; there is no other way to read on after damage."""
        from headwater.warc.frames import framed_records

        problem = yield from framed_records(self._stream, name=self.name, limits=self.limits, only=self._only)
        self._state = FileState(*problem) if problem else FileState("complete")

    def _parts(self) -> Iterator[Record]:
        parts = wacz_parts(self._stream, limits=self.limits)
        if isinstance(parts, str):
            self._state = FileState("unreadable", 0, parts)
            return
        states: list[FileState] = []
        for part in parts:
            inner = Reader(part.open(self._stream), name=self.name, limits=self.limits)
            for record in inner:
                record.offset += part.start
                if self._only is None or record.offset in self._only:
                    yield record
            offset = None if inner.state.offset is None else inner.state.offset + part.start
            states.append(
                FileState(inner.state.state, offset, f"{part.name}: {inner.state.detail or inner.state.state}")
            )
        broken = [s for s in states if s.state != "complete"]
        self._state = broken[0] if broken else FileState("complete")


def read_records(
    stream: BinaryIO, *, name: str, limits: Limits = DEFAULT, only: Container[int] | None = None
) -> Iterator[Record]:
    """The records of one archive file, when its state does not matter."""
    return iter(Reader(stream, name=name, limits=limits, only=only))


def read_at(stream: BinaryIO, offset: int, *, name: str, limits: Limits = DEFAULT) -> Record:
    """The record at an offset that a Reader gave. A record inside a shared gzip member costs a pass from the start."""
    stream.seek(offset if offset < UNPACKED else 0)
    magic = stream.read(4)
    if magic in (LZ4, ZSTD):
        from headwater.warc.frames import framed_record

        found = framed_record(stream, offset, name=name, limits=limits)
    else:
        start = offset if offset < UNPACKED else 0
        records = Framer(unpacked(stream, start=start, limits=limits), name, Notes())
        found = next((r for r in records if offset < UNPACKED or r.offset == offset), None)
    if found is None or found.offset != offset:
        raise NotFound(f"no record at offset {offset} of {name}")
    return found


def _state(notes: Notes, size: int, unclear: bool) -> FileState:
    if unclear:
        return FileState("unreadable", 0, "no WARC or ARC record in it")
    if not notes.found:
        return FileState("complete" if notes.records else "empty")
    problem, offset, detail = notes.found[0]
    more = f", and {len(notes.found) - 1} more" if len(notes.found) > 1 else ""
    if problem == "truncated" and not more:
        return FileState("truncated", offset, detail)
    return FileState("corrupt", offset, f"{problem}: {detail}{more}")
