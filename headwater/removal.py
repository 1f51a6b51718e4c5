"""What deduplication removed of one crawl, by cluster and by source: what the ceilings of a recipe are held against.

Over a ceiling a draft of `deduped` is not published. A peer lost 97 % of a book corpus to one cluster that nobody had
looked at, and saw it in the trained model.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from headwater import show
from headwater.lake.audit import connect, first, parquet, scan, uris
from headwater.lake.storage import Storage
from headwater.lake.tables import table
from headwater.recipe import Audit

# A domain of fewer of a crawl's documents is looked at in marts: one site full of traps must not stop a whole crawl.
DOMAIN_SHARE = 0.01

_OWED = """
    select count(*) filter (outcome = 'removed' or (outcome = 'duplicate' and list_contains($by_spans, method)))
    from {draft}
"""
# In this crawl: a page that is fetched again every month is in a large cluster, and no part of it is wrong for that.
# What a duplicate names can be a duplicate itself, by a later method; it counts for the last one.
_NAMED = """
    create temp table named as
    with recursive copies as (
        select doc_id, representative from {draft} where outcome = 'duplicate' and representative is not null
    ), walk as (
        select distinct representative as name, representative as cluster from copies
        union
        select walk.name, copies.representative from walk join copies on copies.doc_id = walk.cluster
    ), last as (
        select name, min(cluster) as cluster from walk anti join copies on copies.doc_id = walk.cluster group by name
    )
    select walk.name, coalesce(any_value(last.cluster), walk.name) as cluster, count(kept.doc_id) > 0 as is_here
    from walk left join last using (name)
    left join (select distinct doc_id from {draft} where outcome = 'kept') as kept
        on kept.doc_id = coalesce(last.cluster, walk.name)
    group by walk.name
"""
_CLUSTERS = """
    create temp table clusters as
    select named.cluster, count(*) as duplicates, bool_or(named.is_here) as is_here
    from {draft} as draft join named on named.name = draft.representative
    where draft.outcome = 'duplicate' group by 1
"""
_LARGEST = """
    select cluster, duplicates + is_here::bigint as documents from clusters order by documents desc, cluster limit 1
"""
# A duplicate of an earlier crawl's document is one that its source did not lose.
_SOURCES = """
    create temp table sources as
    with judged as (
        select draft.shard, filtered.domain,
               draft.outcome = 'duplicate' and coalesce(here.is_here, draft.representative is null and {alone}) as lost
        from {draft} as draft
        left join {filtered} as filtered on draft.shard = filtered.shard and draft.doc_id = filtered.doc_id
        left join named as here on draft.representative = here.name
        where draft.outcome <> 'removed'
    )
    select case when grouping(domain) = 0 then 'domain' when grouping(shard) = 0 then 'shard' else 'crawl' end as kind,
           coalesce(domain, shard) as name, count(*) as documents, count(*) filter (lost) as removed
    from judged group by grouping sets ((domain), (shard), ())
"""
_MOST = """
    with counted as (
        select *, removed / documents as share from sources
        where documents >= greatest($least, case when kind = 'domain' then $share * $documents else 1 end)
          and (kind = 'crawl' or name is not null)
    )
    select kind, name, documents, removed, share, (select count(*) from counted where share > $ceiling) as over
    from counted order by share desc, documents desc, kind, name limit 1
"""


def facts(
    storage: Storage,
    draft: Sequence[str],
    filtered: Sequence[str],
    ceilings: Audit,
    *,
    alone: bool,
    by_spans: Sequence[str] = (),
) -> dict[str, Any]:
    """Facts for the expectations on `deduped`: the largest cluster and the source that lost most, with their ceilings.

    `draft` and `filtered` are the files of one crawl. Methods `by_spans` say how much of a document was seen before,
    not in which document; their duplicates count where the crawl is `alone`: with earlier crawls nobody knows whether a
    page was only fetched again.
    """
    with connect(storage) as db:
        view = scan(db, table("deduped"), uris(storage, draft))
        db.execute(_NAMED.format(draft=view))
        db.execute(_CLUSTERS.format(draft=view))
        texts = parquet(uris(storage, filtered)) if filtered else scan(db, table("filtered"), [])
        db.execute(_SOURCES.format(draft=view, filtered=texts, alone=alone))
        documents = first(db, "select documents from sources where kind = 'crawl'")
        total = int(documents[0]) if documents is not None else 0
        owed = first(db, _OWED.format(draft=view), {"by_spans": list(by_spans)})[0]
        return {"owe_no_cluster": owed, **_cluster(db, ceilings, total), **_source(db, ceilings, total)}


def _cluster(db: duckdb.DuckDBPyConnection, ceilings: Audit, total: int) -> dict[str, Any]:
    name, documents = first(db, _LARGEST) or ("", 0)
    limits = {
        "audit.max_cluster": ceilings.max_cluster,
        "audit.max_cluster_share": None
        if ceilings.max_cluster_share is None
        else max(ceilings.from_documents, int(ceilings.max_cluster_share * total)),
    }
    given: Mapping[str, int] = {option: limit for option, limit in limits.items() if limit is not None}
    option = min(given, key=lambda each: given[each], default="")
    ceiling = given.get(option, total)
    said = (
        f"cluster {name} holds {documents} of the crawl's {total} documents, {ceiling} is the most that {option} "
        f"allows; look at its pairs (duplicate_pairs where other = '{name}'): where they are no copies, raise the "
        f"threshold of the method or drop it, where they are, raise {option} in the recipe"
    )
    return {"largest_cluster": documents, "largest_cluster_ceiling": ceiling, "largest_cluster_said": said}


def _source(db: duckdb.DuckDBPyConnection, ceilings: Audit, total: int) -> dict[str, Any]:
    ceiling = 1.0 if ceilings.max_removed_share is None else ceilings.max_removed_share
    asked = {"least": ceilings.from_documents, "share": DOMAIN_SHARE, "documents": total, "ceiling": ceiling}
    kind, name, documents, removed, share, over = first(db, _MOST, asked) or ("crawl", None, 0, 0, 0.0, 0)
    # A domain is a word of the web.
    source = kind if name is None else f"{kind} {show.plain(name, 100)}"
    more = f" (and {over - 1} more sources are over the ceiling)" if over > 1 else ""
    said = (
        f"{source} lost {removed} of its {documents} documents to others of this crawl, {share:.1%}, {ceiling:.1%} is "
        f"the most that audit.max_removed_share allows{more}; look at what they are duplicates of (duplicate_pairs): "
        "where they are no copies, raise the threshold of the method or drop it, where they are, raise "
        "audit.max_removed_share in the recipe"
    )
    return {"most_removed_share": share, "most_removed_ceiling": ceiling, "most_removed_said": said}
