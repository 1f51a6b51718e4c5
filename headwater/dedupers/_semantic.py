"""Texts of one meaning, as far as an embedding tells: clusters, then cosine similarity within them, over batches.

SemDeDup (Abbas et al. 2023, arXiv:2303.09540): k-means over unit vectors, and within a cluster a document goes that is
as similar as the threshold to one that stays. Of several alike SemDeDup keeps the one farthest from the centroid:
`keep="far"`; `"near"` is its opposite, `"first"` the smallest doc_id. An earlier crawl always goes first. A duplicate
is as similar as the threshold to its representative itself, not by way of others.

Embeddings are given, or hashed TF-IDF (Weinberger et al. 2009, arXiv:0902.2206, signs and all), which needs no model.
They are rounded to whole numbers of length SCALE, so that any sum of products of two is less than 2^24 and therefore
exact in 32-bit floating point: whatever the BLAS, its threads and the batches, the results are the same bits.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.errors import UserError

Keep = Literal["far", "near", "first"]
Vectors = npt.NDArray[np.int16]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]

SCALE = 4000
MOST_DIMENSIONS = 36_864  # rounding adds half a root of the dimensions to the length, which must stay below 2^12
UNIT, MOST_TIMES = 1024, 4096
BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Of n documents: the representative, an index among those before and these (itself where kept), and the cosine."""

    representative: I64
    similarity: F64


def frequencies(texts: pa.Array, *, buckets: int = 1 << 18) -> I64:
    """In how many of the texts a word of each bucket is, and behind them how many texts; those of batches add up."""
    from headwater.dedupers._fold import fold_table
    from headwater.dedupers._semantic_kernels import frequencies as count
    from headwater.text.utf8 import utf8

    if buckets < 2 or buckets & (buckets - 1):
        raise UserError(f"semantic: {buckets} buckets of words; give a power of two from 2 on")
    out = np.zeros(buckets + 1, dtype=np.int64)
    count(*utf8(texts), fold_table(), out[:-1])
    out[-1] = len(texts)
    return out


def tfidf(texts: pa.Array, known: I64, *, dimensions: int = 512) -> Vectors:
    """Unit vectors (n, dimensions) of the words of each text, by how rare they are in `known` frequencies.

    (1 + ln times) * (1 + ln((1 + texts) / (1 + texts with the word))), in steps of 1/1024. No words: all zeros.
    """
    from headwater.dedupers._fold import fold_table
    from headwater.dedupers._semantic_kernels import sums
    from headwater.text.utf8 import utf8

    _check(dimensions)
    rarity = np.rint((1 + np.log((1 + known[-1]) / (1 + known[:-1]))) * UNIT).astype(np.int32)
    often = np.array([0, *(round((1 + math.log(times)) * UNIT) for times in range(1, MOST_TIMES))], dtype=np.int32)
    out = np.zeros((len(texts), dimensions), dtype=np.int64)
    sums(*utf8(texts), fold_table(), rarity, often, out)
    return unit(out.astype(np.float64))


def unit(embeddings: npt.NDArray[np.floating]) -> Vectors:
    """The directions of embeddings (n, d), as whole numbers of length SCALE; zeros stay zeros."""
    _check(embeddings.shape[1])
    wide = embeddings.astype(np.float64)
    if not np.isfinite(wide).all():
        raise UserError("semantic: an embedding has a number that is not finite; leave such documents out")
    largest = np.abs(wide).max(axis=1, keepdims=True, initial=0)
    # Squares of numbers up to 2^23 add up in 64 bits, in any order, for as many dimensions as there may be.
    grid = np.rint(wide / np.where(largest > 0, largest, 1) * 2**23).astype(np.int64)
    length = np.sqrt((grid * grid).sum(axis=1, keepdims=True).astype(np.float64))
    scaled: Vectors = np.rint(grid / np.where(length > 0, length, 1) * SCALE).astype(np.int16)
    return scaled


def centroids(vectors: Vectors, *, clusters: int, rounds: int = 10, seed: int = 1) -> Vectors:
    """At most `clusters` unit vectors by spherical k-means, from a sample of the distinct vectors drawn by `seed`."""
    if clusters < 1:
        raise UserError(f"semantic: {clusters} clusters; give 1 or more")
    present = vectors[vectors.any(axis=1)]
    distinct = np.unique(present, axis=0)
    # A generator's permutation may change with numpy; the order of random 64-bit numbers of PCG64 does not.
    drawn = np.random.PCG64(seed).random_raw(len(distinct))
    found = distinct[np.sort(np.argsort(drawn, kind="stable")[:clusters])]
    for _ in range(rounds):
        better = _means(present, assigned(present, found), found)
        if np.array_equal(better, found):
            break
        found = better
    return found


def _means(vectors: Vectors, cluster: I64, old: Vectors) -> Vectors:
    """The directions of the clusters' sums; a cluster without documents stays where it was."""
    order = np.argsort(cluster, kind="stable")
    which, first = np.unique(cluster[order], return_index=True)
    result = old.copy()
    for number, members in zip(which.tolist(), np.split(order, first[1:]), strict=True):
        total = vectors[members].sum(axis=0, dtype=np.int64)
        if total.any():
            result[number] = unit(total[None, :].astype(np.float64))[0]
    return result


def assigned(vectors: Vectors, centers: Vectors) -> I64:
    """The most similar centroid of each vector, the first of several; -1 for a vector of zeros."""
    result = np.full(len(vectors), -1, dtype=np.int64)
    lengths, columns = _lengths(centers), centers.astype(np.float32).T
    for start in range(0, len(vectors), BLOCK):
        part = vectors[start : start + BLOCK]
        if len(centers):
            result[start : start + BLOCK] = np.argmax(_dots(part, columns) / lengths, axis=1)
    result[~vectors.any(axis=1)] = -1
    return result


def precedence(vectors: Vectors, centers: Vectors, cluster: I64, *, keep: Keep = "far") -> I64:
    """One crawl's documents, given in order of doc_id, in the order in which they are kept."""
    if keep not in get_args(Keep):
        raise UserError(f"semantic: no keep {keep!r}; have {', '.join(get_args(Keep))}")
    if keep == "first":
        return np.arange(len(vectors))
    product = (vectors.astype(np.int64) * centers.astype(np.int64)[cluster]).sum(axis=1)
    near = product / np.maximum(_lengths(vectors) * _lengths(centers)[cluster], 1)
    return np.argsort(near if keep == "far" else -near, kind="stable")


def judge(vectors: Vectors, *, threshold: float, before: Vectors | None = None) -> Verdicts:
    """Documents of one cluster in order of precedence, beside those kept `before` them.

    Each that is as similar as `threshold` to a kept one is a duplicate of the most similar, of several of the first.
    """
    if not 0 < threshold <= 1:
        raise UserError(f"semantic: threshold is {threshold}; give a similarity above 0 and up to 1")
    old = 0 if before is None else len(before)
    rows = vectors if before is None else np.concatenate([before, vectors])
    lengths, kept = _lengths(rows), np.concatenate([np.ones(old, dtype=np.bool_), np.zeros(len(vectors), np.bool_)])
    star, cosine = np.arange(old, len(rows)), np.ones(len(vectors))
    for start in range(old, len(rows), BLOCK):
        stop = min(start + BLOCK, len(rows))
        known = np.flatnonzero(kept[:start])
        best, found = _nearest(rows, lengths, start, stop, known)
        inner = _dots(rows[start:stop], rows[start:stop].astype(np.float32).T)
        inner /= np.maximum(lengths[start:stop, None] * lengths[None, start:stop], 1)
        for i in range(stop - start):
            here = np.flatnonzero(kept[start : start + i])
            if here.size and (near := inner[i, here]).max() > best[i]:
                best[i], found[i] = near.max(), start + here[np.argmax(near)]
            if best[i] >= threshold and lengths[start + i] > 0:
                star[start - old + i], cosine[start - old + i] = found[i], min(best[i], 1.0)
            else:
                kept[start + i] = True
    return Verdicts(star, cosine)


def _nearest(rows: Vectors, lengths: F64, start: int, stop: int, known: I64) -> tuple[F64, I64]:
    """Cosine and place of the most similar of the `known` rows, the first of several, for each from start to stop."""
    best, found = np.full(stop - start, -2.0), np.full(stop - start, -1, dtype=np.int64)
    for at in range(0, len(known), 8 * BLOCK):
        some = known[at : at + 8 * BLOCK]
        near = _dots(rows[start:stop], rows[some].astype(np.float32).T)
        near /= np.maximum(lengths[start:stop, None] * lengths[None, some], 1)
        top = np.argmax(near, axis=1)
        value = near[np.arange(stop - start), top]
        better = value > best
        best[better], found[better] = value[better], some[top[better]]
    return best, found


def _dots(left: Vectors, right: npt.NDArray[np.float32]) -> F64:
    """Products of rows and columns: exact, see above."""
    result: F64 = (left.astype(np.float32) @ right).astype(np.float64)
    return result


def _lengths(vectors: Vectors) -> F64:
    lengths: F64 = np.sqrt((vectors.astype(np.int64) ** 2).sum(axis=1).astype(np.float64))
    return lengths


def _check(dimensions: int) -> None:
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise UserError(f"semantic: {dimensions} dimensions; give 1 to {MOST_DIMENSIONS}")
