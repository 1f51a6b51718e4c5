"""`filtered`: what a recipe's filters and editors make of every document: kept with its text as edited, or the first
rule it breaks, with value and threshold.

Documents without a text keep the outcome and reason they came with, so that every document is in this table. Of several
extractors each text is curated by itself; the row is that of the preferred one among the kept, or else of the first
listed, and `alternatives` says what became of each (docs/decisions/0012).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from headwater import curation, lists, registry, trial
from headwater import recipe as recipes
from headwater.curation import Curated, Used
from headwater.engine import UNLIMITED, Clock, Guard, Limited, Task
from headwater.errors import BrokenLake, MissingInput
from headwater.lake.audit import Conservation
from headwater.lake.files import read_aligned
from headwater.lake.lineage import Partition
from headwater.lake.storage import Storage
from headwater.lake.tables import ALTERNATIVE, table
from headwater.language import thresholds
from headwater.language.thresholds import LanguageFile
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.recipe import Recipe
from headwater.text.labels import canonical

VERSION = 3
SHELVES = "filters editors"
CARRIED = ("doc_id", "shard", "url", "domain", "language")
READ = (*CARRIED, "language_agrees", "chars", "text", "outcome", "rule", "value", "threshold", "detail")
FACTS = ("doc_id", "outcome", "rule", "detail", "language", "language_score", "chars")
SIGNALS = table("signals")
SCHEMA = table("filtered").file_schema
# Not pa.scalar, which imports pandas: plans are made by commands that must start fast.
NOTHING = pa.nulls(1, pa.string())[0]


def filtered(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe and crawl: `extracted` and `signals` are read side by side, shard by shard."""
    return plan(project, project.recipe(partition["recipe"]), partition["crawl"])


def plan(project: Project, recipe: Recipe, crawl: str) -> Plan:
    """Plan for a recipe that need not be a file."""
    ways = [recipes.label(way) for way in recipe.ways]
    signals = [project.lake.input("signals", {"crawl": crawl, "extractor": way}) for way in ways]
    # The texts that were measured, also where there are newer ones: those are not measured yet.
    extracted = [project.lake.made_from(read, "extracted") for read in signals]
    texts = [{f.shard: f.name for f in project.lake.read(read)} for read in extracted]
    numbers = [{f.shard: f.name for f in project.lake.read(read)} for read in signals]
    for way, found in zip(ways, texts, strict=True):
        if set(found) != set(texts[0]):
            raise MissingInput(
                f"extractor {way} has {len(found)} shards of {crawl} and {ways[0]} has {len(texts[0])}: they are of "
                f"different states of the crawl; bring both up to date: headwater run {recipe.name} --to signals"
            )
    steps = lists.resolve(project.settings, used(project, recipe))
    located = lists.located(project.settings, steps)
    said = {"steps": located, "ways": ways, "prefer": recipe.prefer, "limit_s": project.settings.page_timeout_s}
    return Plan(
        table="filtered",
        partition={"recipe": recipe.name, "crawl": crawl},
        inputs=tuple(read for pair in zip(extracted, signals, strict=True) for read in pair),
        steps={"stages/filtered": VERSION, "curation": curation.VERSION, **_versions(recipe)},
        options={
            "filters": [(step.name, dict(step.options)) for step in recipe.filters],
            # With the digests of lists, and the options by language.
            "applied": [(step.name, step.options, _differing(step)) for step in steps],
            "extractors": ways,
            "prefer": recipe.prefer,
            "page_timeout_s": project.settings.page_timeout_s,
        },
        shards={
            shard: {"sources": [(t[shard], n[shard]) for t, n in zip(texts, numbers, strict=True)], **said}
            for shard in texts[0]
        },
        work=work,
        owed=Conservation(tuple(texts[0].values())),
        prepare=lambda draft, engine: _tried(located),
    )


def _differing(step: Used) -> dict[str, dict[str, Any]]:
    """By language the options that are not the recipe's."""
    usual = step.options
    return {
        language: {name: value for name, value in options.items() if usual.get(name) != value}
        for language, options in step.by_language.items()
    }


def _tried(steps: Sequence[Used]) -> Mapping[str, Any]:
    """Steps that do not run at all would quarantine every document; they stop the work before it begins."""
    trial.curating(steps)
    return {}


def used(project: Project, recipe: Recipe) -> list[Used]:
    """The filters and editors of a recipe, with the options by language where it asks for them.

    Raises MissingInput where it wants a language that has none; without such a wish it takes those that have some.
    """
    files: Mapping[str, LanguageFile] = {}
    if recipe.by_language is not None:
        files = thresholds.load(project.settings.language_folder / recipe.by_language)
    found = []
    for step in recipe.filters:
        options = dict(step.options)
        if recipe.by_language is not None and step.name == "language":
            thresholds.require(files, options["languages"] or (), recipe.by_language)
            options["languages"] = options["languages"] or sorted(files)
        by_language = thresholds.overrides(files, step.name, options)
        found.append(Used(registry.home(curation.SHELVES, step.name), step.name, options, by_language))
    return found


def _versions(recipe: Recipe) -> dict[str, int]:
    """Of the steps, and of the signals where an editor changes what they measure."""
    edited = any(registry.home(curation.SHELVES, step.name) == "editors" for step in recipe.filters)
    measured = registry.names("signals") if edited else []
    return recipes.steps(SHELVES, recipe.filters) | {f"signals/{n}": registry.version("signals", n) for n in measured}


def work(task: Task, guard: Guard) -> None:
    """Judge the documents of one shard."""
    draft, said = task.arguments["draft"], task.arguments
    looked_at = (name for name in curation.asked(said["steps"]) if name in SIGNALS.file_schema.names)
    numbers = [*FACTS, *looked_at]
    clocks = [Limited(task, guard, said["limit_s"], lane) for lane, _ in enumerate(said["ways"])]
    # What a step does once in a process, such as reading its lists, is no document's time.
    trial.curating(said["steps"])
    with draft.writer(task.shard) as writer:
        for batches in _together(draft.storage, said["sources"], list(dict.fromkeys(numbers))):
            found = [
                judged(text, number, said["steps"], way, clock)
                for (text, number), way, clock in zip(batches, said["ways"], clocks, strict=True)
            ]
            writer.write(chosen(found, said["prefer"]))


Pair = tuple[pa.RecordBatch, pa.RecordBatch]


def _together(storage: Storage, sources: Sequence[tuple[str, str]], numbers: list[str]) -> Iterator[list[Pair]]:
    """The same documents of every source, whose files are cut into batches each in its own way."""
    streams = [read_aligned(storage, text, number, list(READ), numbers) for text, number in sources]
    waiting: list[Pair | None] = [None] * len(streams)
    while True:
        for place, stream in enumerate(streams):
            if waiting[place] is None:
                waiting[place] = next(stream, None)
        there = [pair for pair in waiting if pair is not None]
        if not there:
            break
        if len(there) < len(streams):
            raise BrokenLake(f"{sources[0][0]} and the files of other extractors differ in rows; run headwater verify")
        rows = min(text.num_rows for text, _ in there)
        first = there[0][0].column("doc_id").slice(0, rows)
        if not all(text.column("doc_id").slice(0, rows).equals(first) for text, _ in there):
            raise BrokenLake(
                f"{sources[0][0]} and the files of other extractors differ in documents; run headwater verify"
            )
        yield [(text.slice(0, rows), number.slice(0, rows)) for text, number in there]
        rest = [(text.slice(rows), number.slice(rows)) for text, number in there]
        waiting = [pair if pair[0].num_rows else None for pair in rest]


def judged(
    text: pa.RecordBatch, number: pa.RecordBatch, steps: Sequence[Used], way: str, clock: Clock = UNLIMITED
) -> pa.Table:
    """Rows of `filtered` for aligned rows of `extracted` and `signals`, by one extractor."""
    came = pc.and_(pc.equal(text.column("outcome"), "kept"), pc.equal(number.column("outcome"), "kept"))
    came_kept = np.flatnonzero(np.asarray(came))
    some, measured = text.take(pa.array(came_kept)), number.take(pa.array(came_kept))
    tables = clock.each(
        len(came_kept),
        lambda start, stop: _stretch(
            some.slice(start, stop - start), measured.slice(start, stop - start), steps, clock
        ),
        lambda place, fate: _quarantined(some.slice(place, 1), fate.step or "filtered", fate.why),
    )
    rows = pa.concat_tables([_as_it_came(text, number).filter(pc.invert(came)), *tables])
    # Those that came without a text are first: put every row back where it was.
    order = np.concatenate([np.flatnonzero(~np.asarray(came)), came_kept])
    rows = rows.take(pa.array(np.argsort(order)))
    removed = pc.equal(rows.column("outcome"), "removed")
    extractor = pc.if_else(removed, NOTHING, way)
    return rows.set_column(SCHEMA.names.index("extractor"), SCHEMA.field("extractor"), extractor)


def _rows(text: pa.RecordBatch, said: Mapping[str, Any]) -> pa.Table:
    carried = {name: text.column(name) for name in CARRIED}
    missing = {f.name: pa.nulls(text.num_rows, f.type) for f in SCHEMA if f.name not in (*carried, *said)}
    return pa.table({**carried, **said, **missing}).select(SCHEMA.names).cast(SCHEMA)


def _as_it_came(text: pa.RecordBatch, number: pa.RecordBatch) -> pa.Table:
    """Rows of documents without a text, and of those that a signal could not measure."""
    from_text = pc.not_equal(text.column("outcome"), "kept")
    said = {name: text.column(name) for name in ("outcome", "rule", "value", "threshold", "detail")}
    for name in said:
        if name in number.schema.names:
            said[name] = pc.if_else(from_text, said[name], number.column(name))
    return _rows(text, {**said, "chars": pc.if_else(from_text, pa.scalar(None, pa.int64()), text.column("chars"))})


def _stretch(text: pa.RecordBatch, number: pa.RecordBatch, steps: Sequence[Used], clock: Clock) -> pa.Table:
    """Rows of texts that came kept, at once where no step raises."""
    tables = curation.one_by_one(
        text.num_rows,
        lambda start, stop: _decided(text.slice(start, stop - start), number.slice(start, stop - start), steps, clock),
        # The message of a step's own error may quote the page.
        lambda place, failed: _quarantined(text.slice(place, 1), failed.step, type(failed.error).__name__),
    )
    return pa.concat_tables(tables)


def _decided(text: pa.RecordBatch, number: pa.RecordBatch, steps: Sequence[Used], clock: Clock) -> pa.Table:
    of_text = text.select(["url", "domain", "language_agrees"])
    columns = {**_columns(number), **_columns(of_text)}
    found = curation.curate(steps, columns, text.column("text"), languages(text), begin=clock.at)
    return _rows(text, _said(found))


def languages(text: pa.RecordBatch) -> list[str]:
    """The language of each row in the form that thresholds by language are looked up by."""
    return [canonical(label or "") for label in text.column("language").to_pylist()]


def _said(found: Curated) -> dict[str, Any]:
    dropped = pa.array(found.verdict.dropped)
    return {
        "outcome": pc.if_else(dropped, "dropped", "kept"),
        "rule": found.verdict.rule,
        "value": found.verdict.value,
        "threshold": found.verdict.threshold,
        "chars": pc.utf8_length(found.text).cast(pa.int64()),
        "edits": found.edits,
        "text": pc.if_else(dropped, NOTHING, found.text),
    }


def _quarantined(text: pa.RecordBatch, step: str, why: str) -> pa.Table:
    said = {"outcome": "quarantined", "rule": step, "detail": why}
    return _rows(text, {name: pa.array([value], pa.string()) for name, value in said.items()})


def chosen(found: Sequence[pa.Table], prefer: str) -> pa.Table:
    """Of each document the row of the preferred extractor among those that kept it; else that of the first listed.

    What is removed is removed whichever extractor's text was asked to be.
    """
    if len(found) == 1:
        return found[0]
    outcomes = np.array([table.column("outcome").to_pylist() for table in found])
    chars = np.array([pc.fill_null(table.column("chars"), 0).to_numpy() for table in found])
    rank = np.where(outcomes == "kept", chars + 2, 1) if prefer == "longest" else 2 * (outcomes == "kept")
    rank = np.where(outcomes == "removed", np.iinfo(np.int64).max, rank)
    # Of equals the first listed.
    winner, n = np.argmax(rank, axis=0), found[0].num_rows
    rows = pa.concat_tables(found).combine_chunks().take(pa.array(winner * n + np.arange(n)))
    return rows.set_column(
        SCHEMA.names.index("alternatives"), SCHEMA.field("alternatives"), _alternatives(found, outcomes)
    )


def _alternatives(found: Sequence[pa.Table], outcomes: Any) -> pa.ListArray:
    """For each document what became of every extractor's text; null where it was removed."""
    k, n = outcomes.shape
    names = [field.name for field in ALTERNATIVE]
    flat = pa.concat_tables([table.select(names) for table in found]).combine_chunks()
    by_document = np.arange(k * n).reshape(k, n).T.reshape(-1)
    structs = flat.take(pa.array(by_document)).cast(pa.schema(list(ALTERNATIVE))).to_struct_array()
    values = pa.concat_arrays(structs.chunks) if isinstance(structs, pa.ChunkedArray) else structs
    removed = (outcomes == "removed").any(axis=0)
    # A null list must be empty as well.
    kept = np.repeat(~removed, k)
    offsets = np.concatenate([[0], np.cumsum(np.where(removed, 0, k))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values.filter(pa.array(kept)), mask=pa.array(removed))


def _columns(number: pa.RecordBatch) -> dict[str, object]:
    """Numbers as float64 arrays (null: not a number), words as they are."""
    columns: dict[str, object] = {}
    for name, column in zip(number.schema.names, number.columns, strict=True):
        numeric = any(is_it(column.type) for is_it in (types.is_floating, types.is_integer, types.is_boolean))
        columns[name] = np.asarray(column.cast(pa.float64()).fill_null(np.nan)) if numeric else column
    return columns
