"""Which documents a request means: every capture of the addresses it names, and their near-duplicates where it asks.

A page is an address: who asks for a document or a licence gets every capture of the same URL removed, in every crawl,
because the tombstones that keep it out later are hashes of addresses.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from headwater import address as urls
from headwater import lookup
from headwater.lake import tombstones
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.files import read_batches
from headwater.lake.snapshot import Snapshot
from headwater.lake.tombstones import Tombstones
from headwater.project import Project
from headwater.stages import document_index
from headwater.takedown.request import Request
from headwater.warc import facts

DUPLICATE = "duplicate"
PLACES = pa.schema([(name, pa.string()) for name in ("crawl", "shard", "doc_id")])


@dataclass(frozen=True, order=True)
class Document:
    """One document to remove, where it is, and what asked for it."""

    crawl: str
    shard: str
    doc_id: str
    url: str
    host: str
    why: str

    @property
    def identity(self) -> tuple[str, str]:
        """A document is a crawl and a doc_id: one record id can occur in two crawls."""
        return self.crawl, self.doc_id


def resolve(project: Project, request: Request) -> list[Document]:
    """Every document that a request means, by crawl, shard and doc_id."""
    found = {d.identity: d for d in _selected(project, request)}
    for more in (_captures, _duplicates) if request.with_duplicates else (_captures,):
        # Of the copies at other addresses only the copies: what else was ever at those addresses is not meant.
        found = {d.identity: d for d in more(project, list(found.values()))} | found
    return sorted(found.values())


def stones(request: Request, documents: Iterable[Document]) -> dict[str, str]:
    """Hash -> kind of every address that must not come back. A copy elsewhere is kept out by its text alone."""
    found = {tombstones.of("domain", value): "domain" for kind, value in request.selectors if kind == "domain"}
    meant = (d for d in documents if d.url and not d.why.startswith(f"{DUPLICATE} "))
    addresses = {urls.address(d.url) for d in meant}
    addresses |= {urls.address(value) for kind, value in request.selectors if kind == "url"}
    found.update({tombstones.of("url", address): "url" for address in addresses})
    return found


def _selected(project: Project, request: Request) -> Iterator[Document]:
    for kind in ("domain", "url", "doc_id"):
        values = {value for named, value in request.selectors if named == kind}
        if values:
            yield from _by(project, kind, values)
    licences = {value for kind, value in request.selectors if kind == "licence"}
    if licences:
        yield from _licensed(project, licences)


def _by(project: Project, kind: str, values: Collection[str]) -> Iterator[Document]:
    """Documents by domain, URL or doc_id."""
    if kind == "doc_id":
        yield from (replace(d, why=f"doc_id {d.doc_id}") for d in _rows(project, _look(project, kind, values)))
    elif kind == "url":
        wanted = {urls.address(value) for value in values}
        here = _rows(project, _look(project, kind, values))
        yield from (replace(d, why=f"url {d.url}") for d in here if urls.address(d.url) in wanted)
    else:
        stones = Tombstones({tombstones.of("domain", value): value for value in values})
        domains = {value: facts.registered_domain(f"http://{value}") for value in values}
        found = [_look(project, kind, {domain for domain in domains.values() if domain})]
        # Below a public suffix, such as that of a hosting service, every site is a registered domain of its own.
        found += [_below(project, value) for value, domain in domains.items() if domain is None]
        for document in _rows(project, pa.concat_tables(found)):
            domain = stones.of_page(None, document.host)
            if domain is not None:
                yield replace(document, why=f"domain {domain}")


def _captures(project: Project, documents: list[Document]) -> Iterator[Document]:
    """Every other capture of the same addresses."""
    why = {urls.address(d.url): d.why for d in documents if d.url}
    if not why:
        return
    asked = {d.url for d in documents if d.url}
    for document in _rows(project, _look(project, "url", asked)):
        address = urls.address(document.url)
        if address in why:
            yield replace(document, why=why[address])


def _look(project: Project, kind: str, values: Collection[str]) -> pa.Table:
    """Crawl, shard and doc_id of the rows of `raw` with one of the values: by the index where it is up to date."""
    found, look = [PLACES.empty_table()], Snapshot(project.lake)
    with connect(project.lake.storage) as db:
        for place in project.lake.partitions("raw"):
            if lookup.current(look, place["crawl"], kind):
                column, read = "key", look.files("document_index", crawl=place["crawl"], kind=kind)
                wanted = sorted({document_index.key(kind, value) for value in values})
            elif kind == "url":
                # By host, and by address afterwards.
                column, read = "host", project.lake.files("raw", place)
                wanted = sorted({facts.host(value) or "" for value in values})
            else:
                column, wanted, read = kind, sorted(values), project.lake.files("raw", place)
            if read:
                source = parquet(uris(project.lake.storage, [f.name for f in read]))
                db.register("wanted", pa.table({"value": pa.array(wanted, pa.string())}))
                query = f'select crawl, shard, doc_id from {source} where "{column}" in (select value from wanted)'
                found.append(fetch(db, query).cast(PLACES))
                db.unregister("wanted")
    return pa.concat_tables(found)


def _below(project: Project, suffix: str) -> pa.Table:
    """As `_look`, for every host that is a name or ends in it, by reading all hosts."""
    files = project.lake.files("raw")
    if not files:
        return PLACES.empty_table()
    with connect(project.lake.storage) as db:
        source = parquet(uris(project.lake.storage, [f.name for f in files]))
        query = f"select crawl, shard, doc_id from {source} where host = $name or ends_with(host, $below)"
        return fetch(db, query, {"name": suffix, "below": f".{suffix}"}).cast(PLACES)


def _rows(project: Project, found: pa.Table) -> Iterator[Document]:
    """What `raw` says of documents that can hold a text; why they are meant is for the caller to say."""
    by_place: dict[tuple[str, str], set[str]] = {}
    for row in found.to_pylist():
        by_place.setdefault((row["crawl"], row["shard"]), set()).add(row["doc_id"])
    columns = ["doc_id", "shard", "url", "host", "outcome"]
    for crawl in sorted({crawl for crawl, _ in by_place}):
        for file in project.lake.files("raw", {"crawl": crawl}):
            wanted = by_place.get((crawl, file.shard))
            if wanted is None:
                continue
            for batch in read_batches(project.lake.storage, file.name, columns, rows=65_536):
                for row in batch.to_pylist():
                    if row["doc_id"] in wanted and row["outcome"] in ("kept", "removed"):
                        yield Document(crawl, row["shard"], row["doc_id"], row["url"] or "", row["host"] or "", "")


def _licensed(project: Project, licences: Collection[str]) -> Iterator[Document]:
    """Documents whose page or site is said to be under one of the licences; a picture's licence selects no page."""
    query = "select crawl, shard, doc_id, licence_evidence from {source} where licence_evidence is not null"
    with connect(project.lake.storage) as db:
        files = project.lake.files("extracted")
        if not files:
            return
        source = parquet(uris(project.lake.storage, [f.name for f in files]))
        rows = fetch(db, query.format(source=source)).to_pylist()
    said = {}
    for row in rows:
        entries = [e for e in json.loads(row["licence_evidence"]) if e.get("scope") in ("page", "site")]
        named = sorted({e["licence"] for e in entries} & set(licences))
        if named:
            said[row["crawl"], row["doc_id"]] = (row["shard"], named[0])
    found = pa.table({
        "crawl": pa.array([crawl for crawl, _ in said], pa.string()),
        "shard": pa.array([shard for shard, _ in said.values()], pa.string()),
        "doc_id": pa.array([doc for _, doc in said], pa.string()),
    })  # fmt: skip
    for document in _rows(project, found):
        yield replace(document, why=f"licence {said[document.identity][1]}")


def _duplicates(project: Project, documents: list[Document]) -> Iterator[Document]:
    """Every member of the clusters that the documents are in, in any recipe and crawl.

    A cluster is named by what its members were compared with, which can be in another one by a later method: all that
    hangs together is one text.
    """
    files = project.lake.files("deduped")
    if not files or not documents:
        return
    query = """
        with recursive rows as (
            select recipe, crawl, shard, doc_id, cluster from {source} where cluster is not null
        ), steps as (
            select recipe, doc_id as here, cluster as there from rows where doc_id <> cluster
            union all
            select recipe, cluster, doc_id from rows where doc_id <> cluster
        ), hit as (
            select distinct recipe, cluster from rows join wanted using (crawl, doc_id)
            union
            select steps.recipe, steps.there from hit
            join steps on steps.recipe = hit.recipe and steps.here = hit.cluster
        )
        select crawl, shard, doc_id, min(cluster) as cluster from rows join hit using (recipe, cluster)
        group by all order by all
    """
    with connect(project.lake.storage) as db:
        wanted = {"crawl": [d.crawl for d in documents], "doc_id": [d.doc_id for d in documents]}
        db.register("wanted", pa.table({name: pa.array(values, pa.string()) for name, values in wanted.items()}))
        source = parquet(uris(project.lake.storage, [f.name for f in files]))
        found = fetch(db, query.format(source=source))
    clusters = {(r["crawl"], r["doc_id"]): r["cluster"] for r in found.to_pylist()}
    for document in _rows(project, found.select(["crawl", "shard", "doc_id"])):
        yield replace(document, why=f"{DUPLICATE} in cluster {clusters[document.identity]}")
