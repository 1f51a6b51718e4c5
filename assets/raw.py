"""The records of a crawl."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["sources"], group="ingest")
def raw(project: Project, partition: Partition, how: How) -> Outcome:
    """Every record of a crawl: a pointer to its bytes, HTTP facts and consent signals. Payloads stay in the WARC."""
    return make(project, "raw", partition, **how)
