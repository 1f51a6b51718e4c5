"""Near duplicates: MinHash bands over word shingles propose, the true Jaccard similarity of the shingle sets decides.

Broder, "On the resemblance and containment of documents" (1997); bands as in Leskovec, Rajaraman and Ullman, "Mining of
Massive Datasets", chapter 3; words normalised and 5-word shingles as in FineWeb (datatrove), with the details of the
normalisation in `text/fold.py` and of the hashing in `text/shingles.py`. Two documents of similarity s are candidates
with probability 1 - (1 - s^rows)^bands.
"""

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.document import Deduper
from headwater.errors import UserError

VERSION = 1

# What datasketch weighs false positives and false negatives by. Every pair is verified, so a false positive costs one
# look at two texts, but a miss stays missed. Its own (0.5, 0.5) would propose 40 % of the pairs at 0.8, this 95 %.
WEIGHTS = (0.05, 0.95)
# Bands are numbered in 16 bits. datasketch tries all divisions, which from here on takes seconds.
MOST_PERMUTATIONS, MOST_CHOSEN = 1 << 15, 1024
MOST = 2**31 - 1


def minhash(
    *,
    shingle_words: int = 5,
    shingle_characters: int | None = None,
    threshold: float = 0.8,
    permutations: int = 128,
    bands: int | None = None,
    rows: int | None = None,
    seed: int = 1,
) -> Deduper:
    """Texts whose sets of `shingle_words`-word shingles have Jaccard similarity of at least `threshold`.

    Given `shingle_characters`, shingles are of so many characters of the normalised text instead, one space between
    words. Bands and rows are given together, or datasketch chooses them. A text shorter than a shingle matches nothing.
    """
    if shingle_characters is not None and not 1 <= shingle_characters <= MOST:
        raise UserError(f"minhash: shingle_characters is {shingle_characters}; give 1 to {MOST}, or none")
    if not 1 <= shingle_words <= MOST:
        raise UserError(f"minhash: shingle_words is {shingle_words}; give 1 to {MOST}")
    if not 0 < threshold <= 1:
        raise UserError(f"minhash: threshold is {threshold}; give a similarity above 0 and up to 1")
    size = shingle_words if shingle_characters is None else -shingle_characters
    count, height = _bands(threshold, permutations, bands, rows)
    a, b = _coefficients(count * height, seed)

    def keys(texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        return _keys(texts, size, a, b, height)

    def similarity(left: pa.Array, right: pa.Array) -> npt.NDArray[np.float64]:
        return _similarity(left, right, size)

    return Deduper(keys=keys, similarity=similarity, threshold=threshold)


@cache
def _bands(threshold: float, permutations: int, bands: int | None, rows: int | None) -> tuple[int, int]:
    """Bands and rows a band, whose product is at most `permutations`."""
    if bands is not None and rows is not None:
        if bands < 1 or rows < 1 or bands * rows > permutations:
            raise UserError(f"minhash: {bands} bands of {rows} rows do not fit in {permutations} permutations")
        if bands * rows > MOST_PERMUTATIONS:
            raise UserError(f"minhash: {bands} bands of {rows} rows are over the {MOST_PERMUTATIONS} there can be")
        return bands, rows
    if bands is not None or rows is not None:
        raise UserError(f"minhash: bands is {bands} and rows is {rows}; give both, or neither to have them chosen")
    if not 2 <= permutations <= MOST_CHOSEN:
        raise UserError(
            f"minhash: permutations is {permutations}; give 2 to {MOST_CHOSEN}, or bands and rows themselves for more"
        )
    from datasketch import MinHashLSH

    chosen = MinHashLSH(threshold=threshold, num_perm=permutations, weights=WEIGHTS)
    return chosen.b, chosen.r


def _coefficients(count: int, seed: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """a (odd) and b of each permutation: the high and low halves of SplitMix64's numbers from `seed` on."""
    mask = (1 << 64) - 1
    drawn = []
    for i in range(1, count + 1):
        z = (seed + i * 0x9E37_79B9_7F4A_7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & mask
        drawn.append(z ^ (z >> 31))
    numbers = np.array(drawn, dtype=np.uint64)
    return (numbers >> np.uint64(32)).astype(np.uint32) | np.uint32(1), numbers.astype(np.uint32)


def _keys(
    texts: pa.Array, size: int, a: npt.NDArray[np.uint32], b: npt.NDArray[np.uint32], rows: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    from headwater.text.shingles import band_keys, utf8

    data, offsets, present = utf8(texts)
    keys = np.zeros((len(texts), a.size // rows), dtype=np.int64)
    valid = np.zeros(len(texts), dtype=np.bool_)
    band_keys(data, offsets, _table(size), size, a, b, rows, keys, valid)
    keys[~present] = 0  # a null may cover bytes
    return keys, valid & present


def _table(size: int) -> npt.NDArray[np.uint32]:
    from headwater.text.fold import character_table, fold_table

    return fold_table() if size > 0 else character_table()


def _similarity(left: pa.Array, right: pa.Array, size: int) -> npt.NDArray[np.float64]:
    from headwater.text.shingles import similarities, utf8

    if len(left) != len(right):
        raise ValueError(f"minhash: {len(left)} texts on the left, {len(right)} on the right; pairs are aligned")
    ours, our_places, here = utf8(left)
    theirs, their_places, there = utf8(right)
    result = np.empty(len(left), dtype=np.float64)
    similarities(ours, our_places, theirs, their_places, _table(size), size, result)
    result[~(here & there)] = 0.0
    return result
