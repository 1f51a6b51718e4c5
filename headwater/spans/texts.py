"""The texts that a method is given: those `filtered` kept, less documents and stretches that earlier methods took.

`Source` is plain data, so that a task can carry it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.files import read_batches
from headwater.lake.storage import Storage
from headwater.lake.tables import table
from headwater.remaining import without

EDITS = table("repeated_spans").file_schema.field("edits").type


@dataclass(frozen=True)
class Source:
    """One shard's texts: its file of `filtered`, of scratch files with a `doc_id` those that are no longer there, and
    files with rows of `repeated_spans` about it.
    """

    filtered: str
    gone: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()

    def plus(self, spans: str) -> "Source":
        """With the rows of one more method."""
        return Source(self.filtered, self.gone, (*self.spans, spans))


def read(storage: Storage, source: Source, step: int, wanted: pa.Array | None = None) -> Iterator[pa.RecordBatch]:
    """doc_id and text as the method at place `step` is given them, of all documents or of those `wanted`."""
    out, edits = _before(storage, source, step)
    known = edits.column("doc_id").combine_chunks()
    for batch in read_batches(storage, source.filtered, ["doc_id", "outcome", "text"]):
        ids = batch.column("doc_id")
        there = pc.and_(pc.equal(batch.column("outcome"), "kept"), pc.invert(pc.is_in(ids, value_set=out)))
        if wanted is not None:
            there = pc.and_(there, pc.is_in(ids, value_set=wanted))
        here = batch.filter(there).select(["doc_id", "text"])
        if here.num_rows:
            yield without(here, known, edits) if len(edits) else here


def _before(storage: Storage, source: Source, step: int) -> tuple[pa.Array, pa.Table]:
    """Documents that are out, and the edits of the others, by the methods before `step`."""
    out = [b.column("doc_id") for name in source.gone for b in read_batches(storage, name, ["doc_id"])]
    columns = ["doc_id", "step", "dropped", "edits"]
    found = [b for name in source.spans for b in read_batches(storage, name, columns)]
    earlier = [b.filter(pc.less(b.column("step"), step)) for b in found]
    out += [b.filter(b.column("dropped")).column("doc_id") for b in earlier]
    lists: dict[str, list[dict[str, object]]] = {}
    for batch in earlier:
        for doc, edits in zip(batch.column("doc_id").to_pylist(), batch.column("edits").to_pylist(), strict=True):
            lists.setdefault(doc, []).extend(edits or ())
    ids = pa.concat_arrays([pa.array([], pa.string()), *out])
    return ids, pa.table([pa.array(list(lists), pa.string()), pa.array(lists.values(), EDITS)], ["doc_id", "edits"])
