"""Make one partition of one table, its evidence first: what an asset, a command and a test all call."""

from collections.abc import Callable

from headwater import openlineage
from headwater.lake.audit import Check
from headwater.lake.lineage import Partition
from headwater.pipeline import DraftView, Outcome, Progress, publish
from headwater.project import Project

Expect = Callable[[DraftView], list[Check]]

# Tables of evidence are committed before the table whose rows refer to them, so a reader never sees half.
EVIDENCE = {"deduped": ("minhash_index", "duplicate_pairs", "repeated_spans", "span_index")}


def make(
    project: Project,
    table: str,
    partition: Partition,
    *,
    expect: Expect | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Bring one partition up to date; gives what now holds it. Current partitions are left as they are."""
    tellers = openlineage.tellers(project)

    def made(name: str) -> Outcome:
        plan = project.plan(name, partition)
        return publish(project.lake, plan, project.engine, expect=expect, progress=progress, tellers=tellers)

    for evidence in EVIDENCE.get(table, ()):
        made(evidence)
    return made(table)
