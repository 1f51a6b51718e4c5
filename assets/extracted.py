"""The texts of a crawl."""

from assets._table import table_asset
from headwater.lake.lineage import Partition
from headwater.make import Expect, make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["raw"], group="ingest")
def extracted(project: Project, partition: Partition, expect: Expect) -> list[Outcome]:
    """The main text, title and language of every HTML page, or the reason why there is none."""
    return [
        make(project, "extracted", {**partition, "extractor": name}, expect=expect) for name in project.extractors()
    ]
