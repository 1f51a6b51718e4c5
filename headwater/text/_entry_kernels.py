"""The compiled loop behind entries: a hash of each word of a batch."""

import numpy as np

from headwater.text.kernels import HALF, PRIME, Bytes, Hashes, Longs, lean


@lean
def hash_words(data: Bytes, offsets: Longs, out: Hashes) -> None:
    """Fill `out` with a hash of each word's bytes."""
    for d in range(len(offsets) - 1):
        value = PRIME
        for at in range(offsets[d], offsets[d + 1]):
            value = (value ^ np.uint64(data[at])) * PRIME
            value ^= value >> HALF
        out[d] = value
