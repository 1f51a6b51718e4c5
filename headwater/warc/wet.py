"""WET files of Common Crawl: beside a WARC file the plain text of its pages, a conversion record each.

A text belongs to the response that its WARC-Refers-To names (ISO 28500:2017, 5.13), or, where it names none, to the
one with its target URI. The files lie in `wet/` where the WARC files lie in `warc/` (commoncrawl.org/get-started).
"""

import tempfile
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO

from headwater.warc.limits import DEFAULT, Limits
from headwater.warc.reader import Reader


def path_of(path: str) -> str:
    """Where the WET file of the WARC file at `path` lies: `…/wet/NAME.warc.wet.gz` for `…/warc/NAME.warc.gz`."""
    before, folder, name = path.rpartition("/warc/")
    if not folder:
        before, _, name = path.rpartition("/")
        folder = "/" if before else ""
    stem, packed = (name[:-3], ".gz") if name.endswith(".gz") else (name, "")
    return f"{before}{folder.replace('/warc/', '/wet/')}{stem}.wet{packed}"


@dataclass(frozen=True, slots=True)
class Conversion:
    """A page's text as bytes, UTF-8 as a rule. `problem` is what is wrong with the record, as in `Record`."""

    data: bytes
    problem: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    length: int
    problem: str | None
    detail: str | None


class Conversions:
    """The conversions of one WET file, read once and held in a temporary file, so that memory does not grow with it.

    Of two that claim the same page the first counts.
    """

    def __init__(self, stream: BinaryIO, *, name: str, limits: Limits = DEFAULT) -> None:
        self._texts = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._by_id: dict[str, _Place] = {}
        self._by_url: dict[str, _Place] = {}
        end = 0
        for record in Reader(stream, name=name, limits=limits):
            if record.record_type != "conversion":
                continue
            body = record.payload()
            place = _Place(end, self._texts.write(body), record.problem, record.detail)
            end += place.length
            source = record.warc_header(b"warc-refers-to")
            if source is not None:
                self._by_id.setdefault(source, place)
            elif record.url is not None:
                self._by_url.setdefault(record.url, place)

    def __enter__(self) -> "Conversions":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._texts.close()

    def __len__(self) -> int:
        return len(self._by_id) + len(self._by_url)

    def of(self, record_id: str | None, url: str | None) -> Conversion | None:
        """The text of the response with this record id and URL, or None."""
        place = self._by_id.get(record_id or "") or self._by_url.get(url or "")
        if place is None:
            return None
        self._texts.seek(place.start)
        return Conversion(self._texts.read(place.length), place.problem, place.detail)
