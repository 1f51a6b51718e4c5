"""Kernel of `headwater.clusters`: one pass over matched pairs in the order of their later document."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """Compiled on first use, kept on disk, and run without the interpreter's lock."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


@kernel
def find(later: I64, earlier: I64, document: int, representative: int) -> int:
    """Where the pair is in arrays ordered by (later, earlier), or -1."""
    low, high = 0, later.size
    while low < high:
        middle = (low + high) // 2
        if later[middle] < document or (later[middle] == document and earlier[middle] < representative):
            low = middle + 1
        else:
            high = middle
    found = low < later.size and later[low] == document and earlier[low] == representative
    return low if found else -1


@kernel
def decide(
    later: I64, earlier: I64, similarity: F64,
    checked_later: I64, checked_earlier: I64, checked_similarity: F64, checked_accepted: Flags,
    star: I64, star_similarity: F64, used: Flags, asked: Flags,
) -> None:  # fmt: skip
    """Fill, for each document, its representative (itself when kept) and similarity.

    Matched pairs come ordered by (later, -similarity, earlier), checked ones by (later, earlier), both by document
    number below star.size. `used` marks the checked pairs that were looked at; `asked` the matched pairs whose earlier
    document's representative was not found among the checked.
    """
    for d in range(star.size):
        star[d], star_similarity[d] = d, 1.0
    first = 0
    while first < later.size:
        d, end = later[first], first
        while end < later.size and later[end] == d:
            end += 1
        for i in range(first, end):
            if star[earlier[i]] == earlier[i]:
                star[d], star_similarity[d] = earlier[i], similarity[i]
                break
        if star[d] == d:
            for i in range(first, end):
                r = star[earlier[i]]
                c = find(checked_later, checked_earlier, d, r)
                asked[i] = c < 0
                if c < 0:
                    continue
                used[c] = True
                if not checked_accepted[c]:
                    continue
                s = checked_similarity[c]
                if star[d] == d or s > star_similarity[d] or (s == star_similarity[d] and r < star[d]):
                    star[d], star_similarity[d] = r, s
        first = end
