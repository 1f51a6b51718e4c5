"""Repeated windows of words across documents: seeds propose who may have them, suffix arrays over texts prove it.

Three phases: the seeds of each shard, of windows that are new within the shard; for each shard, which documents of
other shards and earlier crawls share a seed with one of its own and come before some of them; for each shard, what is
repeated, its texts beside those. That a window is left to the first document of a shard that has it takes nothing away:
where an earlier document of that shard has it, so has that first one. Remembered are the seeds of windows that came
nowhere before, with their documents.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.deduplication import Method
from headwater.document import WindowDeduper, Windows
from headwater.engine import Engine, Guard, Task
from headwater.lake import scratch
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.store import DataFile, Draft
from headwater.spans import rows
from headwater.spans.texts import Source, read

SEED = pa.schema([("key", pa.int64()), ("doc_id", pa.string())])
ROWS_TOGETHER = 65_536
# Texts of other shards and crawls that are beside a shard's own at once: memory is bounded, and what is repeated in one
# part or another is repeated in all of them.
BYTES_BESIDE = 64 << 20


def search(
    draft: Draft, engine: Engine, method: Method, sources: Mapping[str, Source],
    known: Sequence[DataFile], earlier: Mapping[str, Mapping[str, Source]],
) -> dict[str, str]:  # fmt: skip
    """Rows of `repeated_spans` for each shard, as scratch files by shard.

    `known` are files of `span_index`, in the order of their crawls, and `earlier` the texts of these crawls by shard.
    """
    shards = sorted(sources)
    said = {"draft": draft, "method": method, "sources": dict(sources), "earlier": dict(earlier), "known": list(known)}
    for phase in (list_seeds, say_rows):
        todo = scratch.missing(draft, f"{method.place}-{phase.__name__}", shards)
        for _ in engine.map(phase, [Task(shard, said) for shard in todo]):
            pass
    return {shard: scratch.name(draft, f"{method.place}-say_rows", shard) for shard in shards}


def list_seeds(task: Task, guard: Guard) -> None:
    """First phase: seeds of the windows that are new within one shard, in order of seed."""
    draft, method, made = task.arguments["draft"], task.arguments["method"], task.arguments["method"].made()
    own = _whole(read(draft.storage, task.arguments["sources"][task.shard], method.place))
    found = made.windows(own.column("text"), np.ones(own.num_rows, dtype=np.bool_))
    with scratch.writer(draft, f"{method.place}-list_seeds", task.shard, SEED) as out:
        out.write_table(_seeds(made, own, found), row_group_size=ROWS_TOGETHER)


def _whole(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch:
    """All texts as one batch, by doc_id; its strings are large, so that they may be."""
    schema = pa.schema([("doc_id", pa.string()), ("text", pa.large_string())])
    whole = pa.Table.from_batches([b.cast(schema) for b in batches], schema).sort_by("doc_id").combine_chunks()
    return next(iter(whole.to_batches()), pa.RecordBatch.from_pylist([], schema))


def _seeds(made: WindowDeduper, own: pa.RecordBatch, found: Windows) -> pa.Table:
    """Seeds with their documents (key, doc_id), each once, in order."""
    seed, text = made.seeds(own.column("text"), found)
    key = seed.view(np.int64)
    order = np.lexsort((text, key))
    key, text = key[order], text[order]
    fresh = np.ones(len(key), dtype=np.bool_)
    fresh[1:] = (key[1:] != key[:-1]) | (text[1:] != text[:-1])
    return pa.table([pa.array(key[fresh]), own.column("doc_id").take(pa.array(text[fresh]))], schema=SEED)


def say_rows(task: Task, guard: Guard) -> None:
    """Second and third phase: what goes from the texts of one shard."""
    draft, method, made = task.arguments["draft"], task.arguments["method"], task.arguments["method"].made()
    own = _whole(read(draft.storage, task.arguments["sources"][task.shard], method.place))
    flags = np.ones(own.num_rows, dtype=np.bool_)
    parts = [made.windows(own.column("text"), flags)]
    parts += [_beside(made, own, some, before) for some, before in _others(task, method)]
    found = _union(made, own, parts)
    with scratch.writer(draft, f"{method.place}-say_rows", task.shard, rows.SCHEMA) as out:
        listed = rows.lists(own.num_rows, found.text, found.first, found.last)
        out.write_table(rows.made(method, own, task.shard, found.edits, listed))


def _beside(made: WindowDeduper, own: pa.RecordBatch, others: pa.RecordBatch, before: bool) -> Windows:
    """What is repeated in a shard's own texts beside others: all of them `before`, or in order of doc_id among them."""
    both = pa.concat_arrays([others.column("text"), own.column("text")])
    mine = np.concatenate([np.zeros(others.num_rows, np.bool_), np.ones(own.num_rows, np.bool_)])
    order = np.arange(len(mine))
    if not before:
        ids = pa.concat_arrays([others.column("doc_id"), own.column("doc_id")])
        order = np.asarray(pc.sort_indices(ids), dtype=np.int64)
    found = made.windows(both.take(pa.array(order)), mine[order])
    place = order - others.num_rows
    edits = replace(found.edits, text=place[found.edits.text])
    return Windows(place[found.text], found.first, found.last, edits)


def _others(task: Task, method: Method) -> Iterator[tuple[pa.RecordBatch, bool]]:
    """Texts that share a seed with one of the shard, in parts; whether all of a part is of an earlier crawl."""
    draft, said = task.arguments["draft"], task.arguments
    seeds = scratch.name(draft, f"{method.place}-list_seeds", task.shard)
    waiting: list[pa.RecordBatch] = []
    for shard in sorted(said["sources"]):
        if shard != task.shard:
            there = scratch.name(draft, f"{method.place}-list_seeds", shard)
            waiting += _sharing(draft, method, seeds, [there], {shard: said["sources"][shard]}, own=True)
            yield from ((part, False) for part in _full(waiting))
    yield from ((part, False) for part in _full(waiting, last=True))
    for crawl, sources in said["earlier"].items():
        names = [f.name for f in said["known"] if f.partition["crawl"] == crawl]
        waiting += _sharing(draft, method, seeds, names, sources, own=False)
        yield from ((part, True) for part in _full(waiting))
    yield from ((part, True) for part in _full(waiting, last=True))


def _sharing(
    draft: Draft, method: Method, seeds: str, names: Sequence[str], sources: Mapping[str, Source], *, own: bool
) -> list[pa.RecordBatch]:
    """The texts whose seeds, in the files of `names`, are among these: of this crawl's own, or of an earlier one's."""
    if not names:
        return []
    where = "true" if own else "step = $step"
    shard = "$shard" if own else "shard"
    query = f"""
        select distinct {shard} as shard, doc_id from {parquet(uris(draft.storage, names))}
        where {where} and key in (select key from {parquet(uris(draft.storage, [seeds]))}) order by all
    """
    given: dict[str, Any] = {"shard": next(iter(sources))} if own else {"step": method.place}
    with connect(draft.storage) as db:
        found = fetch(db, query, given)
    result = []
    for place in pc.unique(found.column("shard")).to_pylist():
        wanted = found.filter(pc.equal(found.column("shard"), place)).column("doc_id").combine_chunks()
        result.append(_whole(read(draft.storage, sources[place], method.place, wanted.cast(pa.string()))))
    return result


def _full(waiting: list[pa.RecordBatch], *, last: bool = False) -> Iterator[pa.RecordBatch]:
    """Gives and forgets what waits, where it is enough or the last."""
    if waiting and (last or sum(batch.nbytes for batch in waiting) >= BYTES_BESIDE):
        whole = pa.Table.from_batches(waiting).combine_chunks().to_batches()
        waiting.clear()
        yield from whole


def _union(made: WindowDeduper, own: pa.RecordBatch, parts: Sequence[Windows]) -> Windows:
    """What one part or another shows to be repeated."""
    if len(parts) == 1:
        return parts[0]
    pairs = sorted(
        (text, first, last)
        for part in parts
        for text, first, last in zip(part.text.tolist(), part.first.tolist(), part.last.tolist(), strict=True)
    )
    merged: list[list[int]] = []
    for text, first, last in pairs:
        if merged and merged[-1][0] == text and first <= merged[-1][2] + 1:
            merged[-1][2] = max(merged[-1][2], last)
        else:
            merged.append([text, first, last])
    columns = np.array(merged, dtype=np.int64).reshape(-1, 3).T
    return made.covered(own.column("text"), columns[0], columns[1], columns[2])


def remember(draft: Draft, method: Method, source: Source, mine: pa.Table) -> pa.Table:
    """What one shard has that did not come before: its seeds, as rows (key, doc_id). `mine` are its rows."""
    made = method.made()
    own = _whole(read(draft.storage, source, method.place))
    repeated = dict(zip(mine.column("doc_id").to_pylist(), mine.column("units").to_pylist(), strict=True))
    found = [
        (text, run["first"], run["last"])
        for text, doc in enumerate(own.column("doc_id").to_pylist())
        for run in repeated.get(doc) or ()
    ]
    text, first, last = np.array(found, dtype=np.int64).reshape(-1, 3).T
    return _seeds(made, own, made.covered(own.column("text"), text, first, last))
