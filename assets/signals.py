"""The numbers that filters judge by."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["extracted"], group="ingest")
def signals(project: Project, partition: Partition, how: How) -> list[Outcome]:
    """Every number that can be measured on a text; no recipe has a say in it, so a new threshold needs no rerun."""
    return [make(project, "signals", {**partition, "extractor": name}, **how) for name in project.extractors()]
