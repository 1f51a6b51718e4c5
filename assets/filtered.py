"""What a recipe keeps of a crawl."""

from assets._table import table_asset
from headwater.lake.lineage import Partition
from headwater.make import Expect, make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["extracted", "signals"], group="curate")
def filtered(project: Project, partition: Partition, expect: Expect) -> Outcome:
    """What a recipe's filters say of every document: kept, or the first rule it breaks, with value and threshold."""
    return make(project, "filtered", partition, expect=expect)
