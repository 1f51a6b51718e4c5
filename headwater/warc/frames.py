"""Records of LZ4 and Zstandard archives, which only fastwarc unpacks (LZ4 frame format, RFC 8878).

There is no way to read on after damage here: the file is given up at that point, and the state says so.
"""

from collections.abc import Container, Generator
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord

from headwater.warc.fast import Tap
from headwater.warc.framing import KEPT_OF_LARGE
from headwater.warc.limits import Limits
from headwater.warc.record import Record

Stop = tuple[str, int, str]


def framed_records(
    stream: BinaryIO, *, name: str, limits: Limits, only: Container[int] | None = None, start: int = 0
) -> Generator[Record, None, Stop | None]:
    """Records from `start` on. Returns state, offset and detail where the file is not complete."""
    size = stream.seek(0, 2)
    stream.seek(start)
    archive = iter(ArchiveIterator(Tap(stream, 0), parse_http=False))
    held: Record | None = None
    stop: Stop | None = None
    while stop is None:
        end = held.offset if held else start
        try:
            found = next(archive, None)
        except OSError as error:
            stop = ("corrupt" if held else "unreadable", end, str(error))
            break
        if found is None:
            break
        offset = start + found.stream_pos
        if held is not None and offset <= held.offset:
            stop = ("corrupt", end, "records that share a frame have no place of their own")
            break
        if held is not None:
            held.length = offset - held.offset
            if only is None or held.offset in only:
                yield held
        held = _record(found, name, offset, limits)
        if held.problem == "truncated":
            stop = ("truncated", offset, held.detail or "")
    if held is not None:
        held.length = size - held.offset
        if only is None or held.offset in only:
            yield held
    return stop or (None if held else ("unreadable", start, "no record in it"))


def framed_record(stream: BinaryIO, offset: int, *, name: str, limits: Limits) -> Record | None:
    """The record whose frame starts at `offset`."""
    return next(framed_records(stream, name=name, limits=limits, start=offset), None)


def _record(found: WarcRecord, name: str, offset: int, limits: Limits) -> Record:
    wanted = found.content_length
    large = wanted > limits.max_payload_bytes
    fields = found.headers.items_bytes()
    record = Record(name, offset, 0, fields, b"", limits=limits)
    try:
        record.block = found.reader.read(KEPT_OF_LARGE if large else wanted)
    except OSError as error:
        record.blame("truncated", str(error))
    if large:
        record.blame("payload_too_large", f"{wanted} bytes, at most {limits.max_payload_bytes}")
    elif len(record.block) < wanted:
        record.blame("truncated", f"the file ends after {len(record.block)} of {wanted} bytes")
    return record
