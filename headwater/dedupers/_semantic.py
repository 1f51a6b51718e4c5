"""Vectors as directions of whole numbers, so that products of two are exact, and the cells that they fall into.

A direction has length SCALE: any sum of products of two is less than 2^24 and therefore exact in 32-bit floating
point. Whatever the BLAS, its threads and the batches, the results are the same bits.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from headwater.errors import UserError

Vectors = npt.NDArray[np.int16]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

SCALE = 4000
MOST_DIMENSIONS = 36_864  # rounding adds half a root of the dimensions to the length, which must stay below 2^12
BLOCK = 1024
MIX_1, MIX_2, MIX_SHIFT = np.uint64(0xFF51_AFD7_ED55_8CCD), np.uint64(0xC4CE_B9FE_1A85_EC53), np.uint64(33)


def unit(embeddings: npt.NDArray[np.floating]) -> Vectors:
    """The directions of embeddings (n, d), as whole numbers of length SCALE; zeros stay zeros."""
    if not 1 <= embeddings.shape[1] <= MOST_DIMENSIONS:
        raise UserError(f"semantic: {embeddings.shape[1]} dimensions; an embedder may give 1 to {MOST_DIMENSIONS}")
    wide = embeddings.astype(np.float64)
    if not np.isfinite(wide).all():
        raise UserError("semantic: an embedding has a number that is not finite; leave such documents out")
    largest = np.abs(wide).max(axis=1, keepdims=True, initial=0)
    # Squares of numbers up to 2^23 add up in 64 bits, in any order, for as many dimensions as there may be.
    grid = np.rint(wide / np.where(largest > 0, largest, 1) * 2**23).astype(np.int64)
    length = np.sqrt((grid * grid).sum(axis=1, keepdims=True).astype(np.float64))
    scaled: Vectors = np.rint(grid / np.where(length > 0, length, 1) * SCALE).astype(np.int16)
    return scaled


@cache
def centroids(count: int, dimensions: int, seed: int) -> Vectors:
    """Directions drawn by `seed`: each number of a vector is a sum of twelve of PCG64's, which is all but normal."""
    drawn = np.random.PCG64(seed).random_raw(12 * count * dimensions) >> np.uint64(40)
    sums = drawn.reshape(12, count, dimensions).astype(np.int64).sum(axis=0) - 12 * (1 << 23)
    return unit(sums.astype(np.float64))


def cells(vectors: Vectors, *, tables: int, codebooks: int, clusters: int, seed: int) -> I64:
    """One cell a table (n, tables): the nearest centroids of its codebooks, the first of several, as one number."""
    points = centroids(tables * codebooks * clusters, vectors.shape[1], seed)
    lengths, columns = _lengths(points), points.astype(np.float32).T
    keys = np.zeros((len(vectors), tables), dtype=np.uint64)
    for start in range(0, len(vectors), BLOCK):
        near = (dots(vectors[start : start + BLOCK], columns) / lengths).reshape(-1, tables, codebooks, clusters)
        chosen = np.argmax(near, axis=3).astype(np.uint64)
        key = np.arange(1, tables + 1, dtype=np.uint64)[None, :].repeat(len(chosen), axis=0)
        for book in range(codebooks):
            key = _mixed(key * np.uint64(clusters + 1) + chosen[:, :, book] + np.uint64(1))
        keys[start : start + BLOCK] = key
    return keys.view(np.int64)


def cosines(left: Vectors, right: Vectors) -> F64:
    """Cosine of aligned directions, in 0..1: what points apart is not similar at all."""
    products = (left.astype(np.int64) * right.astype(np.int64)).sum(axis=1)
    lengths = _lengths(left) * _lengths(right)
    result: F64 = np.clip(products / np.where(lengths > 0, lengths, 1), 0.0, 1.0)
    return result


def dots(left: Vectors, right: npt.NDArray[np.float32]) -> F64:
    """Products of rows and columns: exact, see above."""
    result: F64 = (left.astype(np.float32) @ right).astype(np.float64)
    return result


def _mixed(value: U64) -> U64:
    """MurmurHash3's 64-bit finaliser."""
    value = (value ^ (value >> MIX_SHIFT)) * MIX_1
    value = (value ^ (value >> MIX_SHIFT)) * MIX_2
    mixed: U64 = value ^ (value >> MIX_SHIFT)
    return mixed


def _lengths(vectors: Vectors) -> F64:
    lengths: F64 = np.sqrt((vectors.astype(np.int64) ** 2).sum(axis=1).astype(np.float64))
    return lengths
