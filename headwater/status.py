"""What is in the lake: per table and partition its version, rows by outcome, whether it is current, what failed."""

import json
import logging
from typing import Any

from headwater.errors import UserError
from headwater.freshness import ORDER, Target, is_current, stale, targets
from headwater.lake.tables import TABLES
from headwater.project import Project

log = logging.getLogger(__name__)


def status(project: Project) -> list[dict[str, Any]]:
    """One entry for each published partition, tables in order."""
    out_of_date = _stale(project)
    found = []
    for name in [n for n in ORDER if n in TABLES]:
        for partition in project.lake.partitions(name):
            commit = project.lake.published(name, partition)
            assert commit is not None
            assert commit.provenance is not None
            found.append({
                "table": name,
                "partition": partition,
                "version": commit.version,
                "rows": commit.provenance.rows,
                "outcomes": dict(commit.provenance.row_flow.get("outcomes", {})),
                "current": (name, tuple(sorted(partition.items()))) not in out_of_date,
                "failed_checks": failed_checks(project, name, partition),
            })  # fmt: skip
    return found


def _stale(project: Project) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """Partitions that would be made anew; one that no recipe of the project asks for is judged by its own plan."""
    wanted: dict[tuple[str, tuple[tuple[str, str], ...]], bool] = {}
    for recipe in project.readable_recipes():
        every = list(targets(recipe, project.crawls(recipe)))
        try:
            again = stale(project, every)
        except UserError as error:
            # A list or file that the recipe names is not as it says: nothing of it can be current.
            log.warning("recipe %s cannot be judged: %s", recipe.name, error)
            again = [target for target in every if "recipe" in target.partition]
        for target in every:
            wanted[_key(target)] = target in again
    for name in ORDER:
        for partition in project.lake.partitions(name):
            target = Target(name, partition)
            if _key(target) not in wanted:
                wanted[_key(target)] = not _current_alone(project, target)
    return {key for key, out_of_date in wanted.items() if out_of_date}


def _current_alone(project: Project, target: Target) -> bool:
    try:
        return is_current(project, target)
    except UserError:
        # Its recipe or crawl is gone from the project: there is nothing it could be current with.
        return False


def _key(target: Target) -> tuple[str, tuple[tuple[str, str], ...]]:
    return target.table, tuple(sorted(target.partition.items()))


def failed_checks(project: Project, name: str, partition: dict[str, str]) -> list[str]:
    """Checks that drafts of a partition failed since it was last published; nothing of such a draft is published."""
    folder = "/".join(["_audits", name, *(f"{c}={partition[c]}" for c in TABLES[name].partitions)])
    storage = project.lake.storage
    reports = [
        json.loads(storage.read(f"{folder}/{entry}")) for entry in storage.names(folder) if entry.endswith(".json")
    ]
    return sorted({check["name"] for report in reports for check in report["checks"] if not check["passed"]})
