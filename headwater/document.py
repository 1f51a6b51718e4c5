"""The words and contracts that every shelf shares. A shelf file imports this module and `errors`, never a sibling."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Outcome = Literal["kept", "dropped", "duplicate", "withheld", "left_out", "quarantined", "removed"]
OUTCOMES: tuple[Outcome, ...] = (
    "kept", "dropped", "duplicate", "withheld", "left_out", "quarantined", "removed",
)  # fmt: skip


# A page that could be read and has no text, by the extractor's own answer: not a failure that an audit looks for.
NOTHING_FOUND = ("empty_text", "no_conversion")


@dataclass(frozen=True, slots=True)
class Extraction:
    """What an extractor found on a page. `text` is never None; an empty page has text ''."""

    text: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule of a filter, applied to n documents: `value` as measured (n,), and where it is `broken` (n,).

    The rule has the name of the option that sets its threshold, so that a recipe, a stored drop and a what-if question
    all say `gopher_quality.min_words`.
    """

    rule: str
    value: npt.NDArray[np.float64]
    threshold: float
    broken: npt.NDArray[np.bool_]


Columns = Mapping[str, npt.NDArray[np.float64] | pa.Array]
"""Signals and metadata of n documents by column name: numbers as float64 arrays, words as Arrow strings.

`text` is the text as the editors before the filter left it, and signals are those of that text.
"""


@dataclass(frozen=True, slots=True)
class Edits:
    """What an editor replaces in n texts: m stretches, ordered by text and start, that neither overlap nor are empty.

    `text` (m,) is the place of the text; `start` and `stop` (m,) are bytes of its UTF-8, both where a character
    begins or the text ends; `rule` (m,) is a place in `rules`; `put` (m,) is a place in `puts`, the strings that come
    in their stead, -1 for none. The same editor finds nothing more in what it left.
    """

    text: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    stop: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int64]
    put: npt.NDArray[np.int64]
    rules: tuple[str, ...]
    puts: tuple[str, ...] = ()


def below(columns: Columns, column: str, minimum: float, rule: str) -> Finding:
    """Documents whose `column` is less than `minimum`."""
    value = np.asarray(columns[column], dtype=np.float64)
    return Finding(rule, value, minimum, value < minimum)


def above(columns: Columns, column: str, maximum: float, rule: str) -> Finding:
    """Documents whose `column` is more than `maximum`."""
    value = np.asarray(columns[column], dtype=np.float64)
    return Finding(rule, value, maximum, value > maximum)


@dataclass(frozen=True, slots=True)
class Deduper:
    """Candidates, then proof.

    `keys` maps n texts to an (n, k) int64 array: two documents that share a value in the same column are candidates.
    A row of a document that can match nothing has `valid` False.
    `similarity` gives the true similarity in 0..1 of aligned pairs of texts; from `threshold` on they are duplicates.
    `reads` is the column of `filtered` that both are given.
    The last `splits` columns of the keys propose nothing: they only tell the documents of a large bucket apart, as the
    next column does for each of the others. Of one crawl's documents the one of the smaller doc_id stays, or by `wins`
    the one that was fetched first or last. Where an `embedder` is named, keys and similarity are given the vectors
    (n, d) that it makes of the texts, in place of them.
    """

    keys: Callable[[Any], tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]]
    similarity: Callable[[Any, Any], npt.NDArray[np.float64]]
    threshold: float
    reads: Literal["text", "url"] = "text"
    splits: int = 0
    wins: Literal["first", "oldest", "newest"] = "first"
    embedder: str | None = None


@dataclass(frozen=True, slots=True)
class Units:
    """Units of n texts (lines, sentences), in order: `text` (m,) is the place of the text, `start` and `stop` (m,) are
    bytes of its UTF-8; units with one `digest` (m,) are alike. 0: like none.
    """

    text: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    stop: npt.NDArray[np.int64]
    digest: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class UnitDeduper:
    """Of units that are alike the first stays, by crawl, doc_id and place.

    `units` finds them, whatever the batch; `stretches` says what goes where units are `repeated` (m,).
    """

    units: Callable[[pa.Array], Units]
    stretches: Callable[[Units, npt.NDArray[np.bool_]], Edits]


@dataclass(frozen=True, slots=True)
class Ngrams:
    """Hashed n-grams of n texts with u units in all: unit i has hashes[ends[i - 1] : ends[i]].

    `starts` and `stops` (u,) are bytes in the text, the newline before a paragraph with it; `units` (n,) is the number
    of units up to and with each text.
    """

    hashes: npt.NDArray[np.uint64]
    ends: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    units: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Screened:
    """Of n texts with u units: n-grams and those that were seen before, by text; what goes, by unit and by text."""

    total: npt.NDArray[np.int64]
    contained: npt.NDArray[np.int64]
    units: npt.NDArray[np.bool_]
    documents: npt.NDArray[np.bool_]


Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class FilterDeduper:
    """What a Bloom filter has seen goes: one walk through the texts by crawl and doc_id, each unit judged and added.

    `ngrams` hashes texts, whatever the batch. `screen` judges them in order and adds to the filter, in place, those of
    units that stay; `add` adds those of units that are not flagged (u,). `empty` is a filter of so many `words` for
    `expected_ngrams`; `held` estimates how many n-grams one has, and in what share of cases it takes a new one for
    seen: `fp_rate` at most is asked for.
    """

    empty: Callable[[], Bits]
    ngrams: Callable[[pa.Array], Ngrams]
    screen: Callable[[Bits, Ngrams], Screened]
    add: Callable[[Bits, Ngrams, npt.NDArray[np.bool_]], None]
    stretches: Callable[[Ngrams, Screened], Edits]
    held: Callable[[Bits], tuple[int, float]]
    words: int
    threshold: float
    expected_ngrams: int
    fp_rate: float


@dataclass(frozen=True, slots=True)
class Windows:
    """Runs of windows of words that begin at an earlier word too: of text `text` (r,), from number `first` to `last`
    (r,), counted in words, and the stretches that they cover.
    """

    text: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    edits: Edits


@dataclass(frozen=True, slots=True)
class WindowDeduper:
    """Of equal windows of words the first stays, by crawl, doc_id and place: seeds propose, the texts prove.

    `windows` finds what is repeated in the texts that are flagged (n,), given all texts in order; `covered` gives the
    windows again from their runs: text, first and last (r,). `seeds` gives the seeds (s,), and their texts (s,), of
    windows that are not among those repeated: equal windows have equal seeds.
    """

    windows: Callable[[pa.Array, npt.NDArray[np.bool_]], Windows]
    covered: Callable[[pa.Array, npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]], Windows]
    seeds: Callable[[pa.Array, Windows], tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]]


SpanDeduper = UnitDeduper | FilterDeduper | WindowDeduper
"""A deduper that removes stretches of a text, by what it remembers of earlier ones."""


@dataclass(frozen=True, slots=True)
class Score:
    """One number an eval gives: `standard_error` and `n` say how far to trust it. Higher is not always better."""

    task: str
    metric: str
    score: float
    standard_error: float
    n: int
    shots: int = 0
