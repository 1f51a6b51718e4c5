"""The texts of a crawl."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["raw"], group="ingest")
def extracted(project: Project, partition: Partition, how: How) -> list[Outcome]:
    """The main text, title and language of every HTML page, or the reason why there is none."""
    return [make(project, "extracted", {**partition, "extractor": name}, **how) for name in project.extractors()]
