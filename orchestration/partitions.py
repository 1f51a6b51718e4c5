"""`crawl` is a dynamic partition, filled by the sensor or a command; `recipe` a static one, read from `recipes/`."""

import logging
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import dagster as dg

from headwater.errors import MissingInput
from headwater.lake.lineage import Partition
from headwater.lake.store import NAME
from headwater.lake.tables import table
from headwater.project import Project

log = logging.getLogger(__name__)

CRAWLS = dg.DynamicPartitionsDefinition(name="crawl")


@cache
def recipes() -> dg.StaticPartitionsDefinition:
    """One partition a recipe file, as of when this process loaded the definitions."""
    names = Project.open().recipe_names()
    for name in (n for n in names if not NAME.fullmatch(n)):
        log.warning("recipe %r is left out: its name cannot name a partition; use letters, digits, . _ -", name)
    return dg.StaticPartitionsDefinition([name for name in names if NAME.fullmatch(name)])


def of_table(name: str) -> dg.PartitionsDefinition[Any]:
    """How a table's asset is partitioned. Extractors and kinds are not seen: an asset makes all that there are.

    Nor is `as_of`: an asset makes what was so at the crawl, `headwater consent refresh` what is so since.
    """
    columns = set(table(name).partitions) - {"extractor", "kind", "as_of"}
    if columns == {"crawl", "recipe"}:
        return dg.MultiPartitionsDefinition({"crawl": CRAWLS, "recipe": recipes()})
    return CRAWLS if columns == {"crawl"} else recipes()


def key(partition: Partition) -> str:
    """The key of a partition in Dagster."""
    values = {name: partition[name] for name in ("crawl", "recipe") if name in partition}
    return next(iter(values.values())) if len(values) == 1 else str(dg.MultiPartitionKey(values))


def of_run(context: dg.AssetExecutionContext, project: Project, name: str) -> dict[str, str]:
    """The partition that a run is to make.

    Raises UnknownName where the recipe does not want the crawl, and MissingInput, before anything is done, where the
    run is to deduplicate a crawl of which an earlier one is not deduplicated yet.
    """
    given: Any = context.partition_key
    by_dimension: Mapping[str, str] | None = getattr(given, "keys_by_dimension", None)
    if by_dimension is None:
        return {"crawl" if "crawl" in table(name).partitions else "recipe": str(given)}
    partition = dict(by_dimension)
    earlier = project.compared(project.recipe(partition["recipe"]), partition["crawl"])
    if not context.run.asset_selection or dg.AssetKey("deduped") in context.run.asset_selection:
        _in_order(project, partition, earlier)
    return partition


def _in_order(project: Project, partition: Partition, earlier: Iterable[str]) -> None:
    missing = [c for c in earlier if project.lake.published("deduped", {**partition, "crawl": c}) is None]
    if missing:
        raise MissingInput(
            f"crawls {', '.join(missing)} come before {partition['crawl']} and are not deduplicated in recipe "
            f"{partition['recipe']}; run them first; nothing was done"
        )


def add(instance: dg.DagsterInstance, crawls: Iterable[str]) -> None:
    """Make crawls known to Dagster; those it knows stay as they are."""
    new = [crawl for crawl in crawls if not instance.has_dynamic_partition("crawl", crawl)]
    if new:
        instance.add_dynamic_partitions("crawl", new)
