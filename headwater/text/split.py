"""How many words a text has between white space: as str.split counts them, and as DCLM counts fastText's tokens."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.text.kernels import Bytes, Longs, lean, look
from headwater.text.unicode import SPACE, kinds
from headwater.text.utf8 import utf8


def split_words(texts: pa.Array) -> npt.NDArray[np.int64]:
    """Words (n,) of each text; a null has none."""
    data, offsets = utf8(texts)
    out = np.empty(len(texts), np.int64)
    _count(data, offsets, kinds(), out)
    return out


def fasttext_words(texts: pa.Array) -> npt.NDArray[np.int64]:
    """Tokens between ASCII white space and NUL that begin with a letter or number (n,), of each text; a null has none.

    They are `dclm_words` of headwater/signals/dclm_words.py, by the same kernel.
    """
    from headwater.text._chunk_traits import TOKENS
    from headwater.text.chunks import chunks

    found = chunks(texts)
    # `sums` packs two counts in a number.
    each = found.sums[:, TOKENS >> 1] >> np.uint64(32 * (TOKENS & 1)) & np.uint64(0xFFFFFFFF)
    numbers = found.numbers[: found.bounds[-1]]
    until = np.concatenate([np.zeros(1, np.int64), np.cumsum(each[numbers].astype(np.int64))])
    words: npt.NDArray[np.int64] = until[found.bounds[1:]] - until[found.bounds[:-1]] - found.loose
    return words


@lean
def _count(data: Bytes, offsets: Longs, kinds: Bytes, out: Longs) -> None:
    for d in range(len(offsets) - 1):
        at, end, words, inside = offsets[d], offsets[d + 1], 0, False
        while at < end:
            kind, width = look(data, at, end, kinds)
            words += kind != SPACE and not inside
            inside = kind != SPACE
            at += width
        out[d] = words
