"""`robots`: what each host's robots.txt, ai.txt, tdmrep.json and RSL terms said, one row for each that was fetched.

Those of a crawl are in the archives that it lists for them, and among its ordinary records. A set given by hand, as of
a date, is a partition of its own, `as-of-DATE`.

Two phases: each archive is read by itself; then rows are gathered by host, so that a host is in one file.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from headwater.engine import Engine, Guard, Task
from headwater.errors import MissingInput, UserError
from headwater.lake import scratch
from headwater.lake.audit import connect, parquet
from headwater.lake.lineage import Input, Partition, canonical
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.rights import host_files, rsl
from headwater.warc.local import local_copy
from headwater.warc.reader import read_at

VERSION = 1
AS_OF = "as-of-"
ORDINARY = "ordinary-records"
MOST_PARTS = 64
BATCH = 64
ORDER = 'host, kind, shard, "offset"'
STEPS = {"stages/robots": VERSION, "rights/host_files": host_files.VERSION}


def robots(project: Project, partition: Partition) -> Plan:
    """Plan for one crawl: inputs are the listing of its robots archives, and `raw` for what was fetched as a page.

    Raises MissingInput for a set of a date: that is made by `of_set`, from files that are not the crawl's.
    """
    crawl = partition["crawl"]
    if crawl.startswith(AS_OF):
        raise MissingInput(f"the files as of {crawl.removeprefix(AS_OF)} come from headwater consent refresh FOLDER")
    sized = "://" not in project.source.root
    listed = project.source.robots(crawl)
    files = [(f.shard, f.path, project.source.size(f.path) if sized else None) for f in listed]
    raw = project.lake.input("raw", {"crawl": crawl})
    # The files that `raw` is an index of, also where the crawl has been looked at again since.
    sources = project.lake.made_from(raw, "sources")
    tasks: dict[str, Mapping[str, Any]] = {
        shard: {"read": "archive", "root": project.source, "path": path} for shard, path, _ in files
    }
    tasks[ORDINARY] = {
        "read": "records",
        "root": project.source,
        "raw": [f.name for f in project.lake.read(raw)],
        "sources": [f.name for f in project.lake.read(sources)],
    }
    listing = Input(f"robots of {crawl}", {}, None, hashlib.sha256(canonical(files).encode()).hexdigest())
    return _plan(partition, (listing, raw), tasks, {"archives": len(files)})


def of_set(project: Project, as_of: str, place: Path) -> Plan:
    """Plan for files given by hand: a folder or an archive. They count as seen at the start of the day `as_of`."""
    seen = datetime.combine(day(as_of), datetime.min.time(), UTC)
    files = host_files.found_in(place)
    given = Input(f"files as of {as_of}", {}, None, host_files.digest_of(place, files))
    parts = max(1, min(MOST_PARTS, len(files)))
    tasks = {
        f"set-{i:05d}": {"read": "set", "place": place, "files": files[i::parts], "seen": seen} for i in range(parts)
    }
    return _plan({"crawl": f"{AS_OF}{as_of}"}, (given,), tasks, {"files": len(files)})


def day(as_of: str) -> date:
    """A day as YYYY-MM-DD. Raises UserError."""
    try:
        found = date.fromisoformat(as_of)
    except ValueError:
        found = None
    if found is None or found.isoformat() != as_of:
        raise UserError(f"{as_of!r} is not a day; give it as YYYY-MM-DD, for example 2025-09-01")
    return found


def _plan(
    partition: Partition, inputs: tuple[Input, ...], tasks: Mapping[str, Mapping[str, Any]], details: dict[str, Any]
) -> Plan:
    parts = max(1, min(MOST_PARTS, len(tasks) - 1))
    return Plan(
        table="robots",
        partition=partition,
        inputs=inputs,
        steps=STEPS,
        options={},
        shards={f"hosts-{i:02d}": {"part": i, "parts": parts} for i in range(parts)},
        work=gather_hosts,
        prepare=lambda draft, engine: _prepare(draft, engine, tasks),
        finish=scratch.clear,
        details=details,
    )


def _prepare(draft: Draft, engine: Engine, tasks: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    todo = scratch.missing(draft, "read", sorted(tasks))
    for _ in engine.map(read_files, [Task(name, {"draft": draft, **tasks[name]}) for name in todo]):
        pass
    return {"read": sorted(tasks)}


def read_files(task: Task, guard: Guard) -> None:
    """First phase: the rows of one archive, of the crawl's ordinary records, or of some files of a set."""
    read = {"archive": _archive, "records": _records, "set": _set}[task.arguments["read"]]
    schema = table("robots").file_schema
    with scratch.writer(task.arguments["draft"], "read", task.shard, schema) as out:
        rows = read(task)
        while batch := list(islice(rows, BATCH)):
            out.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))


def _archive(task: Task) -> Iterator[host_files.Row]:
    with local_copy(task.arguments["root"], task.arguments["path"]) as file, file.open("rb") as stream:
        yield from host_files.of_archive(stream, file.name, task.shard)


def _set(task: Task) -> Iterator[host_files.Row]:
    for file in task.arguments["files"]:
        yield from host_files.of_file(task.arguments["place"], file, file.name, task.arguments["seen"])


def _records(task: Task) -> Iterator[host_files.Row]:
    """Files that the crawl fetched like pages: found by address in `raw`, read where they lie."""
    paths, found = _among_records(task)
    for shard, offsets in found.items():
        name = paths[shard].rsplit("/", 1)[-1]
        with task.arguments["root"].open(paths[shard]) as stream:
            for offset in offsets:
                record = read_at(stream, offset, name=name, limits=host_files.LIMITS)
                row = host_files.of_record(record, shard)
                if row is not None:
                    yield row


def _among_records(task: Task) -> tuple[dict[str, str], dict[str, list[int]]]:
    """The path of every archive of the crawl, and the offsets of the files among the records of each."""
    storage = task.arguments["draft"].storage
    raw, sources = ([storage.uri(name) for name in task.arguments[key]] for key in ("raw", "sources"))
    if not raw or not sources:
        return {}, {}
    query = f"""
        select shard, "offset" from {parquet(raw)}
        where outcome not in ('quarantined', 'removed')
          and (regexp_matches(url, $path) or media_type = $terms)
        order by shard, "offset"
    """
    path = r"^https?://[^/?#]+(/robots\.txt|/ai\.txt|/\.well-known/tdmrep\.json)([?#]|$)"
    found: dict[str, list[int]] = {}
    with connect(storage) as connection:
        paths = dict(connection.execute(f"select shard, path from {parquet(sources)}").fetchall())
        for shard, offset in connection.execute(query, {"path": path, "terms": rsl.MEDIA_TYPE}).fetchall():
            found.setdefault(shard, []).append(offset)
    return paths, found


def gather_hosts(task: Task, guard: Guard) -> None:
    """Second phase: the rows of one part of the hosts, in order, from every file that was read."""
    draft, said = task.arguments["draft"], task.arguments
    schema = table("robots").file_schema
    columns = ", ".join(f'"{name}"' for name in schema.names)
    query = f"""
        select {columns} from read_parquet($files)
        where ('0x' || md5(host)[:8])::bigint % $parts = $part order by {ORDER}
    """
    values = {"files": _uris(draft, said["read"]), "parts": said["parts"], "part": said["part"]}
    with connect(draft.storage) as connection, draft.writer(task.shard) as writer:
        for batch in connection.sql(query, params=values).to_arrow_reader(BATCH):
            writer.write(pa.Table.from_batches([batch]).cast(schema))


def _uris(draft: Draft, names: Sequence[str]) -> list[str]:
    return [scratch.uri(draft, "read", name) for name in names]
