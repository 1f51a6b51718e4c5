"""The proxy model of a recipe."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(deps=["tokenized"], group="train", kinds=["pytorch"], conserves=False)
def proxy_model(project: Project, partition: Partition, how: How) -> Outcome:
    """A small Llama-style model trained on the stream, with the digest of its checkpoint and its loss curve."""
    return make(project, "proxy_model", partition, **how)
