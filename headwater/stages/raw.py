"""`raw`: one row per response, resource, conversion or revisit record. A pointer into the WARC, never the payload.

A stretch of a file that cannot be read as a record is a quarantined row, so that no byte is passed over unseen.

Two phases: each WARC file is indexed by itself; then records whose id was seen before in the crawl are marked.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from headwater.engine import Engine, Guard, Task
from headwater.lake import scratch, tombstones
from headwater.lake.audit import Conservation, connect
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.rights import page_signals
from headwater.stages.sources import is_document
from headwater.warc import facts
from headwater.warc.local import local_copy
from headwater.warc.reader import Reader
from headwater.warc.record import Record

VERSION = 2
HTML = ("text/html", "application/xhtml+xml")
BATCH = 1_024


def raw(project: Project, partition: Partition) -> Plan:
    """Plan for one crawl: one output file per WARC file."""
    source = project.lake.input("sources", {"crawl": partition["crawl"]})
    files = project.lake.read(source)
    rows = [row for f in files for b in read_batches(project.lake.storage, f.name) for row in b.to_pylist()]
    removed = tombstones.names(project.lake)
    shards = {
        row["shard"]: {"path": row["path"], "root": project.source, "tombstones": removed} for row in rows
    }  # fmt: skip
    return Plan(
        table="raw",
        partition=partition,
        inputs=(source,),
        steps={"stages/raw": VERSION},
        options={},
        shards=shards,
        work=finish_shard,
        owed=Conservation(tuple(f.name for f in files), copies="documents", key="shard"),
        prepare=lambda draft, engine: _prepare(draft, engine, shards),
        finish=scratch.clear,
    )


def _prepare(draft: Draft, engine: Engine, shards: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    todo = scratch.missing(draft, "index", sorted(shards))
    for _ in engine.map(index_shard, [Task(shard, {"draft": draft, **shards[shard]}) for shard in todo]):
        pass
    repeated = _repeated(draft, {shard: shards[shard]["path"].rsplit("/", 1)[-1] for shard in sorted(shards)})
    return {"repeated": repeated, "details": {"repeated_records": sum(map(len, repeated.values()))}}


def index_shard(task: Task, guard: Guard) -> None:
    """First phase: the rows of one WARC file, in file order."""
    schema, path = table("raw").file_schema, task.arguments["path"]
    with (
        local_copy(task.arguments["root"], path) as file,
        file.open("rb") as stream,
        scratch.writer(task.arguments["draft"], "index", task.shard, schema) as out,
    ):
        documents = (record for record in Reader(stream, name=file.name) if is_document(record))
        for records in _batches(documents):
            rows = [row(task.shard, file.name, record) for record in records]
            out.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(islice(records, BATCH)):
        yield batch


def finish_shard(task: Task, guard: Guard) -> None:
    """Second phase: mark repeated records, and order the rows by doc_id so that one document is found fast."""
    draft = task.arguments["draft"]
    repeated = task.arguments["repeated"].get(task.shard, {})
    with draft.storage.open(scratch.name(draft, "index", task.shard)) as file:
        rows = pq.read_table(file)
    if repeated:
        marked = [{**r, **repeated.get(r["offset"], {})} for r in rows.to_pylist()]
        rows = pa.Table.from_pylist(marked, schema=rows.schema)
    rows = tombstones.load(draft.storage, task.arguments["tombstones"]).mark(rows)
    with draft.writer(task.shard) as writer:
        writer.write(rows.sort_by([("doc_id", "ascending"), ("offset", "ascending")]))


def row(shard: str, name: str, record: Record) -> dict[str, Any]:
    """What `raw` says of one record."""
    body = record.body()
    digest = record.payload_digest
    verdict = _verdict(record, body)
    page = page_signals.of_record(record, body) if verdict["outcome"] == "kept" else None
    return {
        "doc_id": facts.doc_id(record.record_id, name, record.offset),
        "shard": shard,
        "offset": record.offset,
        "length": record.length,
        "record_id": record.record_id,
        "record_type": record.record_type,
        "url": record.url,
        "host": facts.host(record.url),
        "domain": facts.registered_domain(record.url),
        "fetched_at": record.date,
        "http_status": record.http_status,
        "media_type": record.media_type,
        "charset": record.charset,
        "payload_bytes": len(body),
        "payload_digest": digest,
        "payload_digest_ok": digest_holds(digest, body),
        "consent": facts.consent(record.http_header_list, page),
        **verdict,
    }


def _verdict(record: Record, body: bytes) -> dict[str, Any]:
    if record.problem is not None:
        return {"outcome": "quarantined", "rule": record.problem, "detail": record.detail}
    if record.record_type == "revisit":
        return {"outcome": "dropped", "rule": "revisit"}
    status = record.http_status
    if status is not None and not 200 <= status < 300:
        return {"outcome": "dropped", "rule": "http_status", "value": float(status)}
    if record.media_type in HTML or (record.media_type is None and _looks_like_html(body)):
        return {"outcome": "kept"}
    return {"outcome": "dropped", "rule": "media_type", "detail": record.media_type}


def _looks_like_html(body: bytes) -> bool:
    start = body[:1024].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


def digest_holds(digest: str | None, body: bytes) -> bool | None:
    """Whether the payload is what the crawler says; None where it says nothing that can be checked."""
    algorithm, _, value = (digest or "").partition(":")
    if algorithm.lower() != "sha1" or len(value) != 32:
        return None
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode() == value.upper()


def _repeated(draft: Draft, names: Mapping[str, str]) -> dict[str, dict[int, dict[str, Any]]]:
    """Records whose id an earlier record of the crawl has, by shard and offset: what is to be changed in their rows."""
    files = [scratch.uri(draft, "index", shard) for shard in names]
    if not files:
        return {}
    query = """
        select shard, "offset" from (
            select shard, "offset", row_number() over (partition by record_id order by shard, "offset") as seen
            from read_parquet($files) where record_id is not null
        ) where seen > 1
    """
    found: dict[str, dict[int, dict[str, Any]]] = {}
    with connect(draft.storage) as connection:
        for shard, offset in connection.execute(query, {"files": files}).fetchall():
            doc_id = facts.doc_id(None, names[shard], offset)
            change = {"doc_id": doc_id, "outcome": "quarantined", "rule": "repeated_record", "detail": None}
            found.setdefault(shard, {})[offset] = change
    return found
