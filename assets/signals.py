"""The numbers that filters judge by."""

from assets._table import table_asset
from headwater.lake.lineage import Partition
from headwater.make import Expect, make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["extracted"], group="ingest")
def signals(project: Project, partition: Partition, expect: Expect) -> list[Outcome]:
    """Every number that can be measured on a text; no recipe has a say in it, so a new threshold needs no rerun."""
    return [make(project, "signals", {**partition, "extractor": name}, expect=expect) for name in project.extractors()]
