"""The scores of a recipe."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["proxy_model", "mixed", "deduped", "filtered"], group="train", kinds=["pytorch"], conserves=False)
def eval_scores(project: Project, partition: Partition, how: How) -> Outcome:
    """What the recipe's model scores on held-out documents and on tasks with known answers, with standard errors."""
    return make(project, "eval_scores", partition, **how)
