"""What another policy would change in a recipe's mix, by a rehearsal of `mixed`: nothing is extracted, nothing written.

The answer is that of a rerun: its `digest` is the digest that the commit would have.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import duckdb

from headwater import pipeline
from headwater.errors import MissingInput
from headwater.lake import lineage
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.files import read_footer
from headwater.lake.lineage import Provenance, Shard
from headwater.lake.store import Draft
from headwater.project import Project
from headwater.recipe import Recipe
from headwater.stages import mixed

NAMED = 20
# `n` is the tokens of one copy, known for what the stream holds now.
_CHANGES = """
    create temp table changes as
    select doc_id, crawl, domain, coalesce(language, 'unknown') as language, url, after.order_key,
           before.copies as was, after.copies as becomes, after.tokens_estimate as estimate, n,
           after.licence_class, after.licence, after.evidence,
           case when after.copies = 0 then after.rule else before.rule end as rule
    from before join after using (crawl, doc_id) join texts using (crawl, doc_id)
    left join measured using (crawl, doc_id)
"""
_TOTALS = """
    select count(*) filter (was > 0) as before, count(*) filter (becomes > 0) as after,
           count(*) filter (was = 0 and becomes > 0) as gained, count(*) filter (was > 0 and becomes = 0) as lost,
           count(*) filter (was > 0 and becomes > 0 and was <> becomes) as repeated_differently,
           count(*) filter (was = 0 and becomes > 0 and n is null) as unmeasured,
           coalesce(sum(was * estimate), 0)::bigint as estimate_before,
           coalesce(sum(becomes * estimate), 0)::bigint as estimate_after,
           coalesce(sum(becomes * estimate) filter (was = 0), 0)::bigint as estimate_gained,
           coalesce(sum(was * estimate) filter (becomes = 0), 0)::bigint as estimate_lost,
           sum(was * n)::bigint as tokens_before, coalesce(sum(becomes * n), 0)::bigint as tokens_after,
           coalesce(sum(was * n) filter (becomes = 0), 0)::bigint as tokens_lost
    from changes
"""
_BY = """
    select {column} as name, count(*) filter (was > 0) as before, count(*) filter (becomes > 0) as after,
           count(*) filter (was = 0 and becomes > 0) as gained, count(*) filter (was > 0 and becomes = 0) as lost,
           coalesce(sum(becomes * estimate) filter (was = 0), 0)::bigint as estimate_gained,
           coalesce(sum(was * estimate) filter (becomes = 0), 0)::bigint as estimate_lost
    from changes group by 1 having gained > 0 or lost > 0 order by gained + lost desc, name
"""
_EXAMPLES = """
    select doc_id, crawl, url, domain, language, estimate as tokens_estimate, licence_class, licence, rule, evidence
    from changes where {which} order by order_key, doc_id, crawl limit $limit
"""
GAINED, LOST = "was = 0 and becomes > 0", "was > 0 and becomes = 0"


def policy(project: Project, name: str, other: str, *, examples: int = 5) -> dict[str, Any]:
    """What a recipe's mix would be under another policy, against what is published.

    Raises MissingInput where the mix is not there or not current, or where the policy reads what is not there.
    """
    recipe = project.recipe(name)
    return compare(project, recipe, replace(recipe, policy=other), examples=examples)


def compare(project: Project, recipe: Recipe, other: Recipe, *, examples: int = 5) -> dict[str, Any]:
    """What the published mix of a recipe would become under a changed one, which differs in `mix` or `policy` alone."""
    before = _published(project, recipe)
    plan = mixed.plan(project, other)
    with pipeline.rehearsed(project.lake, plan, project.engine) as (draft, details):
        with connect(project.lake.storage) as db, tempfile.TemporaryDirectory(prefix="headwater-") as place:
            db.execute("set temp_directory = $place", {"place": place})
            _views(db, project, before, draft, sorted(plan.shards))
            answer = _answer(db, examples)
        return {
            "recipe": recipe.name,
            "policy": {"before": before.details["policy"], "after": details["policy"]},
            "digest": {"before": before.digest, "after": _digest(draft, sorted(plan.shards))},
            **answer,
        }


def _published(project: Project, recipe: Recipe) -> Provenance:
    commit = project.lake.published("mixed", {"recipe": recipe.name})
    said = None if commit is None else commit.provenance
    if said is None or said.key != mixed.plan(project, recipe).key:
        raise MissingInput(
            f"mixed of recipe {recipe.name} is {'not there' if said is None else 'not what the recipe says now'}; "
            f"bring it up to date first: headwater run {recipe.name} --to mixed"
        )
    return said


def _digest(draft: Draft, shards: list[str]) -> str:
    footers = [read_footer(draft.storage, draft.name(shard)) for shard in shards]
    return lineage.digest_of_shards([Shard(f.shard, draft.name(f.shard), f.rows, f.digest) for f in footers])


def _views(
    db: duckdb.DuckDBPyConnection, project: Project, before: Provenance, draft: Draft, shards: list[str]
) -> None:
    lake = project.lake
    texts = [f.name for i in before.inputs if i.table == "filtered" for f in lake.read(i)]
    live = [f.name for f in lake.files("mixed", before.partition)]
    db.execute(f"create temp view before as from {parquet(uris(lake.storage, live))}")
    db.execute(f"create temp view after as from {parquet([draft.storage.uri(draft.name(s)) for s in shards])}")
    db.execute(
        f"create temp view texts as select crawl, doc_id, domain, language, url from "
        f"{parquet(uris(lake.storage, texts))}"
    )
    stream = _stream(project, before)
    if stream:
        source = parquet(uris(lake.storage, stream))
        db.execute(f"create temp view measured as select crawl, doc_id, len(tokens) as n from {source} where copy = 0")
    else:
        db.execute("create temp view measured as select '' as crawl, '' as doc_id, null::bigint as n where false")
    db.execute(_CHANGES)


def _stream(project: Project, before: Provenance) -> list[str]:
    """Files of the training stream, where it was made of the mix as it is."""
    commit = project.lake.published("tokenized", before.partition)
    if commit is None or commit.provenance is None:
        return []
    made_of = {i.digest for i in commit.provenance.inputs if i.table == "mixed"}
    return [f.name for f in project.lake.files("tokenized", before.partition)] if before.digest in made_of else []


def _answer(db: duckdb.DuckDBPyConnection, examples: int) -> dict[str, Any]:
    said = fetch(db, _TOTALS).to_pylist()[0]
    measured = said["tokens_before"] is not None
    complete = measured and said["unmeasured"] == 0
    return {
        "documents": {k: said[k] for k in ("before", "after", "gained", "lost", "repeated_differently")},
        "tokens_estimate": {k: said[f"estimate_{k}"] for k in ("before", "after", "gained", "lost")},
        # What enters was never tokenized, so that only its estimate is known.
        "tokens": {
            "before": said["tokens_before"],
            "after": said["tokens_after"] if complete else None,
            "lost": said["tokens_lost"] if measured else None,
            "unmeasured_documents": said["unmeasured"] if measured else said["after"],
        },
        **{f"by_{column}": _by(db, column) for column in ("domain", "language", "licence_class", "rule")},
        "examples": {"gained": _examples(db, GAINED, examples), "lost": _examples(db, LOST, examples)},
    }


def _by(db: duckdb.DuckDBPyConnection, column: str) -> dict[str, Any]:
    """Changes by a column: the largest by name, and how many there are, vanish altogether, or come anew."""
    rows: list[Mapping[str, Any]] = fetch(db, _BY.format(column=column)).to_pylist()
    return {
        "changed": len(rows),
        "vanish": sum(r["after"] == 0 for r in rows),
        "new": sum(r["before"] == 0 for r in rows),
        "rows": rows[:NAMED],
    }


def _examples(db: duckdb.DuckDBPyConnection, which: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = fetch(db, _EXAMPLES.format(which=which), {"limit": limit}).to_pylist()
    return found
