"""The lake at one instant, for questions about few documents: each table opened once, rows found without a scan.

Files are chosen in Arrow from the log's own list, by partition, shard and the statistics of a column; rows by the
statistics of their row group and then by one column, before any other column is read. DuckDB would take longer to be
set up than all of this takes.
"""

import struct
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable

from headwater.lake import store
from headwater.lake.files import shard_of
from headwater.lake.storage import Storage
from headwater.lake.store import DataFile, Lake, Published
from headwater.lake.tables import TABLES

Row = dict[str, Any]
OPENED_AT_ONCE = 4
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Opened:
    """One version of one table. `delta` is None where nothing was ever committed."""

    name: str
    delta: DeltaTable | None
    storage: Storage

    @cached_property
    def adds(self) -> pa.Table:
        """A row for each live file: path, rows, size, partition, statistics."""
        assert self.delta is not None
        return pa.RecordBatchReader.from_stream(self.delta.get_add_actions(flatten=True)).read_all()

    @cached_property
    def _log(self) -> Iterator[Published]:
        return iter(()) if self.delta is None else store.history(self.storage, self.name, self.delta.version())

    _read: list[Published] = field(default_factory=list)

    def commits(self) -> Iterator[Published]:
        """Its commits, newest first. Records are parsed as far as they are asked for."""
        yield from self._read
        for commit in self._log:
            self._read.append(commit)
            yield commit

    def files(self, shard: str | None, partition: dict[str, str]) -> list[DataFile]:
        """Live files of a shard, of those partitions that match, by name."""
        return [] if self.delta is None else self._listed(self._matching(partition), shard)

    def values(self, column: str) -> list[str]:
        """The values of a partition column, sorted."""
        return [] if self.delta is None else sorted(pc.unique(self.adds.column(f"partition.{column}")).to_pylist())

    def holding(self, column: str, value: str, partition: dict[str, str]) -> list[DataFile]:
        """Live files that can hold a value by their statistics; one that has none can."""
        if self.delta is None:
            return []
        adds = self._matching(partition)
        for bound, compare in (("min", pc.less_equal), ("max", pc.greater_equal)):
            if f"{bound}.{column}" in adds.column_names:
                known = adds.column(f"{bound}.{column}")
                adds = adds.filter(pc.or_kleene(compare(known, text(value)), pc.is_null(known)))
        return self._listed(adds, None)

    def _matching(self, partition: dict[str, str]) -> pa.Table:
        adds = self.adds
        for column, value in partition.items():
            adds = adds.filter(pc.equal(adds.column(f"partition.{column}"), text(value)))
        return adds

    def _listed(self, adds: pa.Table, shard: str | None) -> list[DataFile]:
        columns = ["path", "num_records", "size_bytes", *(f"partition.{c}" for c in TABLES[self.name].partitions)]
        if shard is not None:
            adds = adds.filter(pc.match_substring(adds.column("path"), f"/{shard}-"))
        rows = adds.select(columns).to_pylist()
        files = [
            DataFile(
                name=f"{self.name}/{row['path']}",
                shard=shard_of(row["path"]),
                rows=row["num_records"],
                size=row["size_bytes"],
                partition={c: row[f"partition.{c}"] for c in TABLES[self.name].partitions},
            )
            for row in rows
        ]
        return sorted((f for f in files if shard is None or f.shard == shard), key=lambda f: f.name)


def text(value: str) -> pa.StringScalar:
    """A string as Arrow has it. `pa.scalar` would import pandas to see what it is given: a third of a second."""
    data = value.encode("utf-8", "surrogatepass")
    ends = struct.pack("<2i", 0, len(data))
    return pa.StringArray.from_buffers(1, pa.py_buffer(ends), pa.py_buffer(data))[0]


class Snapshot:
    """Tables as they are when they are first asked about."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._opened: dict[tuple[str, int | None], Opened] = {}

    @property
    def storage(self) -> Storage:
        """Where the files are."""
        return self.lake.storage

    def open(self, *names: str) -> None:
        """Open tables that will be asked about, side by side."""
        wanted = [name for name in names if (name, None) not in self._opened]
        with ThreadPoolExecutor(OPENED_AT_ONCE) as pool:
            for name, delta in zip(wanted, pool.map(self.lake.delta, wanted), strict=True):
                self._opened[name, None] = Opened(name, delta, self.storage)

    def _table(self, name: str, version: int | None = None) -> Opened:
        if (name, version) not in self._opened:
            live = self._opened.get((name, None))
            if version is not None and live is not None and live.delta is not None and live.delta.version() == version:
                return live
            self._opened[name, version] = Opened(name, self.lake.delta(name, version), self.storage)
        return self._opened[name, version]

    def files(
        self, name: str, shard: str | None = None, *, version: int | None = None, **partition: str
    ) -> list[DataFile]:
        """Data files of a table, live or of a version, of a shard, of those partitions that match."""
        return self._table(name, version).files(shard, partition)

    def values(self, name: str, column: str) -> list[str]:
        """What a table is partitioned into by one column, sorted."""
        return self._table(name).values(column)

    def holding(self, name: str, column: str, value: str, **partition: str) -> list[DataFile]:
        """Live files that can hold a value of a column that Delta keeps statistics on."""
        return self._table(name).holding(column, value, partition)

    def commits(self, name: str) -> Iterator[Published]:
        """Every commit of a table, newest first."""
        return self._table(name).commits()

    def published(self, name: str, **partition: str) -> Published | None:
        """The newest commit of one partition; None where it was never published."""
        for commit in self.commits(name):
            if commit.provenance is not None and dict(commit.provenance.partition) == partition:
                return commit
        return None

    def version(self, name: str, partition: dict[str, str]) -> int | None:
        """The version that made a partition what it is."""
        commit = self.published(name, **partition)
        return None if commit is None else commit.version


def find(storage: Storage, name: str, column: str, value: str, columns: Sequence[str] | None = None) -> list[Row]:
    """Rows of one data file that have a value in a column: all columns, or those named, null where it lacks one."""
    with storage.open(name) as file:
        parquet = pq.ParquetFile(file)
        there = parquet.schema_arrow.names
        wanted = there if columns is None else [c for c in columns if c in there]
        found = []
        for group in _groups(parquet, there.index(column), value):
            keys = read_group(parquet, group, [column]).column(0)
            places = pc.indices_nonzero(pc.equal(keys, text(value)))
            if len(places):
                found += _rows(read_group(parquet, group, wanted).take(places))
    return found if columns is None else [{c: row.get(c) for c in columns} for row in found]


def read_group(parquet: pq.ParquetFile, group: int, columns: Sequence[str]) -> pa.Table:
    """Columns of one row group. In this thread: Arrow's own may still be ending when the process ends, which aborts."""
    return parquet.read_row_group(group, columns=list(columns), use_threads=False)


def _rows(chosen: pa.Table) -> list[Row]:
    """Rows as Python has them. A time is made here, because pyarrow asks pandas to make one."""
    times = [field.name for field in chosen.schema if pa.types.is_timestamp(field.type)]
    for name in times:
        micros = chosen.column(name).cast(pa.timestamp("us", "UTC")).cast(pa.int64())
        chosen = chosen.set_column(chosen.column_names.index(name), name, micros)
    rows: list[Row] = chosen.to_pylist()
    for row in rows:
        row.update({n: None if row[n] is None else EPOCH + timedelta(microseconds=row[n]) for n in times})
    return rows


def _groups(parquet: pq.ParquetFile, index: int, value: Any) -> Iterator[int]:
    """Row groups that can hold a value."""
    for group in range(parquet.metadata.num_row_groups):
        statistics = parquet.metadata.row_group(group).column(index).statistics
        if statistics is None or not statistics.has_min_max or statistics.min <= value <= statistics.max:
            yield group
