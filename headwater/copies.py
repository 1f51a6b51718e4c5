"""The copies of a document that a recipe found: its cluster, each copy with its similarity and its licence evidence."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from headwater import lookup, survivors
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.snapshot import Snapshot, find
from headwater.lookup import Document
from headwater.rights.spdx import RESERVED

Row = dict[str, Any]

# Clusters are in no order in `deduped`. So few of its files are searched for members without being asked to.
SEARCHED_FILES = 64
SAID = ("outcome", "representative", "similarity", "method")
LICENCE = ("licence", "licence_class", "obligations", "evidence")


def of_document(look: Snapshot, document: Document, recipe: str, deduped: Row, *, members: bool) -> Row | None:
    """The cluster of a document by its row in `deduped`: the survivor first. None where it has no other copy.

    A duplicate names what it was compared with, which can be a duplicate itself by a later method; the cluster is that
    of the last one. All members are told where `members` asks for it or the table has few files, which `complete` says;
    otherwise the document and those that lead to its survivor.
    """
    if deduped["representative"] is None:
        return None
    files = look.files("deduped", recipe=recipe)
    complete = members or len(files) <= SEARCHED_FILES
    found = (
        _members(look, [f.name for f in files], deduped["representative"])
        if complete
        else [*_chain(look, document, recipe, deduped)][::-1]
    )
    if len(found) < 2:
        return None
    told = [{**row, **_licence(look, row, recipe)} for row in found]
    first = told[0]["licences"]
    return {
        "recipe": recipe, "cluster": told[0]["doc_id"], "complete": complete,
        "documents": [{**row, "agreement": agreement(row["licences"], first) if place else None}
                      for place, row in enumerate(told)],
    }  # fmt: skip


def agreement(copy: Sequence[str], survivor: Sequence[str]) -> str:
    """How a copy's page differs from the survivor's in the licences it names; as in the mart cluster_licences."""
    if list(copy) == list(survivor):
        return "same"
    if RESERVED in copy and RESERVED not in survivor:
        return "copy_reserves"
    if not copy:
        return "copy_silent"
    return "other_licence" if survivor else "survivor_silent"


def _members(look: Snapshot, files: Sequence[str], representative: str) -> list[Row]:
    with connect(look.storage) as connection:
        relation = parquet(uris(look.storage, files))
        query = f"""
            with stands as ({survivors.stands(relation)}),
            mine as (
                select coalesce((select survivor from stands where named = $named), $named) as survivor
            )
            select doc_id, crawl, shard, outcome, representative, similarity, method from {relation} as copy
            where (doc_id = (select survivor from mine) and outcome <> 'duplicate')
               or (outcome = 'duplicate' and representative in (
                    select named from stands where survivor = (select survivor from mine)
               ))
            order by outcome = 'duplicate', crawl, doc_id
        """
        rows: list[Row] = fetch(connection, query, {"named": representative}).to_pylist()
        return rows


def _chain(look: Snapshot, document: Document, recipe: str, deduped: Row) -> Iterator[Row]:
    """A duplicate, what it was compared with, and so on to its survivor, by the pairs that prove each step."""
    seen: set[tuple[str, str]] = set()
    said: Row | None = deduped
    while said is not None and (document.crawl, document.doc_id) not in seen:
        seen.add((document.crawl, document.doc_id))
        yield {**document.__dict__, **{name: said[name] for name in SAID}}
        if said["outcome"] != "duplicate":
            return
        step = _compared(look, document, recipe, said)
        if step is None:
            return
        document, said = step, _row(look, step, recipe)


def _compared(look: Snapshot, document: Document, recipe: str, deduped: Row) -> Document | None:
    """The document that a duplicate names, by the accepted pair."""
    for file in look.files("duplicate_pairs", document.shard, recipe=recipe, crawl=document.crawl):
        for pair in find(look.storage, file.name, "doc_id", document.doc_id):
            if pair["accepted"] and pair["other"] == deduped["representative"] and pair["method"] == deduped["method"]:
                (other,) = lookup.documents(look, "doc_id", pair["other"], pair["other_crawl"])
                return other
    return None


def _row(look: Snapshot, document: Document, recipe: str) -> Row | None:
    for file in look.files("deduped", document.shard, recipe=recipe, crawl=document.crawl):
        for row in find(look.storage, file.name, "doc_id", document.doc_id, SAID):
            return dict(row)
    return None


def _licence(look: Snapshot, row: Row, recipe: str) -> Row:
    """What was found on one copy, and what the policy made of it where the copy came so far."""
    said: Row = {}
    for file in look.files("extracted", row["shard"], crawl=row["crawl"]):
        for found in find(look.storage, file.name, "doc_id", row["doc_id"], ["url", "licence_evidence"]):
            said = {"url": found["url"], "licence_evidence": found["licence_evidence"] or said.get("licence_evidence")}
    for file in look.files("mixed", f"{row['crawl']}~{row['shard']}", recipe=recipe):
        for found in find(look.storage, file.name, "doc_id", row["doc_id"], LICENCE):
            said.update(found)
    evidence = json.loads(said.get("licence_evidence") or "[]")
    return {**said, "licences": sorted({str(entry["licence"]) for entry in evidence})}
