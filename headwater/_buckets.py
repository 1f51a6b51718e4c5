"""Kernel of `headwater.buckets`: which documents of a bucket are compared, in time proportional to the pairs."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
F = TypeVar("F", bound=Callable[..., object])
SPLIT = np.int64(1 << 31)


def kernel(function: F) -> F:
    """Compiled on first use, kept on disk, and run without the interpreter's lock."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


@kernel
def room(first: I64, mine: Flags, leaders: int) -> int:
    """No more pairs than this come of buckets that begin at `first`."""
    total = 0
    for g in range(first.size - 1):
        count, twice = 0, first[g + 1] - first[g] > leaders
        for i in range(first[g], first[g + 1]):
            if mine[i]:
                place = i - first[g]
                count += min(place, 2 * leaders) if twice else place
        total += count
    return total


@kernel
def propose(
    first: I64, document: I32, split: I32, mine: Flags, leaders: int, later: I32, earlier: I32, left_out: Flags
) -> int:
    """Write the pairs, and mark the documents that an earlier one was left out for; how many pairs.

    Rows are ordered by bucket and precedence. A document is compared with the `leaders` earliest of its bucket; in a
    bucket of more, also with the `leaders` earliest of those in it that share its `split`.
    """
    count = 0
    for g in range(first.size - 1):
        start, size = first[g], first[g + 1] - first[g]
        for place in range(1, size):
            if mine[start + place]:
                for leader in range(min(place, leaders)):
                    later[count], earlier[count] = document[start + place], document[start + leader]
                    count += 1
        if size > leaders:
            code = np.empty(size, dtype=np.int64)
            for place in range(size):
                code[place] = (np.int64(split[start + place]) + SPLIT) * SPLIT + place
            code.sort()
            begin = 0
            for i in range(size):
                place = code[i] & (SPLIT - 1)
                if i and code[i] // SPLIT != code[i - 1] // SPLIT:
                    begin = i
                if not mine[start + place] or place <= leaders:
                    continue
                more = 0
                for j in range(begin, min(i, begin + leaders)):
                    leader = code[j] & (SPLIT - 1)
                    if leader >= leaders:
                        later[count], earlier[count] = document[start + place], document[start + leader]
                        count += 1
                        more += 1
                if leaders + more < place:
                    left_out[document[start + place]] = True
    return count
