"""Who stands for a duplicate in the end: the document that it names can be a duplicate itself, by a later method.

`exact` marks a copy of a page, then `minhash` marks the page as a copy of an earlier crawl's. The first still names the
page it was compared with, which is its evidence; whoever asks what became of its text, licence or count needs the last.
"""

# A record id can occur in two crawls, so that a document can seem to stand for itself: `union` ends there.
_STANDS = """
    with recursive walk as (
        select distinct representative as named, representative as survivor
        from {deduped} where outcome = 'duplicate' and representative is not null
        union
        select walk.named, later.representative
        from walk join {deduped} as later on later.doc_id = walk.survivor
        where later.outcome = 'duplicate' and later.representative is not null
    )
    select named, coalesce(min(survivor) filter (survivor = named), min(survivor)) as survivor
    from walk semi join (select doc_id from {deduped} where outcome = 'kept') as kept on kept.doc_id = walk.survivor
    group by named
"""


def stands(deduped: str) -> str:
    """SQL for the rows `named`, `survivor` of every document that a duplicate names; `deduped` is SQL for the rows of
    all crawls of one recipe. A document whose survivor was removed has no row."""
    return _STANDS.format(deduped=deduped)
