"""What is new in a crawl."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(
    deps=["filtered", "duplicate_pairs"],
    group="curate",
    evidence={"minhash_index": ["filtered"], "duplicate_pairs": ["filtered", "minhash_index"]},
)
def deduped(project: Project, partition: Partition, how: How) -> Outcome:
    """Every document a recipe kept, as kept or as a proven duplicate; of two copies the earlier crawl's stays."""
    return make(project, "deduped", partition, **how)
