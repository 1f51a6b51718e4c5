"""What editors find, put into the texts: one splice for all of them, the rows that say what was replaced, and the check
that an editor kept its contract (`headwater/document.py`, Edits).
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.document import Edits
from headwater.errors import BrokenContract
from headwater.lake.tables import EDIT
from headwater.text.utf8 import utf8

BROKEN = (
    "",
    "is of a text that is not there",
    "is not after the one before it: order them by text and start, and let none overlap",
    "is empty or leaves its text",
    "cuts a character in two",
    "has a rule that is not in `rules`",
    "puts what is not in `puts`",
)


def splice(texts: pa.Array, edits: Edits) -> pa.Array:
    """The n texts with every stretch replaced, of the type they came in; a null stays null.

    Without edits they are the texts that were given, not copied.
    """
    from headwater.text.splicing import spliced

    if not len(edits.text):
        return texts
    data, offsets = utf8(texts)
    puts, put_offsets = utf8(pa.array(edits.puts, pa.large_string()))
    text, start, stop, put = map(_readable, (edits.text, edits.start, edits.stop, edits.put))
    content, bounds = spliced(data, offsets, text, start, stop, put, puts, put_offsets)
    valid = pc.is_valid(texts).buffers()[1] if texts.null_count else None
    buffers = [valid, pa.py_buffer(bounds), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.large_string(), len(texts), buffers).cast(texts.type)


def as_rows(texts: pa.Array, edits: Edits, name: str, step: int = 0) -> pa.ListArray:
    """What the editor `name` replaced in each of n texts, as rows of EDIT in order; nothing: an empty list.

    `step` is the editor's place among the filters and editors of its recipe. `start` and `stop` are characters of the
    text given, `put` is how many characters came in their stead.
    """
    from headwater.text.splicing import in_characters

    data, offsets = utf8(texts)
    start, stop = in_characters(data, offsets, *map(_readable, (edits.text, edits.start, edits.stop)))
    rules = pa.array([f"{name}.{rule}" for rule in edits.rules], pa.string())
    chars = np.array([*map(len, edits.puts), 0], np.int64)  # -1, nothing, is the last
    place = pa.array(np.full(len(edits.text), step, np.int64))
    columns = [place, rules.take(pa.array(edits.rule)), pa.array(start), pa.array(stop), pa.array(chars[edits.put])]
    return _lists(np.bincount(edits.text, minlength=len(texts)), pa.StructArray.from_arrays(columns, fields=[*EDIT]))


def check(texts: pa.Array, edits: Edits, name: str) -> None:
    """Raises BrokenContract for the first edit of the editor `name` that its contract (Edits) does not allow."""
    from headwater.text.splicing import first_broken

    columns = (edits.text, edits.start, edits.stop, edits.rule, edits.put)
    wrong = [array for array in columns if array.dtype != np.int64 or array.shape != edits.text.shape]
    if wrong:
        raise BrokenContract(
            f"editor {name!r}: edits are five int64 arrays of one length, not {wrong[0].dtype} of {wrong[0].shape}"
        )
    data, offsets = utf8(texts)
    there = np.asarray(pc.is_valid(texts))
    text, start, stop, rule, put = map(_readable, columns)
    limits = len(edits.rules), len(edits.puts)
    at, why = first_broken(data, offsets, there, text, start, stop, rule, put, *limits)
    if why:
        where = f"edit {at} (bytes {start[at]} to {stop[at]} of text {text[at]})"
        raise BrokenContract(f"editor {name!r}: {where} {BROKEN[why]}; mend the editor")


def _readable(array: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """A view that the kernels, compiled for read-only contiguous arrays, take."""
    view = np.ascontiguousarray(array, np.int64).view()
    view.flags.writeable = False
    return view


def _lists(counts: npt.NDArray[np.int64], values: pa.Array) -> pa.ListArray:
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)
