"""How many words a text has between white space, as str.split counts them."""

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
