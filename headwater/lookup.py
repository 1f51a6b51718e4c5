"""Which rows of `raw` a doc_id, a URL or a domain means: by `document_index`, and by a scan where it is not current."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headwater.errors import BrokenLake
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.snapshot import Snapshot, find
from headwater.lake.store import DataFile
from headwater.stages.document_index import key

Row = dict[str, Any]


@dataclass(frozen=True, order=True)
class Document:
    """One document. A doc_id alone is none: one WARC record id can occur in two crawls."""

    crawl: str
    shard: str
    doc_id: str


def documents(look: Snapshot, kind: str, value: str, crawl: str | None = None) -> list[Document]:
    """The documents of a doc_id, `url` or `domain` (kind) in all crawls or in one, in order."""
    crawls = {name for name in look.values("raw", "crawl") if crawl in (None, name)}
    indexed = {name for name in crawls if current(look, name, kind)}
    hashed = key(kind, value)
    found = set()
    for file in look.holding("document_index", "key", hashed, kind=kind):
        if file.partition["crawl"] in indexed:
            rows = find(look.storage, file.name, "key", hashed, ["doc_id", "shard"])
            found |= {Document(file.partition["crawl"], row["shard"], row["doc_id"]) for row in rows}
    scanned = [f for name in sorted(crawls - indexed) for f in look.files("raw", crawl=name)]
    return sorted(found | set(_scanned(look, scanned, kind, value)))


def raw(look: Snapshot, document: Document) -> Row:
    """The row of a document in `raw`, its crawl included. Raises BrokenLake where the index speaks of none."""
    for file in look.files("raw", document.shard, crawl=document.crawl):
        for row in find(look.storage, file.name, "doc_id", document.doc_id):
            return {**row, "crawl": document.crawl}
    raise BrokenLake(f"document {document.doc_id} is not in raw of {document.crawl}; run headwater verify")


def started(look: Snapshot) -> dict[str, str]:
    """When each crawl of the lake began."""
    return {
        commit.provenance.partition["crawl"]: commit.provenance.details["started"]
        for commit in reversed(list(look.commits("sources")))
        if commit.provenance is not None and "started" in commit.provenance.details
    }


def current(look: Snapshot, crawl: str, kind: str) -> bool:
    """Whether the index was made from the documents that `raw` has now; what a takedown removes keeps its row."""
    index, rows = look.published("document_index", crawl=crawl, kind=kind), look.published("raw", crawl=crawl)
    if index is None or index.provenance is None or rows is None or rows.provenance is None:
        return False
    same = {rows.provenance.digest, *rows.provenance.details.get("amended_from", ())}
    return any(i.table == "raw" and i.digest in same for i in index.provenance.inputs)


def _scanned(look: Snapshot, files: list[DataFile], kind: str, value: str) -> Iterator[Document]:
    if not files:
        return
    with connect(look.storage) as connection:
        relation = parquet(uris(look.storage, [file.name for file in files]))
        query = f'select crawl, shard, doc_id from {relation} where "{kind}" = $value'
        for row in fetch(connection, query, {"value": value}).to_pylist():
            yield Document(row["crawl"], row["shard"], row["doc_id"])
