"""How far a text can be shortened by copying from itself: bytes of a greedy LZ encoding per byte of the text.

Source: Ziv and Lempel 1977, doi.org/10.1109/TIT.1977.1055714; the cost is that of LZ4's block format
(github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md). The parse is our own, so that no upgrade of a library changes a
number that a recipe depends on:

* Going through the UTF-8 bytes, four bytes are looked up by a hash of 12 bits (Fibonacci hashing of the little-endian
  number, 2654435761) in a table of the last place with that hash. The place is then theirs.
* Where the same four bytes stand at most 65,535 bytes back, they and all bytes after them that are equal are a copy,
  and the parse goes on behind it. Else the byte is a literal; after 64 misses in a row since the last copy, every
  second place is looked up, after 64 more every third, and so on.
* A copy costs 3 bytes and its literals before it; lengths from 15 on (of literals; of copied bytes beyond the fourth)
  cost one byte more, and one for every 255. Literals at the end cost one byte and themselves.

compression_ratio: size of the encoding by that of the text, at most 1 (a text that would grow is stored); 0 for an
empty text. Low is repetitive: pages of boilerplate and lists; clean prose has 0.5 to 0.8, the shorter the higher.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.text.utf8 import utf8

VERSION = 1
COLUMNS = ("compression_ratio",)


def compression(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.signals._compression_kernels import measure_compression

    data, offsets = utf8(texts)
    out = np.empty(len(texts))
    measure_compression(data, offsets, out)
    return {"compression_ratio": out}
