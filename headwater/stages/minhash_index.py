"""`minhash_index`: the buckets each kept document falls into, by every deduper of a recipe. Evidence for `deduped`.

A file is a range of buckets and not a shard: the keys of each shard go to a scratch file in their order, and each range
gathers its own out of all of them. So whoever looks for the documents of a bucket reads one file a crawl.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater import deduplication, identity, registry
from headwater.document import Deduper
from headwater.embedding import made, versions
from headwater.engine import Engine, Guard, Task
from headwater.lake import scratch
from headwater.lake.files import read_batches, read_where
from headwater.lake.lineage import Input, Partition
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project

VERSION = 2  # files by range of buckets; `split` and `rank`

# About how many rows a file has: what one task of the search holds in memory at once, beside those it shares with.
RANGE_ROWS = 1 << 20
# About as many buckets as a method puts a document into.
BANDS = 16
KEYS_TOGETHER = 1 << 14
# A document without a time of fetching comes after those that have one.
NEVER = (1 << 63) - 1
KEY = pa.schema([
    ("bucket", pa.int64()), ("method", pa.int16()), ("band", pa.int16()), ("split", pa.int32()), ("rank", pa.int64()),
    ("high", pa.uint64()), ("low", pa.uint64()),
])  # fmt: skip


def minhash_index(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe and crawl: one output file per range of buckets; how many there are, the rows decide."""
    recipe = project.recipe(partition["recipe"])
    filtered = project.lake.input("filtered", partition)
    steps = [(method.name, method.options) for method in deduplication.pairs(recipe)]
    files, inputs = project.lake.read(filtered), [filtered]
    times: dict[str, str] = {}
    if any(_wins(*step) != "first" for step in steps):
        inputs.append(project.lake.input("raw", {"crawl": partition["crawl"]}))
        times = {f.shard: f.name for f in project.lake.read(inputs[1])}
    count = -(-_kept(project, filtered) * BANDS * len(steps) // RANGE_ROWS)
    said = {f.shard: {"filtered": f.name, "steps": steps, "raw": times.get(f.shard)} for f in files}
    return Plan(
        table="minhash_index",
        partition=partition,
        inputs=tuple(inputs),
        steps={"stages/minhash_index": VERSION, **versions(recipe.dedup)},
        options={"dedup": steps},
        shards={f"{i:05d}": {"low": low, "high": high} for i, (low, high) in enumerate(identity.ranges(max(1, count)))},
        work=gather_range,
        prepare=lambda draft, engine: _prepare(draft, engine, said, [name for name, _ in steps]),
        finish=scratch.clear,
    )


def _wins(name: str, options: Mapping[str, Any]) -> str:
    """Which document of an address stays; a plan makes no deduper of ours, as that can load heavy libraries."""
    return str(made((name, options)).wins if registry.is_own("dedupers", name) else options.get("wins", "first"))


def _kept(project: Project, filtered: Input) -> int:
    commit = project.lake.published(filtered.table, filtered.partition)
    assert commit is not None
    assert commit.provenance is not None
    return int(commit.provenance.row_flow.get("outcomes", {}).get("kept", 0))


def _prepare(
    draft: Draft, engine: Engine, shards: Mapping[str, Mapping[str, Any]], methods: Sequence[str]
) -> Mapping[str, Any]:
    todo = scratch.missing(draft, "keys", sorted(shards))
    for _ in engine.map(key_shard, [Task(s, {"draft": draft, **shards[s]}) for s in todo]):
        pass
    return {"methods": list(methods), "shards": sorted(shards)}


def key_shard(task: Task, guard: Guard) -> None:
    """First phase: the keys of one shard's kept documents, in the order of their buckets."""
    draft, said = task.arguments["draft"], task.arguments
    dedupers = [made(step) for step in said["steps"]]
    found = [KEY.empty_table()]
    for batch, times in _batches(draft, said, dedupers):
        high, low = identity.halves(batch.column("doc_id"))
        for number, deduper in enumerate(dedupers):
            found.append(_keyed(number, deduper, batch.column(deduper.reads), high, low, times))
    whole = pa.concat_tables(found)
    order = np.argsort(whole.column("bucket").to_numpy(), kind="stable")
    with scratch.writer(draft, "keys", task.shard, KEY) as out:
        out.write_table(whole.take(pa.array(order)), row_group_size=KEYS_TOGETHER)


def _batches(
    draft: Draft, said: Mapping[str, Any], dedupers: Sequence[Deduper]
) -> Iterator[tuple[pa.RecordBatch, pa.Array | None]]:
    """Kept documents, and when each was fetched where that is asked for."""
    columns = ["doc_id", "outcome", *sorted({deduper.reads for deduper in dedupers})]
    raw = None
    if said["raw"] is not None:
        raw = pa.Table.from_batches(list(read_batches(draft.storage, said["raw"], ["doc_id", "fetched_at"])))
    for batch in read_batches(draft.storage, said["filtered"], columns):
        kept = batch.filter(pc.equal(batch.column("outcome"), "kept"))
        if raw is None:
            yield kept, None
        else:
            place = pc.index_in(kept.column("doc_id"), value_set=raw.column("doc_id"))
            yield kept, raw.column("fetched_at").take(place).combine_chunks()


def _keyed(
    number: int, deduper: Deduper, texts: pa.Array, high: identity.U64, low: identity.U64, times: pa.Array | None
) -> pa.Table:
    keys, valid = deduper.keys(texts)
    count = keys.shape[1] - deduper.splits
    here = np.flatnonzero(valid)
    rows = np.repeat(here, count)
    split = np.roll(keys, -1, axis=1)[here, :count].astype(np.int32)
    return pa.table([
        keys[here, :count].reshape(-1),
        np.full(len(rows), number, dtype=np.int16),
        np.tile(np.arange(count, dtype=np.int16), len(here)),
        split.reshape(-1) if keys.shape[1] > 1 else np.zeros(len(rows), dtype=np.int32),
        _ranks(deduper, len(texts), times)[rows],
        high[rows],
        low[rows],
    ], schema=KEY)  # fmt: skip


def _ranks(deduper: Deduper, count: int, times: pa.Array | None) -> npt.NDArray[np.int64]:
    """Which of one crawl's documents comes first, as a number; of equal ones the smaller doc_id does."""
    if deduper.wins == "first" or times is None:
        return np.zeros(count, dtype=np.int64)
    stamps = pc.fill_null(times.cast(pa.int64()), NEVER).to_numpy(zero_copy_only=False)
    return np.where(stamps == NEVER, NEVER, stamps if deduper.wins == "oldest" else -stamps)


def gather_range(task: Task, guard: Guard) -> None:
    """Second phase: one range of buckets, from every shard, by method, band, bucket and document."""
    draft, said = task.arguments["draft"], task.arguments
    found, shards, names = [KEY.empty_table()], [], pa.array(said["shards"], pa.string())
    for number, shard in enumerate(said["shards"]):
        mine = {"bucket": (said["low"], said["high"])}
        for rows in read_where(draft.storage, scratch.name(draft, "keys", shard), mine, KEY.names):
            found.append(rows)
            shards.append(np.full(rows.num_rows, number, dtype=np.int32))
    whole = pa.concat_tables(found)
    order = _order(whole, sorted(range(len(said["methods"])), key=lambda m: said["methods"][m]))
    where = np.concatenate([np.zeros(0, np.int32), *shards])[order]
    whole = whole.take(pa.array(order))
    with draft.writer(task.shard) as writer:
        for start in range(0, len(order), KEYS_TOGETHER):
            rows = whole.slice(start, KEYS_TOGETHER)
            writer.write(_rows(rows, names.take(pa.array(where[start : start + KEYS_TOGETHER])), said["methods"]))


def _order(rows: pa.Table, methods: Sequence[int]) -> npt.NDArray[np.int64]:
    """By method's name, band, bucket and doc_id. Keys are even, so that sorts of one column at a time are fast."""
    places = np.argsort(np.array(methods, dtype=np.int16)) if methods else np.zeros(0, np.int64)
    bucket, low = rows.column("bucket").to_numpy(), rows.column("low").to_numpy()
    kind = places[rows.column("method").to_numpy()] * (1 << 16) + rows.column("band").to_numpy()
    order = np.argsort(bucket, kind="stable")
    order = order[np.argsort(kind[order], kind="stable")]
    same = (bucket[order][1:] == bucket[order][:-1]) & (kind[order][1:] == kind[order][:-1])
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False)) if same.size else np.zeros(0, np.int64)
    if tied.size:
        these = order[tied]
        high = rows.column("high").to_numpy()
        order[tied] = these[np.lexsort((low[these], high[these], bucket[these], kind[these]))]
    return order


def _rows(rows: pa.Table, shards: pa.Array, methods: Sequence[str]) -> pa.Table:
    ids = identity.ids(rows.column("high").to_numpy(), rows.column("low").to_numpy())
    columns = {
        "doc_id": ids,
        "shard": shards,
        "method": pa.array(methods, pa.string()).take(rows.column("method")),
        **{name: rows.column(name) for name in ("band", "bucket", "split", "rank")},
    }
    return pa.table(columns).select(table("minhash_index").file_schema.names)
