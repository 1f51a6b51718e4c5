"""Star clusters from verified pairs: a duplicate is proven against its representative, so no chain joins strangers.

Documents are integers in order of precedence (crawl, then doc_id): the smaller number came first. In that order,

1. a document that has a *matched* pair with an earlier, kept document is its duplicate: of the most similar, of several
   equally similar the earliest;
2. else, where its matched earlier documents are all duplicates, it is compared with their representatives: it is a
   duplicate of the most similar that proves to be one (the earliest of several);
3. else it is kept.

So a decision rests on earlier documents only: what comes later never changes it, and a crawl added later gives what a
full recompute gives. A decided document may be entered again as one matched pair with its representative.

The proofs of step 2 are made by the caller, who has the texts: `stars` says which it `needed`, `settle` asks until none
is. It ends because a verdict depends on earlier documents and on proofs only: when all documents before d are final, so
are their representatives, hence one more round has every proof that d asks for and d is final too. Each round makes at
least the first document that is not yet final, final; in practice, since all documents ask at once on the present
verdicts of the earlier ones, two or three rounds do. A proof asked for on a verdict that changed later is left out of
the evidence, which is therefore the same however documents were divided into rounds or crawls.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Verify = Callable[[I64, I64], F64]
"""True similarity of aligned documents and representatives."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Pairs of a document and an earlier one, compared: accepted or not."""

    document: I64
    representative: I64
    similarity: F64
    accepted: Flags

    @classmethod
    def none(cls) -> "Checked":
        """Nothing compared yet."""
        number = np.zeros(0, dtype=np.int64)
        return cls(number, number, np.zeros(0), np.zeros(0, dtype=np.bool_))

    def __len__(self) -> int:
        return self.document.size

    def plus(self, other: "Checked") -> "Checked":
        """These and the others."""
        return Checked(
            np.concatenate([self.document, other.document]),
            np.concatenate([self.representative, other.representative]),
            np.concatenate([self.similarity, other.similarity]),
            np.concatenate([self.accepted, other.accepted]),
        )

    def take(self, which: I64 | Flags) -> "Checked":
        """Those at the places, or where the flag is set."""
        return Checked(
            self.document[which], self.representative[which], self.similarity[which], self.accepted[which]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stars:
    """The duplicates in order, each with its representative and similarity to it; every other document is kept.

    `second` are the checked pairs that the verdicts looked at. While `needed_document` is not empty the verdicts are
    provisional: those pairs must be checked first.
    """

    document: I64
    representative: I64
    similarity: F64
    second: Checked
    needed_document: I64
    needed_representative: I64


def settle(left: I64, right: I64, similarity: F64, *, verify: Verify, threshold: float) -> Stars:
    """Star clusters of the matched pairs, with every proof that they need made by `verify`, each at most once."""
    checked = Checked.none()
    result = stars(left, right, similarity, checked=checked)
    while result.needed_document.size:
        found = verify(result.needed_document, result.needed_representative)
        asked = Checked(result.needed_document, result.needed_representative, found, found >= threshold)
        checked = checked.plus(asked)
        result = stars(left, right, similarity, checked=checked)
    return result


def needed(left: I64, right: I64, similarity: F64, *, checked: Checked | None = None) -> tuple[I64, I64]:
    """Documents, and the representatives of what they match, that are still to be compared."""
    result = stars(left, right, similarity, checked=checked)
    return result.needed_document, result.needed_representative


def stars(left: I64, right: I64, similarity: F64, *, checked: Checked | None = None) -> Stars:
    """Star clusters of the matched pairs (`left` and `right` in any order, accepted ones only), given what is checked.

    A pair that was compared as a candidate and rejected may be among the checked, and is then not asked for again.
    """
    from headwater._stars import decide

    earlier, later = np.minimum(left, right), np.maximum(left, right)
    if bool(np.any(earlier == later)):
        raise ValueError(f"document {int(earlier[earlier == later][0])} is paired with itself; leave such pairs out")
    numbers, dense = np.unique(np.concatenate([earlier, later]), return_inverse=True)
    order = np.lexsort((earlier, -similarity, later))
    first, last = dense[: earlier.size][order], dense[earlier.size :][order]
    known = _ordered(checked or Checked.none(), numbers)
    star, strength = np.empty(numbers.size, dtype=np.int64), np.empty(numbers.size)
    used, asked = np.zeros(len(known), dtype=np.bool_), np.zeros(last.size, dtype=np.bool_)
    decide(
        last, first, similarity[order].astype(np.float64), np.searchsorted(numbers, known.document),
        np.searchsorted(numbers, known.representative), known.similarity, known.accepted, star, strength, used, asked,
    )  # fmt: skip
    duplicate = np.flatnonzero(star != np.arange(star.size))
    ask = np.unique(np.stack([last[asked], star[first[asked]]], axis=1), axis=0)
    return Stars(
        numbers[duplicate], numbers[star[duplicate]], strength[duplicate], known.take(used),
        numbers[ask[:, 0]], numbers[ask[:, 1]],
    )  # fmt: skip


def _ordered(checked: Checked, numbers: I64) -> Checked:
    """Those among the numbered documents, by document and representative."""
    among = np.isin(checked.document, numbers) & np.isin(checked.representative, numbers)
    here = checked.take(among)
    return here.take(np.lexsort((here.representative, here.document)))
