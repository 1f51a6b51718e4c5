"""The training stream of a recipe."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["mixed", "deduped", "filtered"], group="train")
def tokenized(project: Project, partition: Partition, how: How) -> Outcome:
    """The training stream: token ids of each document copy, in order; concatenating the shards gives it."""
    return make(project, "tokenized", partition, **how)
