"""A document for people, before it has a form: sections of fields, and numbers that know the query behind them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from headwater.report.numbers import Facts, Listing, Number, Value

State = Literal["recorded", "given", "not applicable", "optional", "missing"]
NAMED = re.compile(r"\{([a-z_.]+)\}")


@dataclass(frozen=True)
class Ref:
    """A number in a text: the name of its query, and how it is written."""

    name: str
    shown: str


@dataclass(frozen=True)
class Text:
    """A paragraph: words and numbers."""

    runs: tuple[str | Ref, ...]

    def plain(self) -> str:
        """Its words alone."""
        return "".join(run if isinstance(run, str) else run.shown for run in self.runs)


@dataclass(frozen=True)
class Link:
    """A paragraph that is one link, shown by its label."""

    label: str
    target: str


@dataclass(frozen=True)
class Rows:
    """A table: the rows of one listing, headed in words."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


Block = Text | Link | Rows


@dataclass(frozen=True)
class Field:
    """One question of a document, with where its answer comes from."""

    id: str
    title: str
    state: State
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Section:
    """Fields under one heading."""

    id: str
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Page:
    """A whole document. `header` are label and value pairs; `todo` is how a field that is missing is marked."""

    title: str
    subtitle: str
    header: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    facts: Facts
    todo: str = "missing"
    notes: tuple[str, ...] = ()

    def fields(self) -> list[Field]:
        """Every field, in order."""
        return [entry for section in self.sections for entry in section.fields]

    @property
    def completeness(self) -> tuple[int, int]:
        """How many fields have an answer, and how many there are; an optional one that is empty counts for neither."""
        found = [entry for entry in self.fields() if entry.state != "optional"]
        return sum(f.state != "missing" for f in found), len(found)

    def cited(self) -> list[Number | Listing]:
        """The numbers that it says, in order of their first place."""
        seen: dict[str, Number | Listing] = {}
        for entry in self.fields():
            for name in _names(entry.blocks):
                seen.setdefault(name, self.facts.numbers.get(name) or self.facts.listings[name])
        return list(seen.values())

    def to_json(self) -> dict[str, Any]:
        """The document as data; each number is named, and explained under `numbers`."""
        answered, total = self.completeness
        return {
            "title": self.title,
            "subtitle": self.subtitle,
            "header": dict(self.header),
            "completeness": {"answered": answered, "fields": total, "share": round(answered / max(total, 1), 4)},
            "sections": [_section(section, self.todo) for section in self.sections],
            "notes": list(self.notes),
            "views": {"training": self.facts.definition},
            "numbers": [_cited(entry) for entry in self.cited()],
        }


def said(facts: Facts, text: str) -> Text:
    """A paragraph with the numbers that it names in braces, such as `{training.documents}`."""
    runs: list[str | Ref] = []
    end = 0
    for found in NAMED.finditer(text):
        runs += [text[end : found.start()], number(facts, found[1])]
        end = found.end()
    return Text(tuple(run for run in [*runs, text[end:]] if run != ""))


def number(facts: Facts, name: str) -> Ref:
    """A number as it is written in a text."""
    return Ref(name, shown(facts.numbers[name].value))


def shown(value: Value) -> str:
    """A value for people: thousands apart, a time as its date."""
    if value is None:
        return "none"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return value[:10] if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?", value) else value


def month(value: Value) -> str:
    """A time as MM/YYYY, which is what the template of the AI Office asks for."""
    text = str(value or "")
    return f"{text[5:7]}/{text[:4]}" if len(text) >= 7 else "none"


def rows(facts: Facts, name: str, columns: Sequence[tuple[str, str]], limit: int | None = None) -> Rows:
    """A listing as a table: pairs of its column and the heading for it."""
    listing = facts.listings[name]
    picked = zip(*(listing.column(column) for column, _ in columns), strict=True)
    return Rows(name, tuple(heading for _, heading in columns), tuple(picked)[:limit])


def words(text: str) -> Text:
    """A paragraph without numbers."""
    return Text((text,))


def recorded(id: str, title: str, *blocks: Block) -> Field:
    """A field that the lake answers."""
    return Field(id, title, "recorded", blocks)


def given(id: str, title: str, answer: str | bool | Iterable[str] | None, *blocks: Block) -> Field:
    """A field that people answer; missing until they do."""
    if answer is None or answer == "" or answer == ():
        return Field(id, title, "missing", blocks)
    if isinstance(answer, bool):
        return Field(id, title, "given", (words("Yes." if answer else "No."), *blocks))
    text = " ".join((answer if isinstance(answer, str) else ", ".join(answer)).split())
    if text.strip().lower().rstrip(".") == "not applicable":
        return Field(id, title, "not applicable", (words("Not applicable."), *blocks))
    return Field(id, title, "given", (linked(text), *blocks))


def linked(text: str) -> Block:
    """A paragraph; a link where the text is nothing but an address of the web."""
    return Link(text, text) if re.fullmatch(r"https?://[^\s<>\"']+", text) else words(text)


def not_applicable(id: str, title: str, why: str, *blocks: Block) -> Field:
    """A field that cannot apply to what a release is, and why."""
    return Field(id, title, "not applicable", (words(f"Not applicable: {why}"), *blocks))


def _names(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, Rows):
            yield block.name
        elif isinstance(block, Text):
            yield from (run.name for run in block.runs if isinstance(run, Ref))


def _section(section: Section, todo: str) -> dict[str, Any]:
    return {"id": section.id, "title": section.title, "fields": [_field(entry, todo) for entry in section.fields]}


def _field(entry: Field, todo: str) -> dict[str, Any]:
    state = todo if entry.state == "missing" else entry.state
    return {"id": entry.id, "title": entry.title, "state": state, "answer": [_block(block) for block in entry.blocks]}


def _block(block: Block) -> Any:
    if isinstance(block, Link):
        return {"label": block.label, "link": block.target}
    if isinstance(block, Rows):
        return {"listing": block.name, "columns": list(block.columns), "rows": [list(row) for row in block.rows]}
    names = [run.name for run in block.runs if isinstance(run, Ref)]
    return {"text": block.plain(), **({"numbers": names} if names else {})}


def _cited(entry: Number | Listing) -> dict[str, Any]:
    said = {"name": entry.name, "what": entry.what, "query": entry.query, "tables": list(entry.tables)}
    return {**said, "value": entry.value, "unit": entry.unit} if isinstance(entry, Number) else said
