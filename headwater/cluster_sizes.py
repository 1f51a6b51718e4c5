"""How large the clusters of a recipe are, and what filters make of documents by the size of their cluster."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from headwater import survivors
from headwater.errors import MissingInput
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.project import Project

Row = dict[str, Any]

_SIZED = """
    create temp table sized as
    select kept.crawl, kept.shard, kept.doc_id, 1 + coalesce(copies.duplicates, 0) as documents
    from {deduped} as kept
    left join (select survivor, count(*) as duplicates
               from {deduped} as copy join ({stands}) as stands on stands.named = copy.representative
               where copy.outcome = 'duplicate' group by 1) as copies
        on copies.survivor = kept.doc_id
    where kept.outcome = 'kept'
"""
_SIZES = "select documents, count(*) as clusters from sized group by 1 order by 1"
_LARGEST = """
    select doc_id as cluster, crawl, shard, documents from sized where documents > 1
    order by documents desc, crawl, doc_id limit $top
"""
_FOUND = """
    select survivor as doc_id, min(similarity) as lowest_similarity, count(distinct crawl) as crawls_of_copies
    from {deduped} as copy join ({stands}) as stands on stands.named = copy.representative
    where copy.outcome = 'duplicate' and list_contains($wanted, survivor) group by 1
"""
# A survivor's verdict by a recipe whose filters had no part in what its cluster is.
_RATES = """
    select coalesce(filtered.language, 'unknown') as language, sized.documents as size, count(*) as documents,
           count(*) filter (filtered.outcome = 'dropped') as dropped
    from sized join {filtered} as filtered using (crawl, shard, doc_id)
    where filtered.outcome in ('kept', 'dropped') group by all order by all
"""


def sizes(project: Project, name: str, *, top: int = 10) -> Row:
    """The clusters of a recipe by size, a power of two at most, and the `top` largest. Raises MissingInput."""
    with connect(project.lake.storage) as db:
        crawls = _sized(db, project, name)
        exact = dict(db.execute(_SIZES).fetchall())
        return {
            "recipe": name,
            "crawls": crawls,
            "documents": sum(size * clusters for size, clusters in exact.items()),
            "clusters": sum(exact.values()),
            "largest": max(exact, default=0),
            "sizes": binned(exact.items()),
            "examples": _largest(db, project, name, top),
        }


def binned(exact: Iterable[tuple[int, int]]) -> list[Row]:
    """Clusters by the power of two that is their size at most; (size, clusters) in."""
    found: dict[int, list[int]] = {}
    for size, clusters in exact:
        counted = found.setdefault((size - 1).bit_length(), [0, 0])
        counted[0] += clusters
        counted[1] += clusters * size
    return [{"at_most": 2**power, "clusters": n, "documents": held} for power, (n, held) in sorted(found.items())]


def removal_rates(project: Project, clusters: str, filters: str) -> dict[str, dict[int, tuple[int, int]]]:
    """By language and size of the cluster, what a recipe's filters said of the survivors of another recipe's clusters:
    (documents, dropped). Where the first recipe filters nothing, that is FineWeb2's count. Raises MissingInput."""
    with connect(project.lake.storage) as db:
        _sized(db, project, clusters)
        rows = db.execute(_RATES.format(filtered=_files(project, "filtered", filters))).fetchall()
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for language, size, documents, dropped in rows:
        found.setdefault(language, {})[size] = (documents, dropped)
    return found


def _sized(db: duckdb.DuckDBPyConnection, project: Project, name: str) -> list[str]:
    files = _files(project, "deduped", name)
    db.execute(_SIZED.format(deduped=files, stands=survivors.stands(files)))
    return sorted(place["crawl"] for place in project.lake.partitions("deduped") if place["recipe"] == name)


def _files(project: Project, table: str, recipe: str) -> str:
    files = project.lake.files(table, {"recipe": project.recipe(recipe).name})
    if not files:
        raise MissingInput(f"recipe {recipe} has no {table} yet; run it first: headwater run {recipe} --to {table}")
    return parquet(uris(project.lake.storage, [f.name for f in files]))


def _largest(db: duckdb.DuckDBPyConnection, project: Project, name: str, top: int) -> list[Row]:
    rows: list[Row] = fetch(db, _LARGEST, {"top": top}).to_pylist()
    wanted = [row["cluster"] for row in rows]
    files = _files(project, "deduped", name)
    query = _FOUND.format(deduped=files, stands=survivors.stands(files))
    more = {row.pop("doc_id"): row for row in fetch(db, query, {"wanted": wanted}).to_pylist()} if rows else {}
    urls = _urls(db, project, name, rows)
    return [{**row, **more[row["cluster"]], "url": urls.get((row["crawl"], row["cluster"]))} for row in rows]


def _urls(
    db: duckdb.DuckDBPyConnection, project: Project, name: str, rows: list[Row]
) -> Mapping[tuple[str, str], str | None]:
    """Addresses of survivors, read from their own shards alone."""
    places = {(row["crawl"], row["shard"]) for row in rows}
    files = project.lake.files("filtered", {"recipe": name})
    here = [f.name for f in files if (f.partition["crawl"], f.shard) in places]
    if not here:
        return {}
    query = (
        f"select crawl, doc_id, url from {parquet(uris(project.lake.storage, here))} where list_contains($ids, doc_id)"
    )
    found = fetch(db, query, {"ids": [row["cluster"] for row in rows]}).to_pylist()
    return {(row["crawl"], row["doc_id"]): row["url"] for row in found}
