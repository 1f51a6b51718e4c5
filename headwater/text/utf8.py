"""The bytes of a batch of texts, as the kernels read them: one UTF-8 buffer and the offsets of its texts."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.errors import UserError

MAX_TEXT_BYTES = 2**31 - 2


def utf8(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """All bytes, and n + 1 offsets into them. Nothing but the offsets is copied; a null is an empty text."""
    if texts.null_count:
        texts = texts.fill_null("")
    texts = texts.cast(pa.large_string())
    _, bounds, data = texts.buffers()
    offsets = np.zeros(1, np.int64) if bounds is None else np.frombuffer(bounds, np.int64)
    offsets = offsets[texts.offset : texts.offset + len(texts) + 1]
    content = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    if longest_bytes(offsets) > MAX_TEXT_BYTES:
        raise UserError(
            f"a text has {longest_bytes(offsets)} bytes, at most {MAX_TEXT_BYTES} can be measured: "
            "lower the page size limit"
        )
    # The kernels are compiled, and cached, for read-only arrays only.
    content.flags.writeable = offsets.flags.writeable = False
    return content, offsets


def longest_bytes(offsets: npt.NDArray[np.int64]) -> int:
    """Bytes of the longest text."""
    return int(np.diff(offsets).max(initial=0))
