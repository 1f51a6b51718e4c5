"""What a recipe's filters and editors, in their order, make of texts: kept as edited, or dropped by the first rule.

Signals were measured on texts as extracted. After an editor a filter sees the signals of the edited text: those that it
asks for are measured anew, for the texts that were changed and are not dropped yet.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater import editing, registry
from headwater.document import Finding
from headwater.errors import HeadwaterError, UnknownName
from headwater.lake.tables import EDIT, SIGNALS
from headwater.verdict import Verdict, Verdicts, checked

VERSION = 1
SHELVES = ("filters", "editors")
# The columns that are no numbers.
WORDS = ("language", "url", "domain", "text")
REMOVED = ("removed_word_ratio", "removed_dclm_word_ratio", "removed_char_ratio")
FACTS = (*WORDS, "language_score", "language_agrees", "chars")
COLUMNS = frozenset((*SIGNALS, *FACTS, *REMOVED))
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Used:
    """One filter or editor as a recipe uses it; `by_language` holds all options for documents of a language."""

    shelf: str
    name: str
    options: Mapping[str, Any]
    by_language: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Curated:
    """What became of n texts. A text that was dropped is as the editors before its rule left it."""

    verdict: Verdict
    text: pa.Array
    edits: pa.ListArray


class StepFailed(Exception):
    """A step raised on a batch of texts."""

    def __init__(self, step: str, error: BaseException) -> None:
        super().__init__(step, error)
        self.step, self.error = step, error


@contextmanager
def blaming(step: str) -> Iterator[None]:
    """Whatever a step raises on a text becomes StepFailed, but for what is of the machine or of the installation."""
    try:
        yield
    except (MemoryError, HeadwaterError, KeyboardInterrupt):
        raise
    except BaseException as error:  # SystemExit, and what Rust raises where it panics, are of that text alone too
        raise StepFailed(step, error) from error


def curate(
    steps: Sequence[Used],
    columns: Mapping[str, Any],
    texts: pa.Array,
    languages: Sequence[str],
    begin: Callable[[str], None] | None = None,
) -> Curated:
    """Apply steps to texts, none of them null. `columns` are their signals and facts, `languages` as compared.

    `begin` is told each step that begins, as SHELF.NAME.

    Raises StepFailed with the step that raised, for whatever text it was.
    """
    now = _Texts(columns, texts)
    verdicts = Verdicts(len(texts))
    edits: list[pa.ListArray] = []
    for place, step in enumerate(steps):
        if not verdicts.open.any():
            # A step that would raise on a document that is dropped already costs nothing.
            break
        if begin is not None:
            begin(f"{step.shelf}.{step.name}")
        function = registry.step(step.shelf, step.name)
        with blaming(f"{step.shelf}.{step.name}"):
            if step.shelf == "editors":
                _edit(step, place, function, now, verdicts, edits)
            else:
                _filter(step, function, now, verdicts, languages)
    return Curated(verdicts.said(), now.text, _joined(edits, len(texts)))


def asked(steps: Sequence[Used]) -> list[str]:
    """The columns that the filters among the steps look at, by showing them no document.

    Raises UnknownName for a column that no document has.
    """
    seen = _Asked()
    for step in steps:
        if step.shelf == "filters":
            for options in (step.options, *step.by_language.values()):
                checked(step.name, registry.step(step.shelf, step.name)(seen, **options), 0)
    return sorted(seen.names)


class _Asked(Mapping[str, Any]):
    """Columns of no documents, that remember which of them were looked at."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name not in COLUMNS:
            raise UnknownName.among("column", name, get_close_matches(str(name), COLUMNS, 8) or COLUMNS)
        self.names.add(name)
        return pa.array([], pa.string()) if name in WORDS else np.zeros(0)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _filter(
    step: Used, function: Callable[..., Any], now: "_Texts", verdicts: Verdicts, languages: Sequence[str]
) -> None:
    now.alive = verdicts.open
    groups: list[tuple[Mapping[str, Any], Flags | None]] = [(step.options, None)]
    if step.by_language:
        spoken = np.array(languages, dtype=object)
        there = [language for language in step.by_language if language in set(languages)]
        groups = [(step.by_language[language], spoken == language) for language in there]
        groups.append((step.options, ~np.isin(spoken, there)))
    for options, among in groups:
        if among is None:
            for finding in checked(step.name, function(now, **options), len(verdicts.open)):
                verdicts.add(f"{step.name}.{finding.rule}", finding)
        elif among.any():
            rows = np.flatnonzero(among)
            for finding in checked(step.name, function(_Some(now, rows), **options), len(rows)):
                verdicts.add(f"{step.name}.{finding.rule}", _scattered(finding, rows, len(among)), among)
    now.settle()


def _scattered(finding: Finding, rows: npt.NDArray[np.int64], n: int) -> Finding:
    """A finding on some rows as one on all n, of which the others have broken nothing."""
    value, broken = np.zeros(n), np.zeros(n, dtype=np.bool_)
    value[rows], broken[rows] = finding.value, finding.broken
    return Finding(finding.rule, value, finding.threshold, broken)


def _edit(
    step: Used, place: int, function: Callable[..., Any], now: "_Texts", verdicts: Verdicts, edits: list[pa.ListArray]
) -> None:
    """Edit the texts that are not dropped; one that is left without anything but white space is dropped."""
    alive = pa.array(verdicts.open)
    given = pc.if_else(alive, now.text, pa.scalar(None, now.text.type))
    found = function(given, **step.options)
    editing.check(given, found, step.name)
    if not len(found.text):
        return
    edits.append(editing.as_rows(given, found, step.name, place))
    changed = np.zeros(len(given), dtype=np.bool_)
    changed[found.text] = True
    now.edited(editing.splice(given, found), changed)
    left = np.asarray(pc.utf8_length(pc.utf8_trim_whitespace(now.text))).astype(np.float64)
    verdicts.add(f"{step.name}.emptied", Finding("emptied", left, 1.0, left < 1.0), changed)


@cache
def _signal_of() -> Mapping[str, str]:
    """Which signal each column that is measured on a text comes from."""
    names = registry.names("signals")
    return {c: n for n in names if "text" in registry.reads(n) for c in registry.module("signals", n).COLUMNS}


class _Texts(Mapping[str, Any]):
    """The columns that filters see, of the texts as they are now."""

    def __init__(self, columns: Mapping[str, Any], texts: pa.Array) -> None:
        self.text, self.alive = texts, np.ones(len(texts), dtype=np.bool_)
        self._columns = columns
        self._changed = np.zeros(len(texts), dtype=np.bool_)
        self._before = texts
        self._touched = np.zeros(len(texts), dtype=np.bool_)
        self._anew: dict[str, tuple[npt.NDArray[np.int64], Mapping[str, Floats]]] = {}

    def __getitem__(self, name: str) -> Any:
        if name == "text":
            return self.text
        if name == "chars" and (self._changed.any() or name not in self._columns):
            return np.asarray(pc.utf8_length(self.text)).astype(np.float64)
        if name in REMOVED:
            return self._removed(COUNTED[name])
        if name in _signal_of() and self._changed.any():
            return self._measured(name)
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self._columns, "text", *REMOVED))

    def __len__(self) -> int:
        return len(self._columns) + 1 + len(REMOVED)

    def edited(self, texts: pa.Array, changed: Flags) -> None:
        """Texts that are not among the changed stay; `texts` may hold null in their place."""
        self.text = pc.if_else(pa.array(changed), texts, self.text)
        self._changed, self._touched = self._changed | changed, self._touched | changed
        self._anew.clear()

    def settle(self) -> None:
        """A filter has seen the texts: what editors remove is counted from here on."""
        self._before, self._touched = self.text, np.zeros(len(self.text), dtype=np.bool_)

    def _removed(self, count: Callable[[pa.Array], npt.NDArray[np.int64]]) -> Floats:
        ratio = np.zeros(len(self.text))
        which = np.flatnonzero(self._touched)
        if len(which):
            before, after = (count(texts.take(pa.array(which))) for texts in (self._before, self.text))
            ratio[which] = np.maximum(before - after, 0) / np.maximum(before, 1)
        return ratio

    def _measured(self, name: str) -> Floats:
        """A column, measured anew where the text was changed and its document was in when it was first asked for."""
        signal = _signal_of()[name]
        if signal not in self._anew:
            which = np.flatnonzero(self._changed & self.alive)
            place = pa.array(which)
            given = [self.text if c == "text" else self._columns[c] for c in registry.reads(signal)]
            self._anew[signal] = which, registry.step("signals", signal)(*(column.take(place) for column in given))
        which, measured = self._anew[signal]
        column: Floats = np.array(self._columns[name], dtype=np.float64)
        column[which] = measured[name]
        return column


class _Some(Mapping[str, Any]):
    """Some rows of the columns that filters see."""

    def __init__(self, texts: _Texts, rows: npt.NDArray[np.int64]) -> None:
        self._texts, self._rows = texts, rows

    def __getitem__(self, name: str) -> Any:
        column = self._texts[name]
        return column[self._rows] if isinstance(column, np.ndarray) else column.take(pa.array(self._rows))

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def _words(texts: pa.Array) -> npt.NDArray[np.int64]:
    from headwater.text.split import split_words

    return split_words(texts)


def _dclm_words(texts: pa.Array) -> npt.NDArray[np.int64]:
    from headwater.text.split import fasttext_words

    return fasttext_words(texts)


def _characters(texts: pa.Array) -> npt.NDArray[np.int64]:
    return np.asarray(pc.utf8_length(texts)).astype(np.int64)


# What is counted for each column of REMOVED.
COUNTED: Mapping[str, Callable[[pa.Array], npt.NDArray[np.int64]]] = dict(
    zip(REMOVED, (_words, _dclm_words, _characters), strict=True)
)


def _joined(found: Sequence[pa.ListArray], n: int) -> pa.ListArray:
    """The edits of each text in the order of application; null where there are none."""
    counts = [pc.fill_null(pc.list_value_length(rows), 0).to_numpy() for rows in found]
    total = np.sum([np.zeros(n, dtype=np.int64), *counts], axis=0)
    place = np.concatenate([np.zeros(0, dtype=np.int64), *(np.repeat(np.arange(n), count) for count in counts)])
    values = pa.concat_arrays([pa.array([], EDIT), *(rows.flatten() for rows in found)])
    values = values.take(pa.array(np.argsort(place, kind="stable")))
    offsets = np.concatenate([[0], np.cumsum(total)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(total == 0))


def one_by_one(n: int, work: Callable[[int, int], R], failed: Callable[[int, StepFailed], R]) -> Iterator[R]:
    """`work(start, stop)` over n documents at once; where a step raises, over halves, so that one document is at fault.

    `failed` answers for that document. What is made does not depend on how documents are cut.
    """
    waiting = [(0, n)] if n else []
    while waiting:
        start, stop = waiting.pop()
        try:
            done = work(start, stop)
        except StepFailed as error:
            if stop - start > 1:
                middle = (start + stop) // 2
                waiting += [(middle, stop), (start, middle)]
                continue
            done = failed(start, error)
        yield done
