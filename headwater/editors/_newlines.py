"""The compiled loop behind collapse_newlines."""

import numpy as np

from headwater.text.kernels import Bytes, Longs, compiled
from headwater.text.lines import NEWLINE, seek
from headwater.text.splicing import with_edit


@compiled
def find_newlines(data: Bytes, offsets: Longs, most: int) -> Longs:
    """The edits (m, 5) of a batch."""
    found, count = np.empty((64, 5), np.int64), 0
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        at = seek(data, begin, end, NEWLINE)
        while at < end:
            start = at
            while at < end and data[np.uint64(at)] == NEWLINE:
                at += 1
            if at - start > most:
                found, count = with_edit(found, count, d, start + most - begin, at - begin, 0, -1)
            at = seek(data, at, end, NEWLINE)
    return found[:count]
