"""Texts less the stretches that deduplication removed: `filtered` has the texts, `deduped.edits` says what goes.

Nothing stores a text that is only shorter, so every reader of a deduplicated text comes through here.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.files import READ_ROWS, read_batches, read_grown
from headwater.lake.lineage import Input
from headwater.lake.storage import Storage
from headwater.lake.store import Lake
from headwater.lake.tables import EDIT, table

Edit = Mapping[str, Any]

# The tables that say together what a text is: whoever reads texts of a mix depends on both.
TABLES = ("filtered", "deduped")


class Piece(NamedTuple):
    """Where the texts of one shard of a crawl are, and what of them is gone: names of two files."""

    crawl: str
    filtered: str
    deduped: str


def pieces(lake: Lake, inputs: Sequence[Input]) -> dict[str, Piece]:
    """The pieces of a mix by the name of its shard, CRAWL~SHARD, from the inputs that its commit names."""
    found: dict[str, dict[str, str]] = {}
    for read in (i for i in inputs if i.table in TABLES):
        for file in lake.read(read):
            place = found.setdefault(f"{file.partition['crawl']}~{file.shard}", {"crawl": file.partition["crawl"]})
            place[read.table] = file.name
    return {shard: Piece(**place) for shard, place in found.items()}


def remaining(texts: pa.Array, edits: pa.Array) -> pa.Array:
    """The n texts less their stretches; `edits` (n,) are lists of EDIT in order of step and start, or null.

    Each step's places are characters of the text that the step before left, as in `filtered.edits`. The texts that were
    given, not copied, where there is nothing to remove.
    """
    changed = pc.greater(pc.fill_null(pc.list_value_length(edits), 0), 0)
    if not pc.any(changed).as_py():
        return texts
    some = zip(texts.filter(changed).to_pylist(), edits.filter(changed).to_pylist(), strict=True)
    shorter = pa.array([None if text is None else cut(text, found) for text, found in some], texts.type)
    return pc.replace_with_mask(texts, changed, shorter)


def cut(text: str, edits: Sequence[Edit]) -> str:
    """One text less its stretches."""
    for _, of_step in groupby(edits, key=itemgetter("step")):
        at, left = 0, []
        for edit in of_step:
            left.append(text[at : edit["start"]])
            at = edit["stop"]
        text = "".join([*left, text[at:]])
    return text


def edits_of(storage: Storage, deduped: str, outcome: str = "kept") -> pa.Table:
    """doc_id and edits of the documents of one file of `deduped` of which something was removed."""
    schema = pa.schema([table("deduped").file_schema.field(name) for name in ("doc_id", "edits")])
    found = []
    for batch in read_grown(storage, "deduped", deduped, ["doc_id", "outcome", "edits"]):
        some = pc.and_(pc.equal(batch.column("outcome"), outcome), pc.is_valid(batch.column("edits")))
        found.append(batch.filter(some).select(schema.names))
    return pa.Table.from_batches(found, schema).combine_chunks()


def batches(
    storage: Storage, filtered: str, deduped: str | None, columns: Sequence[str], rows: int = READ_ROWS
) -> Iterator[pa.RecordBatch]:
    """Batches of one file of `filtered` whose `text` is what deduplication left; `columns` has doc_id and text.

    Without a file of `deduped`, the texts as the filters kept them.
    """
    if deduped is None:
        yield from read_batches(storage, filtered, list(columns), rows)
        return
    edits = edits_of(storage, deduped)
    known = edits.column("doc_id").combine_chunks()
    for batch in read_batches(storage, filtered, list(columns), rows):
        yield without(batch, known, edits) if len(edits) else batch


def without(batch: pa.RecordBatch, known: pa.Array, edits: pa.Table) -> pa.RecordBatch:
    """A batch with doc_id and text, its texts less the `edits` of the documents that are `known` to have some."""
    of_each = edits.column("edits").combine_chunks().take(pc.index_in(batch.column("doc_id"), value_set=known))
    place = batch.schema.get_field_index("text")
    return batch.set_column(place, batch.schema.field(place), remaining(batch.column("text"), of_each))


def teach(db: duckdb.DuckDBPyConnection) -> None:
    """Make `remaining(text, edits)` a function of a connection's SQL; the connection must be closed at its end.

    Ask it only where edits are: `case when edits is null then text else remaining(text, edits) end`.
    """
    from duckdb.func import FunctionNullHandling, PythonUDFType

    fields = ", ".join(f'"{field.name}" {"varchar" if field.type == pa.string() else "bigint"}' for field in EDIT)
    db.create_function(
        "remaining",
        lambda texts, edits: remaining(_whole(texts), _whole(edits)),
        [duckdb.sqltype("varchar"), duckdb.sqltype(f"struct({fields})[]")],
        duckdb.sqltype("varchar"),
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
