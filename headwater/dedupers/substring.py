"""Spans of at least `length` words that an earlier document or place has too: all but the first go.

Lee et al., "Deduplicating Training Data Makes Language Models Better" (2022, arXiv:2107.06499), section 4.1: exact
substrings of 50 tokens by suffix array. Here a token is a word of UAX #29, white space left out; equal windows are
proposed by seeds, so that a crawl is compared with earlier ones without their texts. Details are in `_substring`.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.dedupers import _substring
from headwater.document import WindowDeduper, Windows

VERSION = 1
I64 = npt.NDArray[np.int64]


def substring(*, length: int = 50, seed_words: int | None = None) -> WindowDeduper:
    """Windows of `length` words; of `seed_words` each has a seed, half its words unless given."""
    words = max(1, length // 2) if seed_words is None else seed_words
    _substring.check(length, words)

    def windows(texts: pa.Array, wanted: npt.NDArray[np.bool_]) -> Windows:
        found = _substring.words(texts)
        return _substring.found(found, _substring.repeated(found, length=length), wanted, length=length)

    def covered(texts: pa.Array, text: I64, first: I64, last: I64) -> Windows:
        of = _substring.words(texts)
        every = np.ones(len(texts), dtype=np.bool_)
        return _substring.found(of, _substring.flags(of, text, first, last), every, length=length)

    def seeds(texts: pa.Array, repeated: Windows) -> tuple[npt.NDArray[np.uint64], I64]:
        found = _substring.words(texts)
        return _substring.seeds(
            found, _substring.flags(found, repeated.text, repeated.first, repeated.last), length=length, words=words
        )

    return WindowDeduper(windows=windows, covered=covered, seeds=seeds)
