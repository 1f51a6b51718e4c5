"""`sources`: one row per WARC file that a crawl lists, with its digest, what is in it, and whether it is whole."""

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from headwater.engine import Guard, Task
from headwater.lake.lineage import Input, Partition, canonical
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.warc.crawl import CrawlRoot
from headwater.warc.local import local_copy
from headwater.warc.reader import Reader
from headwater.warc.record import Record

VERSION = 1

# A crawl has up to 10^5 WARC files: their rows are gathered into this many data files, not one file each.
PARTS = 64
DOCUMENT_TYPES = ("response", "resource", "conversion", "revisit")
CHUNK = 1 << 20


def sources(project: Project, partition: Partition) -> Plan:
    """Plan for one crawl. Its input is the listing at the source: paths, and sizes where a look costs nothing.

    Elsewhere a crawl has up to 10^5 files to ask for, at each plan: there a path stands for its content.
    """
    crawl = partition["crawl"]
    sized = "://" not in project.source.root
    files = [(f.shard, f.path, project.source.size(f.path) if sized else None) for f in project.source.paths(crawl)]
    listing = hashlib.sha256(canonical(files).encode()).hexdigest()
    per_part = max(1, math.ceil(len(files) / PARTS))
    parts = [files[start : start + per_part] for start in range(0, len(files), per_part)]
    return Plan(
        table="sources",
        partition=partition,
        inputs=(Input(f"crawl-data/{crawl}", {}, None, listing),),
        steps={"stages/sources": VERSION},
        options={"started": project.started.get(crawl, "")},
        shards={
            f"part-{i:05d}": {"files": part, "root": project.source, "started": project.started.get(crawl, "")}
            for i, part in enumerate(parts)
        },
        work=work,
        details={"started": project.started.get(crawl, ""), "files": len(files)},
    )


def work(task: Task, guard: Guard) -> None:
    """Describe the WARC files of one part."""
    started = task.arguments["started"]
    with task.arguments["draft"].writer(task.shard) as writer:
        for shard, path, _ in task.arguments["files"]:
            row = {"shard": shard, "path": path, "crawl_started": started}
            row.update(_describe(task.arguments["root"], path))
            writer.write(pa.Table.from_pylist([row], schema=table("sources").file_schema))


def is_document(record: Record) -> bool:
    """Whether a record is a row of `raw`: what may hold a document, and what cannot be read as any record."""
    return record.record_type in DOCUMENT_TYPES or (record.record_type == "unknown" and record.problem is not None)


def _describe(root: CrawlRoot, path: str) -> Mapping[str, Any]:
    with local_copy(root, path) as file:
        digest, size = _sha256(file), file.stat().st_size
        types: dict[str, int] = {}
        documents = 0
        with file.open("rb") as stream:
            reader = Reader(stream, name=file.name)
            for record in reader:
                types[record.record_type] = types.get(record.record_type, 0) + 1
                documents += is_document(record)
    counted = {name: types.get(name, 0) for name in ("response", "request", "resource", "conversion", "revisit")}
    known = sum(counted.values()) + types.get("metadata", 0)
    return {
        "bytes": size,
        "sha256": digest,
        "records": sum(types.values()),
        **{f"{name}s": count for name, count in counted.items()},
        "metadata": types.get("metadata", 0),
        "other": sum(types.values()) - known,
        "documents": documents,
        "state": reader.state.state,
        "state_offset": reader.state.offset,
        "state_detail": reader.state.detail,
    }


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
