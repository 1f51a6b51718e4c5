"""What other options of a recipe's filters and editors would make of its documents, shard by shard, without a rerun.

Filters that read no text are judged anew from `signals`, where no editor before them changed the text. A text is read
and edited anew only where that does not settle it: where an editor changed it before a step that differs, and where
later steps would see it for the first time. What is told of a document is what the stage `filtered` would make of it,
by the stage's own functions and under its limit on each document: one that would be quarantined is said to be.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater import curation, registry, trial
from headwater.curation import Used
from headwater.engine import UNLIMITED, Clock, Guard, Limited, Task
from headwater.lake.files import READ_ROWS, ROW_GROUP_ROWS, read_aligned
from headwater.lake.storage import Storage
from headwater.lake.tables import table
from headwater.stages.filtered import FACTS, READ, SCHEMA, SIGNALS, chosen, judged
from headwater.whatif_rows import Finished, Places, Rows, put

Flags = npt.NDArray[np.bool_]

SAID = ("chars", "outcome", "rule", "value", "threshold")
# What a step may look at that is neither in `filtered` nor in `signals`.
ELSEWHERE = pa.schema(
    [f for f in table("extracted").file_schema if f.name in READ and f.name not in (*SCHEMA.names, "text")]
)
PUBLISHED = ("doc_id", "shard", "extractor", "url", "domain", "language", *SAID, "alternatives")
_SIDES = [(name, SCHEMA.field(name).type) for name in ("extractor", "language", *SAID)]
CHANGE = pa.schema([
    ("crawl", pa.string()), ("shard", pa.string()), ("doc_id", pa.string()), ("url", pa.string()),
    ("domain", pa.string()), ("was", pa.bool_()), ("becomes", pa.bool_()),
    *((f"{name}_before", kind) for name, kind in _SIDES), *((f"{name}_after", kind) for name, kind in _SIDES),
])  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The steps of a recipe as they are, and lists of steps that could be in their place: the same with other options.

    `ways` are the labels of its extractors. Plain data, for workers.
    """

    before: tuple[Used, ...]
    after: tuple[tuple[Used, ...], ...]
    ways: tuple[str, ...]
    prefer: str

    @cached_property
    def head(self) -> int:
        """How many steps, from the first on, need no text."""
        return next((n for n in range(len(self.before)) if self.reads_text(n)), len(self.before))

    @cached_property
    def differing(self) -> list[int]:
        """Places of the steps that are not the same in all."""
        return [n for n, step in enumerate(self.before) if any(steps[n] != step for steps in self.after)]

    @property
    def by_signals(self) -> bool:
        """Whether no text is read, whatever the documents are."""
        return self.head == len(self.before)

    @property
    def has_own(self) -> bool:
        """Whether any step is one of the project."""
        return any(registry.is_own(step.shelf, step.name) for step in self.before)

    @property
    def within_head(self) -> bool:
        """Whether all that differs needs no text, so that later steps do the same with what reaches them."""
        return all(place < self.head for place in self.differing)

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each step is that is listed once."""
        names = [step.name for step in self.before]
        return {name: place for place, name in enumerate(names) if names.count(name) == 1}

    def reads_text(self, place: int) -> bool:
        """Whether a step does, or is an editor."""
        used = [steps[place] for steps in (self.before, *self.after)]
        return used[0].shelf != "filters" or "text" in curation.asked(used)

    @cached_property
    def earlier(self) -> frozenset[str]:
        """Names of steps that are listed only before all that differs: what they dropped stays dropped."""
        first = min(self.differing, default=len(self.before))
        return frozenset(s.name for s in self.before[:first]) - {s.name for s in self.before[first:]}

    @cached_property
    def _seen(self) -> list[str]:
        return curation.asked([step for steps in (self.before, *self.after) for step in steps])

    @property
    def numbers(self) -> list[str]:
        """The columns of `signals` that any of the steps looks at."""
        return list(dict.fromkeys([*FACTS, *(name for name in self._seen if name in SIGNALS.file_schema.names)]))

    @property
    def facts(self) -> list[str]:
        """The columns that any of them looks at and that `extracted` alone has."""
        return [name for name in self._seen if name in ELSEWHERE.names]


@dataclass
class Tally:
    """Documents and characters that the filters would keep; `read_anew` are texts that had to be read and edited."""

    documents: int = 0
    chars: int = 0
    gained: int = 0
    chars_gained: int = 0
    lost: int = 0
    chars_lost: int = 0
    read_anew: int = 0

    def add(self, other: "Tally") -> None:
        """Add those of another shard."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def work(task: Task, guard: Guard | None) -> list[Tally]:
    """One shard of a published partition: a tally for each list of steps; changed rows of the first go to `out`.

    Without a guard there is no limit on a document.
    """
    said = task.arguments
    asked: Asked = said["asked"]
    tallies = [Tally() for _ in asked.after]
    with ExitStack() as stack:
        shard = _Shard(task, guard, stack)
        sink = None if said["out"] is None else stack.enter_context(pq.ParquetWriter(said["out"], CHANGE))
        for batch in shard.batches():
            for place, (steps, tally) in enumerate(zip(asked.after, tallies, strict=True)):
                rows = batch.after(steps)
                tally.add(_counted(batch.published, rows))
                if sink is not None and place == 0:
                    sink.write_table(_changes(batch, rows, said["crawl"]))
            tallies[0].read_anew += batch.read_anew
    return tallies


def _kept(rows: pa.Table | pa.RecordBatch) -> Flags:
    return _flags(pc.equal(rows.column("outcome"), "kept"))


def _flags(found: Any) -> Flags:
    return np.asarray(pc.fill_null(found, False), dtype=np.bool_)


def _counted(before: pa.RecordBatch, after: pa.Table) -> Tally:
    was, becomes = _kept(before), _kept(after)
    chars = [np.asarray(pc.fill_null(rows.column("chars"), 0)) for rows in (before, after)]
    gained, lost = becomes & ~was, was & ~becomes
    return Tally(
        int(becomes.sum()), int(chars[1][becomes].sum()),
        int(gained.sum()), int(chars[1][gained].sum()),
        int(lost.sum()), int(chars[0][lost].sum()),
    )  # fmt: skip


def _changes(batch: "_Batch", after: pa.Table, crawl: str) -> pa.Table:
    """The rows of documents that enter, leave, stay with another text, or stay out for another reason."""
    before = pa.Table.from_batches([batch.published])
    was, becomes = _kept(before), _kept(after)
    stays_out = ~was & ~becomes & (_differ(before, after, "rule") | _differ(before, after, "outcome"))
    changed = (was != becomes) | stays_out | (was & becomes & batch.other_text(after))
    places = pa.array(np.flatnonzero(changed))
    columns = {name: before.column(name) for name in ("shard", "doc_id", "url", "domain")}
    columns |= {"crawl": pa.repeat(crawl, before.num_rows), "was": pa.array(was), "becomes": pa.array(becomes)}
    columns |= {f"{name}_before": before.column(name) for name, _ in _SIDES}
    columns |= {f"{name}_after": after.column(name) for name, _ in _SIDES}
    return pa.table(columns).select(CHANGE.names).cast(CHANGE).take(places)


def _differ(before: pa.Table, after: pa.Table, name: str) -> Flags:
    one, other = (rows.column(name) for rows in (before, after))
    empty = "" if pa.types.is_string(one.type) else -1
    return _flags(pc.not_equal(pc.fill_null(one, empty), pc.fill_null(other, empty)))


class _Shard:
    """The files of one shard: the published rows, and for each extractor its texts and signals."""

    def __init__(self, task: Task, guard: Guard | None, stack: ExitStack) -> None:
        said = task.arguments
        storage: Storage = said["storage"]
        published: str = said["published"]
        sources: Sequence[tuple[str, str]] = said["sources"]
        self.asked = asked = said["asked"]
        self._storage, self._published, self._sources = storage, published, sources
        # Which documents are judged again depends on the files and on those left out so far alone, so that the same
        # ones are at the same places in every try. Stretches of rows without texts must not set the length of others.
        self.by_signals, self.by_text = (
            UNLIMITED if guard is None else Limited(task, guard, said["limit_s"], lane) for lane in range(2)
        )
        if guard is not None:
            # As in `filtered`: what a step does once in a process is no document's time.
            for steps in (asked.before, asked.after[0]):
                trial.curating(steps)
        self.texts = [Rows(storage, text, READ, stack) for text, _ in sources]
        self.facts = [Rows(storage, text, ("doc_id", *asked.facts), stack) for text, _ in sources]
        self.published_texts = Rows(storage, published, ("doc_id", "text"), stack)

    def batches(self) -> Iterator["_Batch"]:
        """All documents, in order; signals alone are small, so that many rows are taken at once."""
        rows = ROW_GROUP_ROWS if self.asked.by_signals else READ_ROWS
        columns = [*PUBLISHED, *([] if self.asked.within_head else ["edits"])]
        streams = [
            read_aligned(self._storage, self._published, numbers, columns, self.asked.numbers, rows)
            for _, numbers in self._sources
        ]
        start = 0
        for pairs in zip(*streams, strict=True):
            yield _Batch(self, start, pairs[0][0], [number for _, number in pairs])
            start += pairs[0][0].num_rows


class _Batch:
    """Some documents of a shard: as they were published, and as each extractor's signals say."""

    def __init__(self, shard: _Shard, start: int, published: pa.RecordBatch, numbers: Sequence[pa.RecordBatch]) -> None:
        self._shard, self._asked, self.published = shard, shard.asked, published
        self.start, self.read_anew = start, 0
        self._sides = [_Side(self, place, number) for place, number in enumerate(numbers)]

    def after(self, steps: Sequence[Used]) -> pa.Table:
        """The rows that these steps would give, without the texts that were not read."""
        return chosen([side.after(steps) for side in self._sides], self._asked.prefer)

    def other_text(self, after: pa.Table) -> Flags:
        """Where a document that stays would be with another extractor's text, or with one that is edited otherwise."""
        before = pa.Table.from_batches([self.published])
        other = _differ(before, after, "extractor") | _differ(before, after, "chars")
        look = np.flatnonzero(_flags(pc.is_valid(after.column("text"))) & _kept(before) & ~other)
        if len(look):
            there = pa.array(look)
            texts = self._shard.published_texts.take(self.start + look, self.published.column("doc_id").take(there))
            new = after.column("text").take(there).combine_chunks()
            other[look] = _flags(pc.not_equal(texts.column("text"), new))
        return other

    @property
    def clocks(self) -> tuple[Clock, Clock]:
        """The limits of what is judged by signals, and of what is judged by its text."""
        return self._shard.by_signals, self._shard.by_text

    def facts(self, way: int) -> dict[str, pa.Array]:
        """What only `extracted` says of the documents, by one extractor; null where no step asks for it."""
        n, asked = self.published.num_rows, self._asked.facts
        facts = {field.name: pa.nulls(n, field.type) for field in ELSEWHERE}
        if asked:
            rows = self._shard.facts[way].take(self.start + np.arange(n), self.published.column("doc_id"))
            facts |= {name: rows.column(name) for name in asked}
        return facts

    def texts(self, way: int, places: Places) -> pa.RecordBatch:
        """The rows of `extracted` of some of the documents, by one extractor."""
        self.read_anew += len(places)
        doc_ids = self.published.column("doc_id").take(pa.array(places))
        return self._shard.texts[way].take(self.start + places, doc_ids)


class _Side:
    """The texts of one extractor: what became of them, and what other steps would make of them."""

    def __init__(self, batch: _Batch, place: int, number: pa.RecordBatch) -> None:
        self._batch, self._asked, self._place, self._number = batch, batch._asked, place, number
        self._way = self._asked.ways[place]
        self.before = self._rows(_alone(batch.published, place, len(self._asked.ways)))
        gone = _flags(pc.equal(self.before.column("outcome"), "removed"))
        # Whatever came without a text, or could not be measured, is as it was.
        self._came = _kept(number) & ~gone
        self._finished = Finished(number.num_rows)

    def _rows(self, said: Mapping[str, pa.Array]) -> pa.Table:
        published = self._batch.published
        carried = {name: published.column(name) for name in ("doc_id", "shard", "url", "domain")}
        known = {**carried, **said, "language": self._number.column("language"),
                 "extractor": pa.repeat(self._way, published.num_rows)}  # fmt: skip
        missing = {f.name: pa.nulls(published.num_rows, f.type) for f in SCHEMA if f.name not in known}
        return pa.table({**known, **missing}).select(SCHEMA.names).cast(SCHEMA)

    def after(self, steps: Sequence[Used]) -> pa.Table:
        """The rows of this extractor by other steps."""
        head = self._by_signals(steps[: self._asked.head])
        if self._asked.by_signals:
            return put(self.before, [(np.flatnonzero(self._came), head)])
        passes = self._came & _kept(head)
        parts = [(np.flatnonzero(self._came & ~passes), head)]
        if self._asked.within_head:
            deep = passes & ~self._passed
        else:
            deep, found = self._by_record(steps, passes & ~self._gone_earlier)
            parts += found
        return put(self.before, [*parts, *self._by_text(steps, np.flatnonzero(deep))])

    def _by_record(self, steps: Sequence[Used], among: Flags) -> tuple[Flags, list[tuple[Places, pa.Table]]]:
        """Whose texts must be read, and rows of those that a differing filter drops by their signals.

        What became of a document says which steps it passed, and its edits say whether its signals still hold.
        """
        deep, parts = among & np.isnan(self._fate), []
        left = among & ~deep
        for place in self._asked.differing:
            reached = left & (self._fate >= place)
            unsure = reached if self._asked.reads_text(place) else reached & (self._edited < place)
            sure = reached & ~unsure
            found = self._by_signals([steps[place]]) if sure.any() else self.before
            fails = sure & ~_kept(found)
            freed = sure & ~fails & (self._fate == place)
            parts.append((np.flatnonzero(fails), found))
            deep, left = deep | unsure | freed, left & ~(unsure | fails | freed)
        return deep, parts

    @cached_property
    def _fate(self) -> npt.NDArray[np.float64]:
        """The place of the step that dropped each text; infinite where none did, NaN where it is not known."""
        step = pc.list_element(pc.split_pattern(pc.fill_null(self.before.column("rule"), ""), "."), 0).to_pylist()
        known = np.array([self._asked.places.get(name, np.nan) for name in step])
        dropped = _flags(pc.equal(self.before.column("outcome"), "dropped"))
        return np.where(_kept(self.before), np.inf, np.where(dropped, known, np.nan))

    @cached_property
    def _edited(self) -> npt.NDArray[np.float64]:
        """The place of the first step that edited each text; infinite where none did, -1 where it is not known."""
        published = self._batch.published
        first = pc.struct_field(pc.list_element(published.column("edits"), 0), "step")
        first = np.asarray(pc.fill_null(first.cast(pa.float64()), np.inf))
        mine = _flags(pc.equal(published.column("extractor"), self._way))
        return np.where(mine, first, -1)

    @cached_property
    def _facts(self) -> dict[str, pa.Array]:
        return self._batch.facts(self._place)

    @cached_property
    def _passed(self) -> Flags:
        """Texts that reached the first step that reads a text."""
        return _kept(self._by_signals(self._asked.before[: self._asked.head]))

    @cached_property
    def _gone_earlier(self) -> Flags:
        """Texts that were dropped before anything that differs, or that a step before it could not judge."""
        rule, outcome = (self.before.column(name) for name in ("rule", "outcome"))
        # A text that was dropped has the rule STEP.RULE, one that was quarantined SHELF.STEP.
        dropped, lost = (_flags(pc.equal(outcome, said)) for said in ("dropped", "quarantined"))
        named = pc.if_else(pa.array(lost), pc.replace_substring_regex(rule, r"^[a-z]+\.", ""), rule)
        step = pc.list_element(pc.split_pattern(pc.fill_null(named, ""), "."), 0)
        return (dropped | lost) & _flags(pc.is_in(step, pa.array(sorted(self._asked.earlier), pa.string())))

    def _by_signals(self, steps: Sequence[Used]) -> pa.Table:
        """Rows by filters that read no text, of all documents; the texts are given as empty ones."""
        n = self._number.num_rows
        outcome = pc.if_else(pa.array(self._came), "kept", "dropped")
        given = {name: self.before.column(name).combine_chunks() for name in READ if name in SCHEMA.names}
        given |= {**self._facts, "outcome": outcome, "text": pa.repeat("", n)}
        text = pa.RecordBatch.from_pydict(given)
        rows = judged(text, self._number, steps, self._way, self._batch.clocks[0])
        for name, column in (("chars", self._number.column("chars")), ("text", pa.nulls(n, pa.string()))):
            rows = rows.set_column(SCHEMA.names.index(name), SCHEMA.field(name), column)
        return rows

    def _by_text(self, steps: Sequence[Used], places: Places) -> Iterator[tuple[Places, pa.Table]]:
        """Rows by all steps, of the documents at some places, whose texts are read."""
        if not self._asked.within_head:
            yield from self._curated(steps, places)
            return
        # What later steps do with a text that reaches them is the same whichever of the lists is asked about.
        for some, rows in self._curated(steps, self._finished.missing(places)):
            self._finished.add(some, rows)
        if len(places):
            yield places, self._finished.take(places)

    def _curated(self, steps: Sequence[Used], places: Places) -> Iterator[tuple[Places, pa.Table]]:
        for start in range(0, len(places), READ_ROWS):
            some = places[start : start + READ_ROWS]
            number = self._number.take(pa.array(some))
            yield some, judged(self._batch.texts(self._place, some), number, steps, self._way, self._batch.clocks[1])


def _alone(published: pa.RecordBatch, place: int, ways: int) -> dict[str, pa.Array]:
    """What was said of the text of one extractor; a document without alternatives was removed."""
    if ways == 1:
        return {name: published.column(name) for name in SAID}
    mine = pc.list_element(published.column("alternatives"), place)
    said = {name: pc.struct_field(mine, name) for name in SAID}
    return {**said, "outcome": pc.fill_null(said["outcome"], "removed")}
