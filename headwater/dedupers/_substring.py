"""Spans of at least `length` words that come earlier too: found by suffix array, functions over batches.

Lee et al., "Deduplicating Training Data Makes Language Models Better" (2022, arXiv:2107.06499), section 4.1, with words
between the boundaries of UAX #29, white space left out, in place of BPE tokens. Order is by crawl, doc_id and place: of
equal windows of `length` words the first stays, and a word goes where it is in a window that came before, in another
text or the same. Words are equal where their bytes are.

Across crawls seeds propose and the suffix array proves. Of each window a document leaves its seed, the least hash of
`words` words in it (winnowing; Schleimer, Wilkerson and Aiken 2003): equal windows have equal seeds, so a new crawl
needs no text but that of the documents whose seeds it has, and these before it in the batch. A window that came earlier
leaves none, for the earlier one left the same. So a text repeated everywhere is indexed once.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.document import Edits, Windows
from headwater.errors import UserError

Flags = npt.NDArray[np.bool_]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

MOST_WORDS = 2**31 - 2


@dataclass(frozen=True, slots=True)
class Words:
    """The m words of n texts: `start` and `stop` (m,) in the bytes of the batch, a hash of each, and dense numbers
    (`name`) that are equal where the words are; `places` (n + 1,) are where texts begin and end among them, `offsets`
    (n + 1,) the same among the bytes.
    """

    start: I64
    stop: I64
    hash: U64
    name: I32
    places: I64
    offsets: I64


def words(texts: pa.Array) -> Words:
    """The words of the texts. A missing text has none."""
    from headwater.dedupers import _substring_kernels as kernels
    from headwater.dedupers._bloom import white_space
    from headwater.text.uax29 import word_breaks
    from headwater.text.utf8 import utf8

    data, offsets = utf8(texts)
    room = int(offsets[-1] - offsets[0])  # touched only as far as there are words
    start, stop, hashes = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.uint64)
    places = np.zeros(len(offsets), dtype=np.int64)
    kernels.split(data, offsets, word_breaks(), white_space(), start, stop, hashes, places)
    count = int(places[-1])
    if count > MOST_WORDS:
        raise UserError(f"substring: the batch has {count} words, at most {MOST_WORDS} can be sorted: cut it smaller")
    names = np.empty(count, dtype=np.int32)
    kernels.name(data, start[:count], stop[:count], hashes[:count], names)
    return Words(start[:count].copy(), stop[:count].copy(), hashes[:count].copy(), names, places, offsets)


def repeated(of: Words, *, length: int = 50) -> Flags:
    """Which words begin a window of `length` words of their text that begins at an earlier word too."""
    from headwater.dedupers._substring_kernels import later, room_behind
    from headwater.dedupers._suffix_array import common, suffix_array

    check(length, 1)
    order = suffix_array(of.name)
    room, again = np.empty(len(order), dtype=np.int32), np.zeros(len(order), dtype=np.bool_)
    room_behind(of.places, room)
    later(order, common(of.name, order, length), room, length, again)
    return again


def seeds(of: Words, again: Flags, *, length: int = 50, words: int = 25) -> tuple[U64, I64]:
    """Seeds of the windows that are not `again`, and their texts; to look earlier ones up, give no window as repeated.

    Fewer `words` make fewer seeds, which more unrelated texts share; the longest run without one is `length - words`.
    """
    from headwater.dedupers import _substring_kernels as kernels

    check(length, words)
    seed, text = np.empty(len(of.hash), dtype=np.uint64), np.empty(len(of.hash), dtype=np.int64)
    count = kernels.seeds(of.hash, of.places, length, words, again, seed, text)
    return seed[:count].copy(), text[:count].copy()


def found(of: Words, again: Flags, wanted: Flags, *, length: int = 50) -> Windows:
    """What is repeated in the texts that are `wanted` (n,); an edit goes from the first word of a span to the last."""
    from headwater.dedupers._substring_kernels import cover

    counts = np.diff(of.places)
    mine = np.repeat(wanted, counts)
    gone = np.zeros(len(again), dtype=np.bool_)
    cover(again, length, gone)
    text, first, last = _runs(of, again & mine)
    owner, begin, end = _runs(of, gone & mine)
    zeros = np.zeros(len(begin), dtype=np.int64)
    start, stop = of.start[begin] - of.offsets[owner], of.stop[end] - of.offsets[owner]
    edits = Edits(owner, start, stop, zeros, zeros - 1, ("repeated_span",))
    return Windows(text, first - of.places[text], last - of.places[text], edits)


def flags(of: Words, text: I64, first: I64, last: I64) -> Flags:
    """Which words begin a window of these runs (r,)."""
    edges = np.zeros(len(of.hash) + 1, dtype=np.int64)
    np.add.at(edges, of.places[text] + first, 1)
    np.add.at(edges, of.places[text] + last + 1, -1)
    again: Flags = np.cumsum(edges[:-1]) > 0
    return again


def _runs(of: Words, flagged: Flags) -> tuple[I64, I64, I64]:
    """Runs of flagged words within texts: text, first and last word."""
    which = np.flatnonzero(flagged)
    text = np.searchsorted(of.places, which, side="right") - 1
    fresh = np.ones(len(which), dtype=np.bool_)
    fresh[1:] = (text[1:] != text[:-1]) | (which[1:] != which[:-1] + 1)
    begin = np.flatnonzero(fresh)
    end = np.append(begin[1:], len(which))[: len(begin)] - 1
    return text[begin], which[begin], which[end]


def check(length: int, words: int) -> None:
    """Raises UserError for a window or a seed that cannot be."""
    if not 1 <= length <= MOST_WORDS:
        raise UserError(f"substring: length is {length} words; give 1 to {MOST_WORDS}")
    if not 1 <= words <= length:
        raise UserError(f"substring: seeds of {words} words in windows of {length}; give 1 to {length}")
