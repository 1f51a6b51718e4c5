"""A digest of rows that depends on their values and order alone: not on batch sizes, files, compression or versions."""

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class RowDigest:
    """SHA-256 over the columns of a stream of record batches.

    Each column feeds its own hashes of nulls, lengths and values, so that cutting the stream elsewhere changes nothing.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._rows = 0
        self._columns = [_Column(field.type) for field in schema]

    def update(self, batch: pa.RecordBatch) -> None:
        """Add the rows of one batch, whose columns are those of the schema in order."""
        self._rows += batch.num_rows
        for seen, column in zip(self._columns, batch.columns, strict=True):
            seen.feed(column)

    def hexdigest(self) -> str:
        """The digest of all rows so far."""
        total = hashlib.sha256(str(self._rows).encode())
        for field, seen in zip(self._schema, self._columns, strict=True):
            total.update(f"\0{field.name}\0{field.type}\0".encode())
            for part in seen.digests():
                total.update(part)
        return total.hexdigest()


class _Column:
    """The hashes of one column: nulls, lengths and values, and for a list of structs a column of each field."""

    def __init__(self, kind: pa.DataType) -> None:
        self._hashes = [hashlib.sha256() for _ in range(4)]
        structs = pa.types.is_list(kind) and pa.types.is_struct(kind.value_type)
        self._fields = [_Column(field.type) for field in kind.value_type] if structs else []

    def feed(self, column: pa.Array) -> None:
        nulls, lengths, values, inner_nulls = self._hashes
        nulls.update(_bytes(column.is_null()))
        kind = column.type
        if pa.types.is_list(kind):
            lengths.update(_bytes(pc.fill_null(pc.list_value_length(column), 0)))
            flat = column.flatten()
            inner_nulls.update(_bytes(flat.is_null()))
            for field, part in zip(self._fields, flat.flatten() if self._fields else (), strict=True):
                field.feed(part)
            if not self._fields:
                values.update(_bytes(flat.fill_null(0)))
        elif pa.types.is_string(kind) or pa.types.is_binary(kind):
            filled = column.fill_null("" if pa.types.is_string(kind) else b"")
            lengths.update(_bytes(pc.binary_length(filled)))
            values.update(_string_bytes(filled))
        else:
            if pa.types.is_timestamp(kind):
                column = column.cast(pa.int64())
            values.update(_bytes(column.fill_null(False if pa.types.is_boolean(kind) else 0)))

    def digests(self) -> Iterator[bytes]:
        yield from (part.digest() for part in self._hashes)
        for field in self._fields:
            yield from field.digests()


def _bytes(array: pa.Array) -> memoryview:
    return np.ascontiguousarray(array.to_numpy(zero_copy_only=False)).view(np.uint8).data


def _string_bytes(array: pa.StringArray | pa.BinaryArray) -> memoryview:
    _, offsets, data = array.buffers()
    if data is None or len(array) == 0:
        return memoryview(b"")
    bounds = np.frombuffer(offsets, dtype=np.int32, count=len(array) + 1, offset=array.offset * 4)
    return memoryview(data)[int(bounds[0]) : int(bounds[-1])]


def of_batches(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> tuple[str, int]:
    """Digest and number of the rows of a stream."""
    digest, rows = RowDigest(schema), 0
    for batch in batches:
        digest.update(batch)
        rows += batch.num_rows
    return digest.hexdigest(), rows
