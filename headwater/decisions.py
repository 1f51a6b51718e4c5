"""Which documents of a crawl are duplicates by the pairs that were compared: what `deduped` says, before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from headwater import deduplication, matching
from headwater.lake import scratch
from headwater.lake.files import read_batches
from headwater.lake.store import DataFile, Draft
from headwater.lake.tables import table
from headwater.recipe import Recipe

SCHEMA = pa.schema([
    ("doc_id", pa.string()), ("representative", pa.string()), ("similarity", pa.float64()), ("threshold", pa.float64()),
    ("method", pa.string()),
])  # fmt: skip


@dataclass(frozen=True)
class Of:
    """What decides: a recipe, its crawls up to and with the one, and that one's files of `duplicate_pairs`."""

    recipe: Recipe
    crawls: list[str]
    compared: Sequence[DataFile]


def write(draft: Draft, of: Of) -> str:
    """The duplicates, as a scratch file with the columns of SCHEMA; gives its name."""
    batches = [b for f in of.compared for b in read_batches(draft.storage, f.name)]
    pairs = pa.Table.from_batches(batches, table("duplicate_pairs").file_schema)
    names = [method.name for method in deduplication.pairs(of.recipe)]
    found = [matching.duplicates(pairs, of.crawls, of.crawls[-1], name).cast(SCHEMA) for name in names]
    with scratch.writer(draft, "decisions", "all", SCHEMA) as out:
        out.write_table(pa.concat_tables([SCHEMA.empty_table(), *found]))
    return scratch.name(draft, "decisions", "all")
