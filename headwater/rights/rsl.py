"""Licence files of Really Simple Licensing 1.0 (https://rslstandard.org): what they permit and prohibit for a URL.

The XML comes from the web: it is read by Python's expat with no external entity, and a file that declares any entity is
not read at all.
"""

from dataclasses import dataclass
from urllib.parse import urljoin
from xml.parsers import expat

from headwater.rights import url_patterns

VERSION = 1
MEDIA_TYPE = "application/rsl+xml"
MAX_TERMS = 1_000
MAX_DEPTH = 64
MAX_VALUE_CHARS = 200


@dataclass(frozen=True, slots=True)
class Term:
    """One `permits` or `prohibits` of a file: `where` is the URL pattern of its content, `kind` usage, user or geo."""

    where: str
    verb: str
    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.what}"


class _Entity(Exception):
    """The file declares an entity."""


class _Handler:
    """Collects terms; knows the content that it is in and the term whose text it reads."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self._depth = 0
        self._where = ""
        self._open: tuple[str, str] | None = None
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH or len(self.terms) > MAX_TERMS:
            raise _Entity
        bare = name.rsplit(":", 1)[-1]
        if bare == "content":
            self._where = attributes.get("url", "")
        if bare in ("permits", "prohibits"):
            self._open, self._text = (bare, attributes.get("type", "usage")[:20]), []

    def text(self, data: str) -> None:
        if self._open is not None:
            self._text.append(data[:MAX_VALUE_CHARS])

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._open is not None and name.rsplit(":", 1)[-1] == self._open[0]:
            what = " ".join("".join(self._text).replace(",", " ").split())[:MAX_VALUE_CHARS]
            if what:
                self.terms.append(Term(self._where, *self._open, what))
            self._open = None

    def refuse(self, *_: object) -> None:
        raise _Entity


def parse(text: str) -> list[Term]:
    """The terms of a licence file; none where it is no RSL or is not well-formed."""
    handler = _Handler()
    parser = expat.ParserCreate()
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    parser.EntityDeclHandler = handler.refuse
    parser.StartDoctypeDeclHandler = handler.refuse
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, _Entity):
        return []
    return handler.terms


def holding(terms: list[Term], file_url: str, url: str) -> list[Term]:
    """The terms of a file that are about a URL."""
    path = url_patterns.path_of(url)
    return [term for term in terms if _covers(term.where, file_url, path)]


def _covers(where: str, file_url: str, path: str) -> bool:
    try:
        pattern = url_patterns.path_of(urljoin(file_url, where)) if where else "/"
    except ValueError:
        return False
    return url_patterns.matches(pattern, path)
