"""Words of texts in any script, and which words of a list are among them.

Words are those of headwater/text/kernels.py, with the stretches of scripts without spaces cut by the embedded lexicon
(headwater/text/segment.py). Symbols are words too. Case counts.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.text.kernels import Bytes, Floats, Hashes, Ints, Longs, compiled, lean, split
from headwater.text.segment import Lexicon, child, embedded, lexicon, point_at, priced, segment
from headwater.text.unicode import SINGLE, kinds
from headwater.text.utf8 import longest_bytes, utf8

APOSTROPHE, RIGHT_QUOTE = 0x27, 0x2019


@lean
def cut_words(
    data: Bytes,
    begin: int,
    end: int,
    kinds: Bytes,
    edges: Hashes,
    nodes: Ints,
    prices: Ints,
    starts: Ints,
    stops: Ints,
    chars: Ints,
    found: Bytes,
    hashes: Hashes,
    best: Longs,
    ends: Ints,
    cuts: Ints,
) -> int:
    """Words of data[begin:end]: fills `starts` and `stops`, in bytes from `begin`; returns how many.

    All arrays but the lexicon's need end - begin + 1 places. Words never become more: they are put back in place.
    """
    count = split(data, begin, end, kinds, starts, stops, chars, found, hashes)
    at = out = 0
    while at < count:
        start, stop = starts[at], stops[at]
        at += 1
        if found[at - 1] != SINGLE:
            starts[out], stops[out] = start, stop
            out += 1
            continue
        while at < count and found[at] == SINGLE and starts[at] == stop:
            stop = stops[at]
            at += 1
        words = segment(data, begin + start, begin + stop, kinds, edges, nodes, prices, best, ends, cuts)
        last = start
        for k in range(words):
            starts[out], stops[out] = last, start + cuts[k]
            last = stops[out]
            out += 1
    return out


@compiled
def _gather(
    data: Bytes,
    offsets: Longs,
    kinds: Bytes,
    edges: Hashes,
    nodes: Ints,
    prices: Ints,
    longest: int,
    bounds: Longs,
    copied: Bytes,
) -> int:
    """All words of all texts one after another: their bytes in `copied`, their ends in `bounds`; returns how many."""
    room = longest + 1
    starts, stops, chars = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    found, hashes = np.empty(room, np.uint8), np.empty(room, np.uint64)
    best, ends, cuts = np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.int32)
    total = filled = 0
    for d in range(len(offsets) - 1):
        begin = offsets[d]
        count = cut_words(
            data, begin, offsets[d + 1], kinds, edges, nodes, prices,
            starts, stops, chars, found, hashes, best, ends, cuts,
        )  # fmt: skip
        for t in range(count):
            for k in range(begin + starts[t], begin + stops[t]):
                copied[filled] = data[k]
                filled += 1
            total += 1
            bounds[total] = filled
    return total


@lean
def _meet(data: Bytes, start: int, stop: int, edges: Hashes, nodes: Ints, prices: Ints, seen: Longs, mark: int) -> int:
    """Mark the listed words that a word is, or that it begins with if they end in an apostrophe; how many are new."""
    at, node, new = start, 0, 0
    while at < stop:
        point, width = point_at(data, at)
        node = child(edges, nodes, node, point)
        if node == 0:
            return new
        at += width
        whole = at == stop or point in (APOSTROPHE, RIGHT_QUOTE)
        if whole and prices[node] >= 0 and seen[prices[node]] != mark:
            seen[prices[node]] = mark
            new += 1
    return new


@compiled
def _count(
    data: Bytes,
    offsets: Longs,
    kinds: Bytes,
    edges: Hashes,
    nodes: Ints,
    prices: Ints,
    list_edges: Hashes,
    list_nodes: Ints,
    list_prices: Ints,
    longest: int,
    seen: Longs,
    out: Floats,
) -> None:
    room = longest + 1
    starts, stops, chars = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    found, hashes = np.empty(room, np.uint8), np.empty(room, np.uint64)
    best, ends, cuts = np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.int32)
    for d in range(len(offsets) - 1):
        begin, different = offsets[d], 0
        count = cut_words(
            data, begin, offsets[d + 1], kinds, edges, nodes, prices,
            starts, stops, chars, found, hashes, best, ends, cuts,
        )  # fmt: skip
        for t in range(count):
            start, stop = begin + starts[t], begin + stops[t]
            different += _meet(data, start, stop, list_edges, list_nodes, list_prices, seen, d + 1)
        out[d] = different


def words_of(texts: pa.Array) -> pa.Array:
    """All words of all texts, in order; a null has none."""
    data, offsets = utf8(texts)
    size = int(offsets[-1] - offsets[0])
    bounds, copied = np.zeros(size + 1, np.int64), np.empty(size, np.uint8)
    total = _gather(data, offsets, kinds(), *embedded(), longest_bytes(offsets), bounds, copied)
    buffers = [None, pa.py_buffer(bounds[: total + 1].copy()), pa.py_buffer(copied[: bounds[total]].copy())]
    return pa.Array.from_buffers(pa.large_string(), total, buffers)


@lru_cache(maxsize=256)
def _listed(words: tuple[str, ...]) -> Lexicon:
    # No word has white space within, and the lines of a lexicon cannot hold it.
    return lexicon(priced((word, place) for place, word in enumerate(words) if word and word.split() == [word]))


def different(texts: pa.Array, words: Sequence[str]) -> npt.NDArray[np.float64]:
    """How many different words (n,) of the list are among the words of each text; 0 for a null.

    A listed word that ends in an apostrophe (l') is also met at the beginning of a word (l'homme).
    """
    out, listed = np.zeros(len(texts)), tuple(dict.fromkeys(words))
    if not len(texts):
        # Filters are shown no document to check their options: the lexicons need not be read for that.
        return out
    data, offsets = utf8(texts)
    seen = np.zeros(len(listed) + 1, np.int64)
    _count(data, offsets, kinds(), *embedded(), *_listed(listed), longest_bytes(offsets), seen, out)
    return out
