"""The documents of a release's training stream, one row each, streamed in the order of crawl, shard and doc_id.

Decisions are sorted on disk by DuckDB and read beside the texts, shard by shard, so memory does not grow with the
release.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from headwater import releases, remaining
from headwater.errors import BrokenLake
from headwater.lake.audit import fetch, first
from headwater.lake.files import shard_of

if TYPE_CHECKING:
    from headwater.project import Project
    from headwater.releases import Release

SCHEMA = pa.schema([
    ("doc_id", pa.string()), ("crawl", pa.string()), ("url", pa.string()), ("text", pa.string()),
    ("language", pa.string()), ("licence", pa.string()), ("licence_class", pa.string()), ("copies", pa.int32()),
    ("tokens", pa.int64()),
])  # fmt: skip

# `tokens` is of one copy; null where the release ends before `tokenized`.
_DECISIONS = """
    copy (
        select m.crawl, m.shard, m.doc_id, m.licence, m.licence_class, m.copies, t.tokens
        from mixed m left join (
            select crawl, doc_id, len(tokens)::bigint as tokens from tokenized where copy = 0
        ) t on t.crawl = m.crawl and t.doc_id = m.doc_id
        where m.outcome = 'kept' order by m.crawl, m.shard, m.doc_id
    ) to '$file' (format parquet, compression zstd, row_group_size 16384)
"""
_OF_SHARD = "select * from read_parquet($file) where crawl = $crawl and shard = $shard"


def batches(project: "Project", release: "Release") -> Iterator[pa.RecordBatch]:
    """Rows of SCHEMA. Raises BrokenLake where a kept document's text is not in the release."""
    with tempfile.TemporaryDirectory(prefix="headwater-") as place, releases.connect(project, release) as db:
        db.execute("set preserve_insertion_order = true")
        db.execute("set temp_directory = $place", {"place": place})
        file = str(Path(place) / "decisions.parquet")
        # A copy's target cannot be a parameter; the name is ours.
        db.execute(_DECISIONS.replace("$file", file.replace("'", "''")))
        owed, given = first(db, "select count(*) from read_parquet($file)", {"file": file})[0], 0
        for batch in _with_texts(project, release, db, file):
            given += batch.num_rows
            yield batch
    if given != owed:
        raise BrokenLake(
            f"release {release.name} keeps {owed} documents and has texts of {given}; run headwater verify"
        )


def _with_texts(
    project: "Project", release: "Release", db: duckdb.DuckDBPyConnection, file: str
) -> Iterator[pa.RecordBatch]:
    pins = sorted((p for p in release.pinned if p.table == "filtered"), key=lambda p: p.partition["crawl"])
    columns = ["doc_id", "shard", "url", "text", "language"]
    for pin in pins:
        crawl = pin.partition["crawl"]
        edited = {shard_of(name): name for name in release.files("deduped", crawl=crawl)}
        for name in sorted(pin.files):
            shard, decisions = None, pa.table({})
            for texts in remaining.batches(project.lake.storage, name, edited.get(shard_of(name)), columns):
                here = texts.column("shard")[0].as_py()
                if here != shard:
                    place = {"file": file, "crawl": crawl, "shard": here}
                    shard, decisions = here, fetch(db, _OF_SHARD, place).combine_chunks()
                yield from _joined(texts, decisions)


def _joined(texts: pa.RecordBatch, decisions: pa.Table) -> Iterator[pa.RecordBatch]:
    place = pc.index_in(texts.column("doc_id"), value_set=decisions.column("doc_id").combine_chunks().cast(pa.string()))
    kept = pc.is_valid(place)
    rows, said = texts.filter(kept), decisions.take(place.filter(kept))
    if rows.num_rows:
        named = {name: rows.column(name) for name in ("doc_id", "url", "text", "language")}
        more = {name: said.column(name) for name in ("crawl", "licence", "licence_class", "copies", "tokens")}
        yield from pa.table({**named, **more}).select(SCHEMA.names).cast(SCHEMA).combine_chunks().to_batches()
