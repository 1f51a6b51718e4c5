"""From what a method found in a batch of texts to rows of `repeated_spans`."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater import editing
from headwater.deduplication import Method
from headwater.document import Edits
from headwater.lake.tables import RUN, table

I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
SCHEMA = table("repeated_spans").file_schema


def runs(text: I64, number: I64) -> tuple[I64, I64, I64]:
    """Text, first and last of runs of neighbouring numbers, given in order of text and number."""
    fresh = np.ones(len(text), dtype=np.bool_)
    fresh[1:] = (text[1:] != text[:-1]) | (number[1:] != number[:-1] + 1)
    begin = np.flatnonzero(fresh)
    end = np.append(begin[1:], len(text))[: len(begin)] - 1
    return text[begin], number[begin], number[end]


def lists(count: int, text: I64, first: I64, last: I64) -> pa.ListArray:
    """Runs as a list for each of `count` texts."""
    offsets = np.concatenate([[0], np.cumsum(np.bincount(text, minlength=count))]).astype(np.int32)
    values = pa.StructArray.from_arrays([pa.array(first, pa.int64()), pa.array(last, pa.int64())], fields=[*RUN])
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def made(
    method: Method, batch: pa.RecordBatch, shard: str, edits: Edits, units: pa.ListArray,
    *, dropped: Flags | None = None, value: npt.NDArray[np.float64] | None = None, threshold: float = 1.0,
) -> pa.Table:  # fmt: skip
    """Rows of the documents of a batch (doc_id, text) of which something goes.

    `value` is the share that came earlier, of the text's bytes unless it is given. A document of which nothing but
    white space would stay goes altogether.
    """
    texts, count = batch.column("text"), batch.num_rows
    editing.check(texts, edits, method.name)
    left = editing.splice(texts, edits)
    sizes, now = (np.asarray(pc.fill_null(pc.binary_length(t), 0), dtype=np.float64) for t in (texts, left))
    # White space as Python and Unicode see it, which a regular expression's \s is not.
    blank = np.asarray(pc.fill_null(pc.utf8_is_space(left), False), dtype=np.bool_) | (now == 0)
    nothing = blank & (now < sizes)
    out = nothing if dropped is None else nothing | dropped
    share = (1 - now / np.maximum(sizes, 1)) if value is None else value
    if value is None:
        share = np.where(out, 1.0, share)
    names = pa.array([method.name] * count, pa.string())
    columns = {
        "doc_id": batch.column("doc_id"),
        "shard": pa.array([shard] * count, pa.string()),
        "step": pa.array([method.place] * count, pa.int64()),
        "method": names,
        "dropped": pa.array(out),
        "value": pa.array(share),
        "threshold": pa.array([threshold] * count, pa.float64()),
        "edits": editing.as_rows(texts, edits, method.name, method.place),
        "units": units,
    }
    rows = pa.table(columns).select(SCHEMA.names).cast(SCHEMA)
    found = out | (np.bincount(edits.text, minlength=count) > 0)
    return rows.filter(pa.array(found))
