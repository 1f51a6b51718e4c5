"""The WARC files of a crawl."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(group="ingest", conserves=False)
def sources(project: Project, partition: Partition, how: How) -> Outcome:
    """The WARC files that a crawl lists: their size, digest, how many records they hold, and whether they are whole."""
    return make(project, "sources", partition, **how)
