"""What is new in a crawl."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project


@table_asset(
    deps=["filtered", "duplicate_pairs", "repeated_spans"],
    group="curate",
    evidence={
        "minhash_index": ["filtered"],
        "duplicate_pairs": ["filtered", "minhash_index"],
        "repeated_spans": ["filtered", "duplicate_pairs"],
        "span_index": ["filtered", "duplicate_pairs", "repeated_spans"],
    },
)
def deduped(project: Project, partition: Partition, how: How) -> Outcome:
    """Every document a recipe kept, whole, less repeated stretches, or a duplicate whose earlier copy stays."""
    return make(project, "deduped", partition, **how)
