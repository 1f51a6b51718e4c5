"""The records of a crawl."""

from assets._table import table_asset
from headwater.lake.lineage import Partition
from headwater.make import Expect, make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["sources"], group="ingest")
def raw(project: Project, partition: Partition, expect: Expect) -> Outcome:
    """Every record of a crawl: a pointer to its bytes, HTTP facts and consent signals. Payloads stay in the WARC."""
    return make(project, "raw", partition, expect=expect)
