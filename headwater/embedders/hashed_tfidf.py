"""Vectors of a text's words, each by how rare it is: hashed TF-IDF, signs and all, which needs no model.

Weinberger et al. 2009, "Feature hashing for large scale multitask learning" (arXiv:0902.2206). How rare a word is was
counted once over documentation and real pages (scripts/word_rarity.py) and comes with the library, so that a vector
depends on its text alone: whatever the crawl, the batch or what was seen before.
"""

import math
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.errors import UserError

VERSION = 1

RARITY = Path(__file__).with_name("word-rarity.bin")
# (1 + ln((1 + texts) / (1 + texts with the word))) in steps of 1/16, one byte for each bucket of words.
STEPS = 16
UNIT, MOST_TIMES = 64, 4096


def hashed_tfidf(texts: pa.Array, *, dimensions: int = 512) -> npt.NDArray[np.float64]:
    """Sums (n, dimensions) of the words of each text: (1 + ln times) * rarity, whole numbers. No words: all zeros."""
    if not 1 <= dimensions <= 1 << 16:
        raise UserError(f"hashed_tfidf: dimensions is {dimensions}; give 1 to {1 << 16}")
    from headwater.embedders._tfidf_kernels import sums
    from headwater.text.fold import fold_table
    from headwater.text.shingles import utf8

    data, offsets, _ = utf8(texts)
    out = np.zeros((len(texts), dimensions), dtype=np.int64)
    sums(data, offsets, fold_table(), _rarity(), _often(), out)
    out[~texts.is_valid().to_numpy(zero_copy_only=False)] = 0
    return out.astype(np.float64)


@cache
def _rarity() -> npt.NDArray[np.int32]:
    return np.frombuffer(RARITY.read_bytes(), dtype=np.uint8).astype(np.int32)


@cache
def _often() -> npt.NDArray[np.int32]:
    return np.array([0, *(round((1 + math.log(times)) * UNIT) for times in range(1, MOST_TIMES))], dtype=np.int32)
