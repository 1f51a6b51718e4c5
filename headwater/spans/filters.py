"""N-grams in a Bloom filter: hashed shard by shard, judged in one walk through the crawl by doc_id, kept as pages.

What a walk adds depends on its order, so it is one for the whole crawl; documents are brought into order in ranges of
doc_id, so that only one range's hashes are in memory beside the filter. Remembered is the filter after the crawl.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.deduplication import Method
from headwater.document import Bits, Edits, FilterDeduper, Ngrams
from headwater.engine import Engine, Guard, Task
from headwater.errors import UserError
from headwater.lake import scratch
from headwater.lake.files import read_batches
from headwater.lake.store import Draft
from headwater.lake.tables import RUN
from headwater.spans import pages, rows
from headwater.spans.texts import Source, read

I64 = pa.list_(pa.int64())
HASHED = pa.schema([
    ("doc_id", pa.string()), ("shard", pa.string()), ("hashes", pa.list_(pa.uint64())), ("ends", I64), ("starts", I64),
    ("stops", I64),
])  # fmt: skip
STRETCH = pa.struct([("start", pa.int64()), ("stop", pa.int64()), ("rule", pa.string())])
JUDGED = pa.schema([
    ("doc_id", pa.string()), ("shard", pa.string()), ("dropped", pa.bool_()), ("value", pa.float64()),
    ("stretches", pa.list_(STRETCH)), ("units", pa.list_(RUN)),
])  # fmt: skip
DOCUMENTS_TOGETHER = 512
# So many times the rate that was asked for, and a filter removes too much by mistake.
TOLERATED = 2
PAGES_TOGETHER = 1_024


def search(
    draft: Draft, engine: Engine, method: Method, sources: Mapping[str, Source], known: Sequence[str]
) -> dict[str, str]:
    """Rows of `repeated_spans` for each shard, as scratch files by shard. `known` are files of `span_index`."""
    shards = sorted(sources)
    _phase(draft, engine, method, list_ngrams, sources)
    if scratch.missing(draft, _kind(method, "judged"), ["all"]):
        made = method.made()
        _judge(draft, method, made, shards, state(draft, method, made, known))
    _phase(draft, engine, method, say_rows, sources)
    return {shard: scratch.name(draft, _kind(method, "say_rows"), shard) for shard in shards}


def _kind(method: Method, phase: str) -> str:
    return f"{method.place}-{phase}"


def _phase(draft: Draft, engine: Engine, method: Method, phase: Any, sources: Mapping[str, Source]) -> None:
    todo = scratch.missing(draft, _kind(method, phase.__name__), sorted(sources))
    tasks = [Task(shard, {"draft": draft, "method": method, "source": sources[shard]}) for shard in todo]
    for _ in engine.map(phase, tasks):
        pass


def list_ngrams(task: Task, guard: Guard) -> None:
    """First phase: the hashed n-grams of one shard, document by document, a range of doc_ids in one place."""
    draft, method = task.arguments["draft"], task.arguments["method"]
    made, found = method.made(), [HASHED.empty_table()]
    for batch in read(draft.storage, task.arguments["source"], method.place):
        found.append(_listed(batch, task.shard, made.ngrams(batch.column("text"))))
    whole = pa.concat_tables(found).combine_chunks()
    order = pc.sort_indices(whole, sort_keys=[("doc_id", "ascending")])
    with scratch.writer(draft, _kind(method, "list_ngrams"), task.shard, HASHED) as out:
        for start in range(0, whole.num_rows, DOCUMENTS_TOGETHER):
            out.write_table(whole.take(order.slice(start, DOCUMENTS_TOGETHER)))


def _listed(batch: pa.RecordBatch, shard: str, found: Ngrams) -> pa.Table:
    units = np.concatenate([[0], found.units])
    ends = np.concatenate([[0], found.ends])
    hashes, of_units = ends[units].astype(np.int32), units.astype(np.int32)
    lists = [pa.ListArray.from_arrays(pa.array(hashes), pa.array(found.hashes))]
    own_ends = found.ends - np.repeat(ends[units[:-1]], np.diff(units))
    lists += [pa.ListArray.from_arrays(pa.array(of_units), pa.array(v)) for v in (own_ends, found.starts, found.stops)]
    return pa.table([batch.column("doc_id"), pa.array([shard] * batch.num_rows, pa.string()), *lists], schema=HASHED)


def _joined(documents: pa.Table) -> Ngrams:
    """N-grams of documents in order, as one batch."""
    hashes, ends, starts, stops = (documents.column(n).combine_chunks() for n in HASHED.names[2:])
    count = np.asarray(pc.list_value_length(hashes), dtype=np.int64)
    units = np.asarray(pc.list_value_length(ends), dtype=np.int64)
    before = np.repeat(np.cumsum(count) - count, units)
    flat = [np.asarray(column.flatten()) for column in (ends, starts, stops)]
    values = np.array(hashes.flatten(), dtype=np.uint64)
    return Ngrams(values, flat[0] + before, flat[1], flat[2], np.cumsum(units))


def _in_order(draft: Draft, method: Method, shards: Sequence[str]) -> Iterator[pa.Table]:
    """All documents of the crawl by doc_id, in as many ranges as there are shards."""
    for place in range(len(shards)):
        low, high = (f"{edge * 2**32 // len(shards):08x}" for edge in (place, place + 1))
        mine = [("doc_id", ">=", low)] + ([("doc_id", "<", high)] if place + 1 < len(shards) else [])
        found = [HASHED.empty_table()]
        for shard in shards:
            with draft.storage.open(scratch.name(draft, _kind(method, "list_ngrams"), shard)) as file:
                found.append(pq.read_table(file, schema=HASHED, filters=mine))
        yield pa.concat_tables(found).sort_by("doc_id")


def _judge(draft: Draft, method: Method, made: FilterDeduper, shards: Sequence[str], bits: Bits) -> None:
    """Second phase: the walk. It holds the filter, so it is the driver's. Of a range shards lie apart."""
    with scratch.writer(draft, _kind(method, "judged"), "all", JUDGED) as out:
        for documents in _in_order(draft, method, shards):
            said = [JUDGED.empty_table()]
            for start in range(0, documents.num_rows, DOCUMENTS_TOGETHER):
                some = documents.slice(start, DOCUMENTS_TOGETHER)
                said.append(_said(some, made, _joined(some), bits))
            out.write_table(pa.concat_tables(said).sort_by("shard"), row_group_size=DOCUMENTS_TOGETHER)
        _check(method, made, bits)


def _check(method: Method, made: FilterDeduper, bits: Bits) -> None:
    """Raises UserError where a filter is so full that it takes what is new for seen."""
    ngrams, rate = made.held(bits)
    if rate > TOLERATED * made.fp_rate:
        raise UserError(
            f"{method.name}: the filter is for {made.expected_ngrams} n-grams and has about {ngrams}, so that "
            f"{rate:.1%} of new ones are taken for seen, where fp_rate is {made.fp_rate}; nothing was published, set "
            f"expected_ngrams to {2 * ngrams} or more in the recipe (every crawl is then deduplicated anew)"
        )


def _said(documents: pa.Table, made: FilterDeduper, found: Ngrams, bits: Bits) -> pa.Table:
    said = made.screen(bits, found)
    edits = made.stretches(found, said)
    text = np.searchsorted(found.units, np.arange(len(found.ends)), side="right")
    number = np.arange(len(text)) - np.concatenate([[0], found.units])[text]
    rules = pa.array(edits.rules, pa.string()).take(pa.array(edits.rule))
    places = [pa.array(edits.start), pa.array(edits.stop), rules]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(edits.text, minlength=documents.num_rows))]).astype(np.int32)
    columns = {
        "doc_id": documents.column("doc_id"),
        "shard": documents.column("shard"),
        "dropped": pa.array(said.documents),
        "value": pa.array(said.contained / np.maximum(said.total, 1)),
        "stretches": pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(places, fields=[*STRETCH])),
        "units": rows.lists(documents.num_rows, *rows.runs(text[said.units], number[said.units])),
    }
    return pa.table(columns).select(JUDGED.names).cast(JUDGED)


def say_rows(task: Task, guard: Guard) -> None:
    """Third phase: what goes from the texts of one shard."""
    draft, method = task.arguments["draft"], task.arguments["method"]
    threshold = method.made().threshold
    with draft.storage.open(scratch.name(draft, _kind(method, "judged"), "all")) as file:
        judged = pq.read_table(file, schema=JUDGED, filters=[("shard", "=", task.shard)])
    known = judged.column("doc_id").combine_chunks()
    with scratch.writer(draft, _kind(method, "say_rows"), task.shard, rows.SCHEMA) as out:
        for batch in read(draft.storage, task.arguments["source"], method.place):
            said = judged.take(pc.index_in(batch.column("doc_id"), value_set=known)).combine_chunks()
            flat = {n: np.asarray(said.column(n)) for n in ("dropped", "value")}
            units = said.column("units").combine_chunks()
            table = rows.made(method, batch, task.shard, _edits(said), units, threshold=threshold, **flat)
            out.write_table(table)


def _edits(said: pa.Table) -> Edits:
    lists = said.column("stretches").combine_chunks()
    places = lists.flatten()
    start, stop = (np.asarray(places.field(n), dtype=np.int64) for n in ("start", "stop"))
    names = pc.unique(places.field("rule"))
    rule = np.asarray(pc.index_in(places.field("rule"), value_set=names), dtype=np.int64)
    text = np.repeat(np.arange(len(lists)), np.asarray(pc.list_value_length(lists)))
    return Edits(text, start, stop, rule, np.full(len(text), -1, dtype=np.int64), tuple(names.to_pylist()))


def state(draft: Draft, method: Method, made: FilterDeduper, known: Sequence[str]) -> Bits:
    """The filter that earlier crawls left in files of `span_index`."""
    bits = made.empty()
    for name in known:
        with draft.storage.open(name) as file:
            found = pq.ParquetFile(file)
            for group in found.iter_batches(batch_size=64, columns=["step", "key", "bits"]):
                pages.fill(bits, [group.filter(pc.equal(group.column("step"), method.place))])
    return bits


def remember(
    draft: Draft, engine: Engine, method: Method, sources: Mapping[str, Source], mine: Mapping[str, str], bits: Bits
) -> Bits:
    """The filter with what this crawl adds: the n-grams of units that `repeated_spans`, by shard in `mine`, keeps."""
    made = method.made()
    _phase(draft, engine, method, list_ngrams, sources)
    for shard in sorted(sources):
        removed = _removed(draft, method, mine[shard])
        for batch in read_batches(draft.storage, scratch.name(draft, _kind(method, "list_ngrams"), shard)):
            found = _joined(pa.Table.from_batches([batch]))
            flags = np.zeros(len(found.ends), dtype=np.bool_)
            first = np.concatenate([[0], found.units])
            for text, doc in enumerate(batch.column("doc_id").to_pylist()):
                for run in removed.get(doc) or ():
                    flags[first[text] + run["first"] : first[text] + run["last"] + 1] = True
            made.add(bits, found, flags)
    return bits


def _removed(draft: Draft, method: Method, name: str) -> dict[str, Any]:
    with draft.storage.open(name) as file:
        found = pq.read_table(file, columns=["doc_id", "units"], filters=[("step", "=", method.place)])
    return dict(zip(found.column("doc_id").to_pylist(), found.column("units").to_pylist(), strict=True))


def fullness(made: FilterDeduper, bits: Bits) -> dict[str, Any]:
    """What a commit says of a filter: its bytes, about how many n-grams it has and is for, and its rate."""
    ngrams, rate = made.held(bits)
    return {
        "bytes": len(bits) * 8,
        "ngrams": ngrams,
        "expected_ngrams": made.expected_ngrams,
        "fp_rate": round(rate, 9),
    }
