"""What hosts said in their own files."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["raw"], group="ingest", conserves=False)
def robots(project: Project, partition: Partition, how: How) -> Outcome:
    """What each host's robots.txt, ai.txt, tdmrep.json and RSL terms said when they were crawled."""
    return make(project, "robots", partition, **how)
