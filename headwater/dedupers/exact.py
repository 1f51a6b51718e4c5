"""Duplicates are texts equal byte for byte; candidates share the first 64 bits of the text's SHA-256 (FIPS 180-4).

The digest only proposes: similarity compares the texts themselves, so a collision is never a duplicate, and a
cryptographic digest keeps hostile pages from making collisions by the million. There is no normalisation on purpose:
texts that differ in case, marks or white space are `minhash`'s business, which measures how far they differ.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.document import Deduper

VERSION = 2  # the second half of the digest splits large buckets


def exact() -> Deduper:
    """Texts equal byte for byte; two empty texts are equal, a missing text equals nothing."""
    return Deduper(keys=_keys, similarity=_similarity, threshold=1.0, splits=1)


def _keys(texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    valid = texts.is_valid().to_numpy(zero_copy_only=False)
    keys = np.zeros((len(texts), 2), dtype=np.int64)
    for i, text in enumerate(texts.cast(pa.large_binary())):
        if valid[i]:
            digest = hashlib.sha256(text.as_buffer()).digest()
            keys[i] = np.frombuffer(digest, dtype=">i8", count=2)
    return keys, valid


def _similarity(left: pa.Array, right: pa.Array) -> npt.NDArray[np.float64]:
    same = pc.fill_null(pc.equal(left, right), False)
    result: npt.NDArray[np.float64] = same.to_numpy(zero_copy_only=False).astype(np.float64)
    return result
