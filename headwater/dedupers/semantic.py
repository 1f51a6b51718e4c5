"""Duplicates are texts of one meaning, as far as an embedder tells: cells of random centroids propose, cosine decides.

After SemDeDup (Abbas et al. 2023, arXiv:2303.09540), which looks for pairs within clusters of k-means. Here the
centroids are drawn by a seed and not learned (docs/decisions/0013), so that a text falls into the same cells whatever
else there is: candidates of a crawl that comes later are those of one run over all. In each of `tables` tables a cell
is the nearest of `clusters` random directions in each of `codebooks` codebooks (hyperplanes' and cross-polytopes' kind
of hashing: Andoni et al. 2015, arXiv:1509.02897). A large cell is split by the next table's.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from headwater.document import Deduper
from headwater.errors import UserError

VERSION = 1

# `band` of the index is 16 bits; centroids are drawn anew by each worker, 12 numbers for each of their dimensions.
MOST_TABLES, MOST_CENTROIDS = 2**15 - 1, 2**16


def semantic(
    *,
    threshold: float = 0.95,
    embedder: str = "hashed_tfidf",
    tables: int = 16,
    codebooks: int = 2,
    clusters: int = 32,
    seed: int = 1,
) -> Deduper:
    """Texts whose vectors by `embedder`, a step of that shelf, have a cosine of at least `threshold`."""
    if not 0 < threshold <= 1:
        raise UserError(f"semantic: threshold is {threshold}; give a similarity above 0 and up to 1")
    if min(tables, codebooks) < 1 or clusters < 2:
        raise UserError(
            f"semantic: {tables} tables, {codebooks} codebooks, {clusters} clusters; give 1, 1 and 2 or more"
        )

    if tables * codebooks * clusters > MOST_CENTROIDS or tables > MOST_TABLES or not 0 <= seed < 2**64:
        raise UserError(
            f"semantic: {tables} tables, {codebooks} codebooks, {clusters} clusters, seed {seed}; give at most "
            f"{MOST_TABLES} tables, {MOST_CENTROIDS:,} centroids (their product) and a seed from 0 to 2^64 - 1"
        )

    def keys(embeddings: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        from headwater.dedupers._semantic import cells, unit

        vectors = unit(np.asarray(embeddings))
        found = cells(vectors, tables=tables, codebooks=codebooks, clusters=clusters, seed=seed)
        present: npt.NDArray[np.bool_] = np.any(vectors != 0, axis=1)
        return found, present

    def similarity(left: Any, right: Any) -> npt.NDArray[np.float64]:
        from headwater.dedupers._semantic import cosines, unit

        return cosines(unit(np.asarray(left)), unit(np.asarray(right)))

    return Deduper(keys=keys, similarity=similarity, threshold=threshold, embedder=embedder)
