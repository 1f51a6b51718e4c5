"""Rows of data files by their place, and rows put in the place of others: what a rehearsal is put together from."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from headwater.errors import BrokenLake
from headwater.lake.storage import Storage
from headwater.lake.tables import table

SCHEMA = table("filtered").file_schema
Places = npt.NDArray[np.int64]


class Rows:
    """Rows of a data file by their place, with one row group in memory, opened when a row is asked for."""

    def __init__(self, storage: Storage, name: str, columns: Sequence[str], stack: ExitStack) -> None:
        self._storage, self._name, self._columns, self._stack = storage, name, list(columns), stack
        self._group: tuple[int, pa.Table] | None = None

    @cached_property
    def _file(self) -> pq.ParquetFile:
        return pq.ParquetFile(self._stack.enter_context(self._storage.open(self._name)), pre_buffer=False)

    @cached_property
    def _bounds(self) -> Places:
        metadata = self._file.metadata
        sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def take(self, places: Places, doc_ids: pa.Array) -> pa.RecordBatch:
        """The rows at ascending places, which must be these documents. Raises BrokenLake where they are not."""
        groups = np.searchsorted(self._bounds, places, side="right") - 1
        parts = [
            self._read(int(group)).take(pa.array(places[groups == group] - self._bounds[group]))
            for group in np.unique(groups)
        ]
        rows: pa.RecordBatch = pa.concat_tables(parts).combine_chunks().to_batches()[0]
        if not rows.column("doc_id").equals(doc_ids):
            raise BrokenLake(f"{self._name} holds other documents than were published; run headwater verify")
        return rows

    def _read(self, group: int) -> pa.Table:
        if self._group is None or self._group[0] != group:
            self._group = group, self._file.read_row_group(group, columns=self._columns)
        return self._group[1]


class Finished:
    """Rows that were made once, by the place of their document."""

    def __init__(self, n: int) -> None:
        self._at = np.full(n, -1)
        self._rows = SCHEMA.empty_table()

    def missing(self, places: Places) -> Places:
        """Those of the places that have no row yet."""
        return places[self._at[places] < 0]

    def add(self, places: Places, rows: pa.Table) -> None:
        """Keep rows, one for each place."""
        self._at[places] = self._rows.num_rows + np.arange(len(places))
        self._rows = pa.concat_tables([self._rows, rows])

    def take(self, places: Places) -> pa.Table:
        """The rows of places that all have one."""
        return self._rows.take(pa.array(self._at[places]))


def put(rows: pa.Table, parts: Sequence[tuple[Places, pa.Table]]) -> pa.Table:
    """Rows with others in the place of some: a part has as many rows as places, or a row for each of `rows`."""
    source = np.arange(rows.num_rows)
    tables, base = [rows], rows.num_rows
    for places, part in parts:
        whole = part.num_rows == rows.num_rows
        source[places] = base + (places if whole else np.arange(len(places)))
        tables.append(part)
        base += part.num_rows
    return pa.concat_tables(tables).combine_chunks().take(pa.array(source))
