"""Small lakes that begin at `filtered`: texts that a test brings, as documents of crawls, without WARC files."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from headwater.engine import Guard
from headwater.lake.tables import table
from headwater.pipeline import Plan, publish
from headwater.project import Project
from tests import chain
from tests.stages.crawls import root


class Here:
    """The engine's seam in this process: what is measured is the result, not the workers."""

    def __init__(self, folder):
        self.progress = Path(folder) / "progress"
        Guard.prepare(self.progress)

    def map(self, function, tasks):
        for task in tasks:
            with Guard(self.progress) as guard:
                yield task, function(task, guard)

    def close(self):
        """Nothing to end."""


def opened(folder, *, here=True, recipe="tiny", **parts):
    """A project whose recipe has other parts, and no crawls yet; its work is done in this process, or by workers."""
    (folder / "root").mkdir(parents=True)
    chain.lay_out(folder / "project", crawls=root(folder / "root"), workers=2)
    chain.change(folder / "project", recipe, **parts)
    project = Project.open(folder / "project")
    if here:
        project.__dict__["engine"] = Here(folder)
    return project


def write(task, guard):
    """Work of the plans below: the rows that the task brings."""
    draft = task.arguments["draft"]
    with draft.writer(task.shard) as writer:
        writer.write(pa.Table.from_pylist(task.arguments["rows"], table(draft.table).file_schema))


def published(project, name, partition, shards, **details):
    """Rows of a table as one partition, by shard."""
    said = hashlib.sha256(repr(shards).encode()).hexdigest()
    plan = Plan(
        table=name, partition=partition, inputs=(), steps={}, options={"rows": said}, work=write, details=details,
        shards={shard: {"rows": rows} for shard, rows in shards.items()},
    )  # fmt: skip
    return publish(project.lake, plan, project.engine)


def add(project, crawl, documents, *, recipe="tiny"):
    """One more crawl: (doc_id, shard, text) or (doc_id, shard, text, url, fetched at) for each document."""
    number = len(project.lake.partitions("sources"))
    published(project, "sources", {"crawl": crawl}, {"s0": []}, started=f"2024-{number + 1:02d}-01T00:00:00")
    project.__dict__.pop("started", None)
    project.__dict__.pop("started_in_lake", None)
    filtered, raw = {}, {}
    for doc, shard, text, *more in documents:
        url, at = more or (None, None)
        nothing = dict.fromkeys(table("filtered").file_schema.names)
        filtered.setdefault(shard, []).append({
            **nothing, "doc_id": doc, "shard": shard, "outcome": "kept", "url": url, "text": text,
        })  # fmt: skip
        if at is None:
            continue
        nothing = dict.fromkeys(table("raw").file_schema.names)
        raw.setdefault(shard, []).append({
            **nothing, "doc_id": doc, "shard": shard, "outcome": "kept", "url": url,
            "fetched_at": datetime.fromtimestamp(at, UTC),
        })  # fmt: skip
    if raw:
        published(project, "raw", {"crawl": crawl}, raw)
    published(project, "filtered", {"recipe": recipe, "crawl": crawl}, filtered)


def deduped(project, crawl, *, recipe="tiny", expect=None):
    """The tables of evidence and the verdicts of one crawl, made; what `duplicate_pairs` says of its buckets."""
    from headwater import make

    make.make(project, "deduped", {"recipe": recipe, "crawl": crawl}, expect=expect)
    return project.lake.published("duplicate_pairs", {"recipe": recipe, "crawl": crawl}).provenance.details["dedup"]


def decisions(project, **partition):
    """What became of each document."""
    columns = ("outcome", "representative", "similarity", "method")
    return {r["doc_id"]: tuple(r[c] for c in columns) for r in chain.rows(project, "deduped", **partition)}
