"""What exists, in order: one file a table, each a sentence that says where the table comes from.

    sources -> raw -> extracted -> signals          by crawl
           -> filtered -> deduped                   by recipe and crawl
           -> mixed -> tokenized -> proxy_model -> eval_scores     by recipe
           -> staging, intermediate, marts          dbt models on the catalog

How they are run (partitions, checks, pools, jobs) is in `orchestration`.
"""

from assets._table import How, TableAsset, discover

__all__ = ["How", "TableAsset", "discover"]
