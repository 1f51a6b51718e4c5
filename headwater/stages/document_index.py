"""`document_index`: where in `raw` a document is, by doc_id, by URL and by registered domain. Read by trace alone.

A file holds one range of keys and its rows are ordered by key, so a lookup opens one file of a crawl and reads one row
group of it. Keys are hashes (32 hex digits): spread evenly, and no address is told by the index or its statistics.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.address import address
from headwater.engine import Engine, Guard, Task
from headwater.errors import UnknownName
from headwater.lake import scratch
from headwater.lake.audit import Conservation
from headwater.lake.files import ROW_GROUP_ROWS, read_batches
from headwater.lake.lineage import Partition
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project

VERSION = 2
# Each kind is a column of `raw`; a row of `raw` that has no value in it is not in the index of this kind.
KINDS = ("doc_id", "url", "domain")
ROWS_PER_FILE = 65_536
# A log of more files costs every reader more than a file of more row groups costs a lookup.
MOST_FILES = 4_096
PREFIX_BITS = 32
SORTED = [("key", "ascending"), ("doc_id", "ascending"), ("shard", "ascending")]


def document_index(project: Project, partition: Partition) -> Plan:
    """Plan for one crawl and kind: one output file per range of keys, as many as the rows of `raw` ask for."""
    kind = partition["kind"]
    if kind not in KINDS:
        raise UnknownName.among("kind of document_index", kind, KINDS)
    raw = project.lake.input("raw", {"crawl": partition["crawl"]})
    files = {f.shard: f for f in project.lake.read(raw)}
    bounds = ranges(sum(f.rows for f in files.values()))
    return Plan(
        table="document_index",
        partition=partition,
        inputs=(raw,),
        steps={"stages/document_index": VERSION},
        options={"kind": kind},
        shards={f"{i:05d}": {"low": low, "high": high} for i, (low, high) in enumerate(bounds)},
        work=gather_range,
        owed=Conservation(tuple(f.name for f in files.values()), where=f"{kind} is not null"),
        prepare=lambda draft, engine: _prepare(draft, engine, kind, {s: f.name for s, f in files.items()}),
        finish=scratch.clear,
    )


def key(kind: str, value: str) -> str:
    """What a value is looked up by: a doc_id by itself, others by the first 32 hex digits of their SHA-256.

    A URL is hashed as takedowns match it, so that spellings of one address have one key.
    """
    if kind == "doc_id":
        return value
    said = address(value) if kind == "url" else value
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def ranges(rows: int) -> list[tuple[str, str]]:
    """Disjoint, equal ranges that hold every key: (lowest prefix, prefix that the keys are below)."""
    count = min(max(1, math.ceil(rows / ROWS_PER_FILE)), MOST_FILES)
    edges = [f"{i * 2**PREFIX_BITS // count:08x}" for i in range(count)]
    return list(zip(edges, [*edges[1:], "g"], strict=True))


def _prepare(draft: Draft, engine: Engine, kind: str, raw: Mapping[str, str]) -> dict[str, Any]:
    todo = scratch.missing(draft, "keys", sorted(raw))
    for _ in engine.map(list_keys, [Task(s, {"draft": draft, "raw": raw[s], "kind": kind}) for s in todo]):
        pass
    return {"keys": [scratch.name(draft, "keys", shard) for shard in sorted(raw)]}


def list_keys(task: Task, guard: Guard) -> None:
    """First phase: the keys of one shard of `raw`, in order."""
    draft, kind = task.arguments["draft"], task.arguments["kind"]
    schema = table("document_index").file_schema
    found = [schema.empty_table()]
    for batch in read_batches(draft.storage, task.arguments["raw"], list(dict.fromkeys(["doc_id", kind]))):
        there = batch.filter(pc.is_valid(batch.column(kind)))
        shards = pa.array([task.shard] * there.num_rows, pa.string())
        found.append(pa.table([_keys(kind, there.column(kind)), there.column("doc_id"), shards], schema=schema))
    with scratch.writer(draft, "keys", task.shard, schema) as out:
        out.write_table(pa.concat_tables(found).sort_by(SORTED), row_group_size=ROW_GROUP_ROWS // 4)


def _keys(kind: str, values: pa.Array) -> pa.Array:
    if kind == "doc_id":
        return values
    # Of equal addresses, as of one domain, one hash.
    encoded = values.dictionary_encode()
    hashes = pa.array([key(kind, value) for value in encoded.dictionary.to_pylist()], pa.string())
    return hashes.take(encoded.indices)


def gather_range(task: Task, guard: Guard) -> None:
    """Second phase: the rows of one range of keys, from every shard's."""
    draft, said = task.arguments["draft"], task.arguments
    mine = [("key", ">=", said["low"]), ("key", "<", said["high"])]
    found = [table("document_index").file_schema.empty_table()]
    for name in said["keys"]:
        with draft.storage.open(name) as file:
            found.append(pq.read_table(file, filters=mine))
    whole = pa.concat_tables(found).sort_by(SORTED)
    with draft.writer(task.shard) as writer:
        for start in range(0, whole.num_rows, ROW_GROUP_ROWS):
            writer.write(whole.slice(start, ROW_GROUP_ROWS))
