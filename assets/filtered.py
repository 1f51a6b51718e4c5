"""What a recipe keeps of a crawl."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["extracted", "signals"], group="curate")
def filtered(project: Project, partition: Partition, how: How) -> Outcome:
    """What a recipe's filters say of every document: kept, or the first rule it breaks, with value and threshold."""
    return make(project, "filtered", partition, **how)
