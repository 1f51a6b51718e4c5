"""The copies of a document that a recipe found: its cluster, each copy with its similarity and its licence evidence."""

from collections.abc import Iterator, Sequence
from typing import Any

from headwater import lookup
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.snapshot import Snapshot, find
from headwater.lookup import Document

Row = dict[str, Any]

# Clusters are in no order in `deduped`. So few of its files are searched for members without being asked to.
SEARCHED_FILES = 64
LICENCE = ("licence", "licence_class", "obligations", "evidence")


def of_document(look: Snapshot, document: Document, recipe: str, deduped: Row, *, members: bool) -> Row | None:
    """The cluster of a document by its row in `deduped`: the representative first. None where it has no other copy.

    All members are told where `members` asks for it or the table has few files, which `complete` says; otherwise the
    document and its representative.
    """
    cluster = deduped["cluster"]
    if cluster is None:
        return None
    files = look.files("deduped", recipe=recipe)
    complete = members or len(files) <= SEARCHED_FILES
    found = (
        _members(look, [f.name for f in files], cluster) if complete else list(_pair(look, document, recipe, deduped))
    )
    if len(found) < 2:
        return None
    first = [row for row in found if row["doc_id"] == cluster]
    rest = [row for row in found if row["doc_id"] != cluster]
    return {
        "recipe": recipe, "cluster": cluster, "complete": complete,
        "documents": [{**row, **_licence(look, row, recipe)} for row in (*first, *rest)],
    }  # fmt: skip


def _members(look: Snapshot, files: Sequence[str], cluster: str) -> list[Row]:
    with connect(look.storage) as connection:
        relation = parquet(uris(look.storage, files))
        query = f"""
            select doc_id, crawl, shard, outcome, similarity, method from {relation}
            where cluster = $cluster order by crawl, doc_id
        """
        rows: list[Row] = fetch(connection, query, {"cluster": cluster}).to_pylist()
        return rows


def _pair(look: Snapshot, document: Document, recipe: str, deduped: Row) -> Iterator[Row]:
    """A duplicate and its representative, by the pair that proves it. Nothing where the document is no duplicate."""
    for file in look.files("duplicate_pairs", document.shard, recipe=recipe, crawl=document.crawl):
        for pair in find(look.storage, file.name, "doc_id", document.doc_id):
            if pair["accepted"] and pair["other"] == deduped["representative"] and pair["method"] == deduped["method"]:
                (other,) = lookup.documents(look, "doc_id", pair["other"], pair["other_crawl"])
                yield {**other.__dict__, "outcome": "kept", "similarity": None, "method": None}
                said = {name: deduped[name] for name in ("outcome", "similarity", "method")}
                yield {**document.__dict__, **said}
                return


def _licence(look: Snapshot, row: Row, recipe: str) -> Row:
    """What was found on one copy, and what the policy made of it where the copy came so far."""
    said: Row = {}
    for file in look.files("extracted", row["shard"], crawl=row["crawl"]):
        for found in find(look.storage, file.name, "doc_id", row["doc_id"], ["url", "licence_evidence"]):
            said = {"url": found["url"], "licence_evidence": found["licence_evidence"] or said.get("licence_evidence")}
    for file in look.files("mixed", f"{row['crawl']}~{row['shard']}", recipe=recipe):
        for found in find(look.storage, file.name, "doc_id", row["doc_id"], LICENCE):
            said.update(found)
    return said
