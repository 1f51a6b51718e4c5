"""What was said of the use of each page."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project
from headwater.stages.consent import AT_CRAWL


@table_asset(deps=["raw", "robots"], group="ingest")
def consent(project: Project, partition: Partition, how: How) -> Outcome:
    """Which AI agents robots.txt denied each page at the crawl, and every other signal on its use. No verdict."""
    return make(project, "consent", {**partition, "as_of": AT_CRAWL}, **how)
