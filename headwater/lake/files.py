"""Data files: one Parquet file a shard, whose footer says which draft it belongs to and what its rows digest to."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.errors import BrokenLake
from headwater.lake.digest import RowDigest
from headwater.lake.storage import Storage
from headwater.lake.tables import Table, table

FOOTER = b"headwater"
ROW_GROUP_ROWS = 16_384
ROW_GROUP_BYTES = 8 << 20
READ_ROWS = 2_048


@dataclass(frozen=True)
class Footer:
    """What a data file says of itself, read without its rows."""

    shard: str
    key: str
    rows: int
    digest: str
    outcomes: Mapping[str, int]
    details: Mapping[str, Any]
    size: int
    minimum: Mapping[str, Any]
    maximum: Mapping[str, Any]
    nulls: Mapping[str, int]


class ShardWriter:
    """Writes one shard of a draft; the file gets its name when the block ends without an error.

    Rows are gathered into row groups of bounded rows and bytes, so memory does not grow with the shard.
    """

    def __init__(self, storage: Storage, table_name: str, name: str, *, shard: str, key: str) -> None:
        self._table = table(table_name)
        self._schema = self._table.file_schema
        self._stack = ExitStack()
        self._place = (storage, name)
        self._said = {"shard": shard, "key": key}
        self._digest = RowDigest(self._schema)
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = 0
        self.rows = 0
        self.outcomes: dict[str, int] = {}
        self.details: dict[str, Any] = {}

    def __enter__(self) -> "ShardWriter":
        storage, name = self._place
        sink = self._stack.enter_context(storage.create(name))
        self._writer = self._stack.enter_context(pq.ParquetWriter(sink, self._schema, **_parquet_options(self._table)))
        return self

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            self._flush()
            said = {
                **self._said,
                "digest": self._digest.hexdigest(),
                "outcomes": self.outcomes,
                "details": self.details,
            }
            self._writer.add_key_value_metadata({FOOTER: json.dumps(said, sort_keys=True).encode()})
        self._stack.__exit__(*error)

    def write(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Add rows that have the table's file columns, by name; a missing column is an error, never a null."""
        data = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
        for batch in data.select(self._schema.names).cast(self._schema).to_batches():
            self._digest.update(batch)
            self._count(batch)
            self._waiting.append(batch)
            self._waiting_bytes += batch.nbytes
        if sum(b.num_rows for b in self._waiting) >= ROW_GROUP_ROWS or self._waiting_bytes >= ROW_GROUP_BYTES:
            self._flush()

    def _count(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        if self._table.outcomes:
            for entry in pc.value_counts(batch.column("outcome")).to_pylist():
                self.outcomes[entry["values"]] = self.outcomes.get(entry["values"], 0) + entry["counts"]

    def _flush(self) -> None:
        if self._waiting:
            whole = pa.Table.from_batches(self._waiting)
            self._writer.write_table(whole, row_group_size=max(1, whole.num_rows))
        self._waiting, self._waiting_bytes = [], 0


def _parquet_options(described: Table) -> dict[str, Any]:
    # Text is kept out of dictionaries and statistics: it repeats little, and a removed text must leave no copy there.
    words = [
        name for name, kind in described.columns if pa.types.is_string(kind) and name not in ("text", "title", "body")
    ]
    return {
        "compression": "zstd",
        "compression_level": 3,
        "use_dictionary": words,
        "write_statistics": list(described.statistics),
        "store_schema": False,
    }


def shard_of(name: str) -> str:
    """The shard that a data file holds, by its name: SHARD-KEY.parquet, in any folder."""
    return name.rsplit("/", 1)[-1].rsplit("-", 1)[0]


def read_footer(storage: Storage, name: str) -> Footer:
    """What a data file says of itself. Raises KeyError where it is not one of ours."""
    with storage.open(name) as file:
        metadata = pq.ParquetFile(file).metadata
    said = json.loads(metadata.metadata[FOOTER])
    minimum, maximum, nulls = _statistics(metadata)
    return Footer(
        said["shard"], said["key"], metadata.num_rows, said["digest"], said["outcomes"], said["details"],
        storage.size(name), minimum, maximum, nulls,
    )  # fmt: skip


def _statistics(metadata: pq.FileMetaData) -> tuple[dict[str, Any], dict[str, Any], dict[str, int]]:
    minimum: dict[str, Any] = {}
    maximum: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            statistics = column.statistics
            if statistics is None:
                continue
            name = column.path_in_schema
            nulls[name] = nulls.get(name, 0) + (statistics.null_count or 0)
            if statistics.has_min_max:
                minimum[name] = min(minimum.get(name, statistics.min), statistics.min)
                maximum[name] = max(maximum.get(name, statistics.max), statistics.max)
    return minimum, maximum, nulls


def delta_statistics(footer: Footer) -> str:
    """The statistics of a file in the form of the Delta log: numRecords, minValues, maxValues, nullCount."""
    values = {"minValues": dict(footer.minimum), "maxValues": dict(footer.maximum), "nullCount": dict(footer.nulls)}
    return json.dumps({"numRecords": footer.rows, **values}, sort_keys=True, default=str)


def read_batches(
    storage: Storage, name: str, columns: list[str] | None = None, rows: int = READ_ROWS
) -> Iterator[pa.RecordBatch]:
    """The rows of one data file in batches, in order. A batch never spans row groups, whose bytes are bounded."""
    with storage.open(name) as file:
        parquet = pq.ParquetFile(file, pre_buffer=False)
        for group in range(parquet.num_row_groups):
            yield from parquet.iter_batches(batch_size=rows, row_groups=[group], columns=columns)


def read_grown(
    storage: Storage, table_name: str, name: str, columns: list[str] | None = None, rows: int = READ_ROWS
) -> Iterator[pa.RecordBatch]:
    """As `read_batches`, in the table's order; a column that the file is older than is null."""
    schema = table(table_name).file_schema
    fields = [schema.field(column) for column in (columns or schema.names)]
    for batch in read_batches(storage, name, columns, rows):
        there = set(batch.schema.names)
        found = [batch.column(f.name) if f.name in there else pa.nulls(batch.num_rows, f.type) for f in fields]
        yield pa.RecordBatch.from_arrays(found, schema=pa.schema(fields))


def read_where(
    storage: Storage, name: str, bounds: Mapping[str, tuple[Any, Any]], columns: list[str]
) -> Iterator[pa.Table]:
    """Tables of the rows whose columns lie within bounds, (lowest, highest); row groups without such are not read.

    `columns` are those that are given; the bounded ones are read besides.
    """
    with storage.open(name) as file:
        parquet = pq.ParquetFile(file, pre_buffer=False)
        places = {parquet.metadata.schema.column(i).path: i for i in range(parquet.metadata.num_columns)}
        for group in range(parquet.num_row_groups):
            held = parquet.metadata.row_group(group)
            if not all(_overlaps(held.column(places[c]).statistics, *ends) for c, ends in bounds.items()):
                continue
            cut = {c: ends for c, ends in bounds.items() if not _within(held.column(places[c]).statistics, *ends)}
            rows = parquet.read_row_group(group, columns=list(dict.fromkeys([*columns, *cut])))
            for column, (lowest, highest) in cut.items():
                found = rows.column(column)
                rows = rows.filter(pc.and_(pc.greater_equal(found, lowest), pc.less_equal(found, highest)))
            yield rows.select(columns)


def _overlaps(statistics: Any, lowest: Any, highest: Any) -> bool:
    if statistics is None or not statistics.has_min_max:
        return True
    return bool(statistics.min <= highest and statistics.max >= lowest)


def _within(statistics: Any, lowest: Any, highest: Any) -> bool:
    return bool(
        statistics is not None
        and statistics.has_min_max
        and not statistics.null_count
        and statistics.min >= lowest
        and statistics.max <= highest
    )


def read_of(
    storage: Storage, name: str, ids: pa.Array, columns: list[str], rows: int = READ_ROWS
) -> Iterator[pa.RecordBatch]:
    """The rows of some documents, in order; of row groups that hold none of them only the doc_ids are read."""
    with storage.open(name) as file:
        parquet = pq.ParquetFile(file, pre_buffer=False)
        for group in range(parquet.num_row_groups):
            held = parquet.read_row_group(group, columns=["doc_id"]).column("doc_id")
            if not pc.any(pc.is_in(held, value_set=ids)).as_py():
                continue
            for batch in parquet.iter_batches(batch_size=rows, row_groups=[group], columns=["doc_id", *columns]):
                yield batch.filter(pc.is_in(batch.column("doc_id"), value_set=ids))


def read_aligned(
    storage: Storage,
    left: str,
    right: str,
    columns: list[str] | None = None,
    others: list[str] | None = None,
    rows: int = READ_ROWS,
) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """Batches of two files that hold the same documents in the same order; `right` is cut to the batches of `left`.

    `columns` are those that are read of `left` and `others` those of `right`, both with doc_id; None is all of them.

    Raises BrokenLake where the rows are not the same documents.
    """
    rights = read_batches(storage, right, others, rows)
    rest = pa.table({})
    for batch in read_batches(storage, left, columns, rows):
        while rest.num_rows < batch.num_rows:
            more = next(rights, None)
            if more is None:
                raise BrokenLake(f"{right} has fewer rows than {left}; run headwater verify")
            more = pa.Table.from_batches([more])
            rest = pa.concat_tables([rest, more]) if rest.num_rows else more
        pair = rest.slice(0, batch.num_rows).combine_chunks().to_batches()[0]
        rest = rest.slice(batch.num_rows)
        if not pair.column("doc_id").equals(batch.column("doc_id")):
            raise BrokenLake(f"{right} and {left} hold different documents; run headwater verify")
        yield batch, pair
