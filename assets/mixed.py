"""The training mix of a recipe."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["deduped", "filtered", "extracted", "raw", "consent"], group="train")
def mixed(project: Project, partition: Partition, how: How) -> Outcome:
    """How often every remaining document enters the training stream, by policy, weights, token budget and seed."""
    return make(project, "mixed", partition, **how)
