"""Lines and sentences across documents: equal digests meet in ranges of their values, and the first one stays.

Three phases: the units of each shard, in order of digest; for each range of digests, from all shards, those that came
before; for each shard, what goes. Remembered are the digests of a crawl that no earlier one had.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from headwater import identity
from headwater.deduplication import Method
from headwater.document import Units
from headwater.engine import Engine, Guard, Task
from headwater.lake import scratch
from headwater.lake.files import read_where
from headwater.lake.store import Draft
from headwater.spans import rows
from headwater.spans.texts import Source, read

I64 = npt.NDArray[np.int64]
# A unit in order: the high half of its doc_id's 128 bits, then shard, place of the text in the shard and number in the
# text. The half gives the order alone: of 10^10 documents two are likely to share it, and whoever writes record ids can
# have any two share it.
PLACE = [("shard", pa.int32()), ("text", pa.int32()), ("number", pa.int32())]
UNIT = pa.schema([("key", pa.int64()), ("document", pa.uint64()), *PLACE])
AGAIN = pa.schema(PLACE)
ROWS_TOGETHER = 65_536


def search(
    draft: Draft, engine: Engine, method: Method, sources: Mapping[str, Source], known: Sequence[str]
) -> dict[str, str]:
    """Rows of `repeated_spans` for each shard, as scratch files by shard. `known` are files of `span_index`."""
    shards = sorted(sources)
    said = {"draft": draft, "method": method, "known": list(known), "shards": shards}
    for phase, parts in ((list_units, shards), (find_repeated, [f"{i:05d}" for i in range(len(shards))]),
                         (say_rows, shards)):  # fmt: skip
        todo = scratch.missing(draft, _kind(method, phase.__name__), parts)
        tasks = [Task(part, {**said, "source": sources.get(part), "place": parts.index(part)}) for part in todo]
        for _ in engine.map(phase, tasks):
            pass
    return {shard: scratch.name(draft, _kind(method, "say_rows"), shard) for shard in shards}


def _kind(method: Method, phase: str) -> str:
    return f"{method.place}-{phase}"


def list_units(task: Task, guard: Guard) -> None:
    """First phase: every unit of one shard, in order of digest."""
    draft, method, made = task.arguments["draft"], task.arguments["method"], task.arguments["method"].made()
    parts, texts = [np.zeros((4, 0), dtype=np.int64)], 0
    for batch in read(draft.storage, task.arguments["source"], method.place):
        found = made.units(batch.column("text"))
        used = found.digest != 0
        place = identity.halves(batch.column("doc_id"))[0].view(np.int64)[found.text]
        columns = [found.digest.view(np.int64), place, texts + found.text, numbers(found)]
        parts.append(np.stack(columns)[:, used])
        texts += batch.num_rows
    key, place, text, number = np.concatenate(parts, axis=1)
    order = np.argsort(key, kind="stable")
    shard = np.full(len(key), task.arguments["place"], dtype=np.int32)
    columns = [key[order], place[order].view(np.uint64), shard, *(c[order].astype(np.int32) for c in (text, number))]
    with scratch.writer(draft, _kind(method, "list_units"), task.shard, UNIT) as out:
        out.write_table(pa.table([pa.array(c) for c in columns], schema=UNIT), row_group_size=ROWS_TOGETHER)


def numbers(found: Units) -> I64:
    """Of each unit its number in its text."""
    count = np.bincount(found.text) if len(found.text) else np.zeros(0, dtype=np.int64)
    first = np.cumsum(count) - count
    return np.arange(len(found.text)) - first[found.text]


def find_repeated(task: Task, guard: Guard) -> None:
    """Second phase: of one range of digests, the units that are not the first, in order of shard."""
    draft, method, shards = task.arguments["draft"], task.arguments["method"], task.arguments["shards"]
    mine = identity.ranges(len(shards))[task.arguments["place"]]
    names = [scratch.name(draft, _kind(method, "list_units"), shard) for shard in shards]
    parts = [part for name in names for part in read_where(draft.storage, name, {"key": mine}, UNIT.names)]
    units = pa.concat_tables([UNIT.empty_table(), *parts])
    known = known_keys(draft, task.arguments["known"], method, mine)
    key, place, shard, text, number = (units.column(name).to_numpy() for name in UNIT.names)
    order = np.lexsort((number, text, shard, place, key))
    of = key[order]
    first = np.ones(len(of), dtype=np.bool_)
    first[1:] = of[1:] != of[:-1]
    again = order[~first | identity.among(of, known)]
    again = again[np.lexsort((number[again], text[again], shard[again]))]
    with scratch.writer(draft, _kind(method, "find_repeated"), task.shard, AGAIN) as out:
        columns = [pa.array(shard[again]), pa.array(text[again]), pa.array(number[again])]
        out.write_table(pa.table(columns, schema=AGAIN), row_group_size=ROWS_TOGETHER)


def known_keys(draft: Draft, names: Sequence[str], method: Method, within: tuple[int, int]) -> I64:
    """The keys in a range that earlier crawls left for a method, in order."""
    bounds = {"step": (method.place, method.place), "key": within}
    parts = (part for name in names for part in read_where(draft.storage, name, bounds, ["key"]))
    return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(part.column("key").to_numpy() for part in parts)]))


def say_rows(task: Task, guard: Guard) -> None:
    """Third phase: what goes from the texts of one shard."""
    draft, method, made = task.arguments["draft"], task.arguments["method"], task.arguments["method"].made()
    again = _of_shard(draft, method, len(task.arguments["shards"]), task.arguments["place"])
    texts = 0
    with scratch.writer(draft, _kind(method, "say_rows"), task.shard, rows.SCHEMA) as out:
        for batch in read(draft.storage, task.arguments["source"], method.place):
            found = made.units(batch.column("text"))
            number = numbers(found)
            repeated = np.zeros(len(found.text), dtype=np.bool_)
            starts = np.searchsorted(found.text, np.arange(batch.num_rows))
            for text in range(batch.num_rows):
                if texts + text in again:
                    repeated[starts[text] + again[texts + text]] = True
            texts += batch.num_rows
            listed = rows.lists(batch.num_rows, *rows.runs(found.text[repeated], number[repeated]))
            out.write_table(rows.made(method, batch, task.shard, made.stretches(found, repeated), listed))


def _of_shard(draft: Draft, method: Method, ranges: int, place: int) -> dict[int, I64]:
    """Numbers of the repeated units of one shard, by the place of the text."""
    found = [AGAIN.empty_table()]
    for part in range(ranges):
        with draft.storage.open(scratch.name(draft, _kind(method, "find_repeated"), f"{part:05d}")) as file:
            found.append(pq.read_table(file, schema=AGAIN, filters=[("shard", "=", place)]))
    whole = pa.concat_tables(found)
    texts, number = whole.column("text").to_numpy(), whole.column("number").to_numpy().astype(np.int64)
    if not len(texts):
        return {}
    order = np.argsort(texts, kind="stable")
    unique, start = np.unique(texts[order], return_index=True)
    return dict(zip(unique.tolist(), np.split(number[order], start[1:]), strict=True))


def remember(draft: Draft, method: Method, source: Source, mine: pa.Table) -> pa.Table:
    """What one shard has that did not come before: its digests, as rows (key, doc_id). `mine` are its rows."""
    made = method.made()
    repeated = dict(zip(*(mine.column(n).to_pylist() for n in ("doc_id", "units")), strict=True))
    keys = [np.zeros(0, dtype=np.int64)]
    for batch in read(draft.storage, source, method.place):
        found = made.units(batch.column("text"))
        new = found.digest != 0
        starts = np.searchsorted(found.text, np.arange(batch.num_rows))
        for text, doc in enumerate(batch.column("doc_id").to_pylist()):
            for run in repeated.get(doc) or ():
                new[starts[text] + run["first"] : starts[text] + run["last"] + 1] = False
        keys.append(found.digest[new].view(np.int64))
    key = np.unique(np.concatenate(keys))
    return pa.table([pa.array(key), pa.nulls(len(key), pa.string())], ["key", "doc_id"])
