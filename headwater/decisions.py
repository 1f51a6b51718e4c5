"""Which documents of a crawl are duplicates by the pairs that were compared: what `deduped` says, before it is made."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from headwater.lake import scratch
from headwater.lake.files import read_batches
from headwater.lake.storage import Storage
from headwater.lake.store import DataFile, Draft

SCHEMA = pa.schema([
    ("doc_id", pa.string()), ("representative", pa.string()), ("similarity", pa.float64()), ("threshold", pa.float64()),
    ("method", pa.string()),
])  # fmt: skip
COLUMNS = ["doc_id", "other", "similarity", "threshold", "method"]
AT_ONCE = 1 << 14


def of_files(storage: Storage, names: Sequence[str]) -> pa.Table:
    """The duplicates by the chosen pairs of files of `duplicate_pairs`."""
    return pa.Table.from_batches(list(_chosen(storage, names)), SCHEMA)


def write(draft: Draft, compared: Sequence[DataFile]) -> dict[str, str]:
    """The duplicates by the files of one crawl, as scratch files with the columns of SCHEMA; their names by shard."""
    for file in compared:
        with scratch.writer(draft, "decisions", file.shard, SCHEMA) as out:
            for batch in _chosen(draft.storage, [file.name]):
                out.write_batch(batch)
    return {file.shard: scratch.name(draft, "decisions", file.shard) for file in compared}


def _chosen(storage: Storage, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for name in names:
        for batch in read_batches(storage, name, [*COLUMNS, "chosen"], AT_ONCE):
            rows = batch.filter(batch.column("chosen")).select(COLUMNS)
            yield pa.RecordBatch.from_arrays(rows.columns, schema=SCHEMA)
