"""What is new in a crawl."""

from assets._table import table_asset
from headwater.lake.lineage import Partition
from headwater.make import Expect, make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(
    deps=["filtered", "duplicate_pairs"],
    group="curate",
    evidence={"minhash_index": ["filtered"], "duplicate_pairs": ["filtered", "minhash_index"]},
)
def deduped(project: Project, partition: Partition, expect: Expect) -> Outcome:
    """Every document a recipe kept, as kept or as a proven duplicate; of two copies the earlier crawl's stays."""
    return make(project, "deduped", partition, expect=expect)
