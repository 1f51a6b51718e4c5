"""Drafts and commits of a few rows, as a stage makes them."""

import uuid

import pyarrow as pa

from headwater.lake.lineage import Input, Provenance, Shard, digest_of_shards
from headwater.lake.tables import table

PLACE = {"recipe": "r", "crawl": "C1"}


def drafted(lake, key, ids, *, name="minhash_index", place=PLACE, shard="s0"):
    """A draft with one finished file."""
    draft = lake.draft(name, place, key * 4)
    rows = [{"doc_id": doc, "shard": shard, "method": "exact", "band": 0, "bucket": 7} for doc in ids]
    with draft.writer(shard) as writer:
        writer.write(pa.Table.from_pylist(rows, schema=table(name).file_schema))
    return draft


def provenance(lake, draft, footers):
    shards = [Shard(f.shard, draft.name(f.shard), f.rows, f.digest) for f in footers]
    rows = sum(f.rows for f in footers)
    return Provenance(
        draft.table, dict(draft.partition), (Input("filtered", PLACE, 3, "d"),), {"stages/x": 1}, {"threshold": 0.8},
        "print", draft.key, {"rows": rows}, rows, digest_of_shards(shards), {"whole": True},
        details={"note": "ünï"}, run=uuid.uuid4().hex,
    )  # fmt: skip


def commit(lake, draft):
    footers = lake.footers(draft, sorted(draft.finished()))
    return lake.commit(draft, footers, provenance(lake, draft, footers))


def ids(lake, version=None, place=PLACE, name="minhash_index"):
    from headwater.lake.files import read_batches

    files = lake.files(name, place, version)
    return sorted(v for f in files for b in read_batches(lake.storage, f.name) for v in b.column("doc_id").to_pylist())
