"""Compared pairs of documents to verdicts: rows of `duplicate_pairs` in, stars of `clusters` out, by document number.

A document's number is its place in order of precedence, (crawl, doc_id), among the documents at hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater import clusters
from headwater.clusters import Checked, Stars

I64 = npt.NDArray[np.int64]
DUPLICATE = ["doc_id", "representative", "similarity", "threshold", "method"]


@dataclass(frozen=True)
class Numbers:
    """Numbers of the documents in a set of pairs; `crawl` is the crawl of every later document."""

    crawls: tuple[str, ...]
    crawl: str
    keys: pa.Array

    @classmethod
    def of(cls, pairs: pa.Table, crawls: Sequence[str], crawl: str) -> "Numbers":
        """The documents of all pairs, numbered."""
        blank = cls(tuple(crawls), crawl, pa.array([], pa.string()))
        both = pa.concat_arrays([blank._keys(pairs, "doc_id", None), blank._keys(pairs, "other", "other_crawl")])
        unique = pc.unique(both)
        return cls(blank.crawls, crawl, unique.take(pc.sort_indices(unique)))

    def later(self, pairs: pa.Table) -> I64:
        """Numbers of the later documents of pairs."""
        return self._find(self._keys(pairs, "doc_id", None))

    def earlier(self, pairs: pa.Table) -> I64:
        """Numbers of the earlier documents of pairs."""
        return self._find(self._keys(pairs, "other", "other_crawl"))

    def documents(self, numbers: I64) -> tuple[pa.Array, pa.Array]:
        """(crawl, doc_id) of numbers."""
        parts = self.keys.take(pa.array(numbers))
        ranks = pc.cast(pc.utf8_slice_codeunits(parts, 0, 8), pa.int64())
        return pa.array(self.crawls, pa.string()).take(ranks), pc.utf8_slice_codeunits(parts, 8)

    def _find(self, keys: pa.Array) -> I64:
        found: I64 = pc.index_in(keys, value_set=self.keys).to_numpy(zero_copy_only=False).astype(np.int64)
        return found

    def _keys(self, pairs: pa.Table, document: str, crawl: str | None) -> pa.Array:
        if crawl is None:
            ranks = np.full(pairs.num_rows, self.crawls.index(self.crawl))
        else:
            found = pc.index_in(pairs.column(crawl), value_set=pa.array(self.crawls, pa.string()))
            ranks = found.to_numpy().astype(np.int64)
        text = pa.array([f"{rank:08d}" for rank in range(len(self.crawls))]).take(pa.array(ranks))
        ids = pairs.column(document).combine_chunks()
        return pc.binary_join_element_wise(text, ids.cast(pa.string()), "")


def stars(pairs: pa.Table, numbers: Numbers) -> Stars:
    """Verdicts of the pairs of one deduper: round 0 are candidates, later rounds the second proofs."""
    first = pc.equal(pairs.column("round"), 0)
    matched = pairs.filter(pc.and_(first, pairs.column("accepted")))
    proofs = pairs.filter(pc.invert(first))
    checked = Checked(numbers.later(proofs), numbers.earlier(proofs), _floats(proofs), _flags(proofs))
    return clusters.stars(numbers.earlier(matched), numbers.later(matched), _floats(matched), checked=checked)


def duplicates(pairs: pa.Table, crawls: Sequence[str], crawl: str, method: str) -> pa.Table:
    """The duplicates that one deduper's pairs prove: doc_id, representative, similarity, threshold, method."""
    mine = pairs.filter(pc.equal(pairs.column("method"), method))
    numbers = Numbers.of(mine, crawls, crawl)
    found = stars(mine, numbers)
    if not found.document.size:
        return (
            mine.slice(0, 0).select(["doc_id", "other", "similarity", "threshold", "method"]).rename_columns(DUPLICATE)
        )
    _, ids = numbers.documents(found.document)
    _, representatives = numbers.documents(found.representative)
    return pa.table({
        "doc_id": ids,
        "representative": representatives,
        "similarity": pa.array(found.similarity, pa.float64()),
        "threshold": pa.array([mine.column("threshold")[0].as_py()] * len(ids), pa.float64()),
        "method": pa.array([method] * len(ids), pa.string()),
    })  # fmt: skip


def _floats(pairs: pa.Table) -> npt.NDArray[np.float64]:
    return np.asarray(pairs.column("similarity").to_numpy(), dtype=np.float64)


def _flags(pairs: pa.Table) -> npt.NDArray[np.bool_]:
    return np.asarray(pairs.column("accepted").to_numpy(), dtype=np.bool_)
