"""Projects whose `filtered` a test writes itself: documents by crawl, then deduplication by the real stages."""

import hashlib
from contextlib import contextmanager
from functools import cache

import pyarrow as pa

from headwater import freshness, make
from headwater.engine.local import LocalEngine
from headwater.lake.lineage import Provenance, Shard, digest_of_shards
from headwater.lake.tables import table
from headwater.project import Project
from tests import chain
from tests.stages.crawls import archive, root

SCHEMA = table("filtered").file_schema


def doc_id(number):
    """An id of the real form whose order is that of the numbers."""
    return f"{number:08x}" + hashlib.sha256(str(number).encode()).hexdigest()[:24]


@contextmanager
def project(folder, crawls, dedup, *, shards=2, workers=1, **recipe):
    """An opened project with documents `{number: text}` for each crawl, oldest first, of the recipe `tiny`."""
    names = [f"C{n:02d}" for n in range(1, len(crawls) + 1)]
    source = root(folder / "root", **{name: {"a.warc.gz": archive(b"")} for name in names})
    chain.lay_out(folder / "project", crawls=source, workers=workers)
    chain.change(folder / "project", "tiny", dedup=dedup, filters=[], **recipe)
    with opened(folder / "project", workers) as found:
        for name, documents in zip(names, crawls, strict=True):
            write(found, name, documents, shards)
        yield found


@contextmanager
def opened(folder, workers):
    """The project of a folder, with workers that all projects of a test process share: each takes seconds to start."""
    project = Project.open(folder)
    project.__dict__["engine"] = engine(workers)
    yield project


@cache
def engine(workers):
    """So many workers, until this process ends."""
    return LocalEngine(workers)


def write(opened, crawl, documents, shards=2):
    """Commit `filtered` of a crawl: documents go to shards by their number."""
    place = {"recipe": "tiny", "crawl": crawl}
    key = hashlib.sha256(repr(sorted(documents.items())).encode()).hexdigest()
    draft = opened.lake.draft("filtered", place, key)
    for number in range(shards):
        shard = f"s{number}"
        rows = [row(n, text, shard) for n, text in sorted(documents.items()) if n % shards == number]
        with draft.writer(shard) as writer:
            writer.write(pa.Table.from_pylist(rows, schema=SCHEMA))
    footers = opened.lake.footers(draft, [f"s{n}" for n in range(shards)])
    files = [Shard(f.shard, draft.name(f.shard), f.rows, f.digest) for f in footers]
    flow = {"rows": len(documents), "outcomes": {"kept": len(documents)}}
    opened.lake.commit(draft, footers, Provenance(
        "filtered", place, (), {"stages/filtered": 3}, {}, "print", key, flow, len(documents), digest_of_shards(files),
        {}, details={}, run="run",
    ))  # fmt: skip


def row(number, text, shard):
    """A kept document."""
    return {
        "doc_id": doc_id(number), "shard": shard, "extractor": "resiliparse", "outcome": "kept", "language": "en",
        "url": f"http://host{number % 3}.example/{number}", "domain": f"host{number % 3}.example", "text": text,
        "chars": len(text), "edits": [],
    }  # fmt: skip


def deduplicate(opened, **how):
    """Make every table from `filtered` to `deduped`, crawl by crawl."""
    recipe = opened.recipe("tiny")
    for target in freshness.targets(recipe, opened.crawls(recipe), "deduped"):
        if target.table == "deduped":
            make.make(opened, target.table, target.partition, **how)


def said(opened, **place):
    """What `deduped` says of each document, by its number."""
    found = {}
    for found_row in chain.rows(opened, "deduped", **place):
        edits = [(e["step"], e["rule"], e["start"], e["stop"]) for e in found_row.pop("edits") or ()]
        number = int(found_row["doc_id"][:8], 16)
        found[number] = {k: found_row[k] for k in ("outcome", "representative", "similarity", "method")} | {
            "edits": edits
        }
    return found
