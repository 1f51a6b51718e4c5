"""Which tables a recipe needs, in order, and which of their partitions are current, stale or missing.

A partition is current while its plan has the key of its last commit and everything it is made from is current.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headwater.errors import MissingInput, UnknownName
from headwater.lake.lineage import Partition
from headwater.lake.tables import table
from headwater.project import Project
from headwater.recipe import Recipe, label
from headwater.stages.consent import AT_CRAWL
from headwater.stages.document_index import KINDS

BY_CRAWL = ("sources", "raw", "document_index", "robots", "consent", "extracted", "signals")
BY_BOTH = ("filtered", "minhash_index", "duplicate_pairs", "repeated_spans", "span_index", "deduped")
BY_RECIPE = ("mixed", "tokenized", "proxy_model", "eval_scores")
ORDER = (*BY_CRAWL, *BY_BOTH, *BY_RECIPE)
# No table is made from these.
LEAVES = ("document_index",)
# From these only a recipe's mix is made, where its policy asks for them.
ASIDE = ("robots", "consent")


@dataclass(frozen=True)
class Target:
    """One partition of one table that a request needs."""

    table: str
    partition: Partition


def targets(recipe: Recipe, crawls: Sequence[str], to: str = ORDER[-1]) -> Iterator[Target]:
    """What must be current for `to` to be, in an order in which it can be made. Evidence comes before its table."""
    wanted = ORDER[: ORDER.index(table(to).name) + 1]
    for crawl in crawls:
        for name in (n for n in wanted if n in (*BY_CRAWL, *BY_BOTH)):
            yield from (Target(name, place) for place in places(name, recipe, crawl))
    for name in (n for n in wanted if n in BY_RECIPE):
        yield Target(name, {"recipe": recipe.name})


def places(name: str, recipe: Recipe, crawl: str) -> list[dict[str, str]]:
    """The partitions of a table that a recipe's crawl is in."""
    if name == "document_index":
        return [{"crawl": crawl, "kind": kind} for kind in KINDS]
    ways = [label(way) for way in recipe.ways] if "extractor" in table(name).partitions else [""]
    known = {"crawl": crawl, "recipe": recipe.name, "as_of": AT_CRAWL}
    return [{c: way if c == "extractor" else known[c] for c in table(name).partitions} for way in ways]


def stale(project: Project, wanted: Sequence[Target]) -> list[Target]:
    """Those that must be made: missing, made otherwise or from other rows, or made from something that is stale."""
    found: list[Target] = []
    for target in wanted:
        if any(_feeds(earlier, target) for earlier in found) or not is_current(project, target):
            found.append(target)
    return found


def is_current(project: Project, target: Target) -> bool:
    """Whether the last commit of a partition is what its plan would make now."""
    commit = project.lake.published(target.table, target.partition)
    try:
        plan = project.plan(target.table, target.partition)
    except (MissingInput, UnknownName):
        # A crawl that is in the lake and cannot be reached at its source is not known to have changed.
        return target.table in ("sources", "robots") and commit is not None
    return commit is not None and commit.provenance is not None and commit.provenance.key == plan.key


def _feeds(earlier: Target, later: Target) -> bool:
    """Whether a partition is read, directly or not, to make a later one."""
    if earlier.table in LEAVES:
        return False
    if earlier.table in ASIDE and later.table not in (*ASIDE, *BY_RECIPE):
        return False
    same_recipe = earlier.partition.get("recipe", later.partition.get("recipe")) == later.partition.get("recipe")
    if earlier.table in BY_CRAWL and later.table in BY_CRAWL:
        return earlier.partition["crawl"] == later.partition["crawl"]
    if earlier.table in BY_CRAWL and later.table == "filtered":
        return earlier.partition["crawl"] == later.partition["crawl"]
    if earlier.table in BY_BOTH and later.table in ("filtered", "minhash_index"):
        return same_recipe and earlier.table == "filtered" and earlier.partition["crawl"] == later.partition["crawl"]
    return same_recipe and later.table not in BY_CRAWL


def ordered_crawls(project: Project, recipe: Recipe, asked: Sequence[str], *, predecessors: bool) -> list[str]:
    """The crawls to bring up to date: all of the recipe's, or those asked for.

    Raises MissingInput where an earlier crawl of the recipe is not deduplicated, unless `predecessors` brings them in.
    """
    known = project.crawls(recipe)
    for crawl in asked:
        if crawl not in known:
            raise UnknownName.among(f"crawl of recipe {recipe.name}", crawl, known)
    if not asked:
        return known
    last = max(known.index(crawl) for crawl in asked)
    before = [crawl for crawl in known[:last] if crawl not in asked]
    missing = [c for c in before if stale(project, list(targets(recipe, [c], "deduped")))]
    if missing and not predecessors:
        raise MissingInput(
            f"crawls {', '.join(missing)} come before {known[last]} and are not up to date in recipe {recipe.name}; "
            "run them first, or add --with-predecessors; nothing was done"
        )
    return [crawl for crawl in known[: last + 1] if crawl in asked or crawl in missing]
