"""The words of a batch of texts, in three ways of counting, as numbers: what the signals of words share.

Each different stretch without white space is looked at once. Words are numbered over the batch; the same number is the
same spelling. The last batch is remembered, so that signals one after another do not split it anew.
"""

import os
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.text.kernels import Bytes, Hashes, Ints, Longs
from headwater.text.remembered import Remembered
from headwater.text.unicode import kinds
from headwater.text.utf8 import utf8


class Way(NamedTuple):
    """One way of cutting: the words of chunk c are ids[bounds[c]:bounds[c + 1]]."""

    bounds: Ints
    ids: Ints


class Chunks(NamedTuple):
    """The chunks of n texts: those of text d are numbers[bounds[d]:bounds[d + 1]].

    `sums` (chunks, SUMS) is what each adds to its text; `english`, `universal` and `split` its words as spaCy, UAX #29
    (those that begin with a letter or number) and str.split have them. `chars`, `sizes` and `hashes` are characters,
    bytes and polynomials of bytes in `seed()` by word. `glued` are the bytes of text d without white space at
    glued_bounds[d]:glued_bounds[d + 1], 32 more behind. `loose`, `dots` (n,): see _chunk_kernels.oddities. `text_chars`
    (n,): characters.
    """

    numbers: Ints
    bounds: Longs
    glued: Bytes
    glued_bounds: Longs
    loose: Ints
    dots: Ints
    text_chars: Longs
    sums: Hashes
    english: Way
    universal: Way
    split: Way
    chars: Ints
    sizes: Ints
    hashes: Hashes


@cache
def seed() -> np.uint64:
    """What hashes are mixed with in this process; no result depends on it."""
    return np.uint64(int.from_bytes(os.urandom(8), "little") | 1)


def _chunks(texts: pa.Array) -> Chunks:
    """The chunks of a batch. Raises UserError where a text is too long to be measured."""
    from headwater.text._chunk_kernels import PADDING, gather, text_lengths

    data, offsets = utf8(texts)
    n, size = len(texts), int(offsets[-1] - offsets[0])
    numbers, bounds, glued_bounds = np.empty(size // 2 + n + 1, np.int32), *np.zeros((2, n + 1), np.int64)
    glued, (loose, dots) = np.empty(size + PADDING, np.uint8), np.zeros((2, n), np.int32)
    text_chars = np.empty(n, np.int64)
    text_lengths(data, offsets, text_chars)
    table, count = gather(data, offsets, kinds(), seed(), numbers, bounds, glued, glued_bounds, loose, dots)
    glued[glued_bounds[-1] :][:PADDING] = 0
    return Chunks(numbers, bounds, glued, glued_bounds, loose, dots, text_chars, *_described(data, table, count))


def _described(
    data: Bytes, table: tuple[npt.NDArray[np.uint64], Ints, Longs, Longs], count: int
) -> tuple[Hashes, Way, Way, Way, Ints, Ints, Hashes]:
    from headwater.text._chunk_words import cut, lengths

    sums, ways, (_, _, starts, stops, words) = cut(data, (*table, count), seed())
    chars, sizes, hashes = np.empty(words, np.int32), np.empty(words, np.int32), np.empty(words, np.uint64)
    lengths(data, starts[:words], stops[:words], seed(), chars, sizes, hashes)
    return sums, Way(*ways[0]), Way(*ways[1]), Way(*ways[2]), chars, sizes, hashes


chunks = Remembered(_chunks)
