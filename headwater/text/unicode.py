"""What each Unicode character is to the word splitter, from a table in this folder.

The table is Unicode 14.0.0 whatever the Python version, so that a text has the same words everywhere.
"""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

KINDS = ("space", "gap", "symbol", "mark", "middle", "divider", "number", "letter", "single")
SPACE, GAP, SYMBOL, MARK, MIDDLE, DIVIDER, NUMBER, LETTER, SINGLE = range(len(KINDS))


@cache
def kinds() -> npt.NDArray[np.uint8]:
    """The kind of every code point, as an index into KINDS. Read-only."""
    table = np.full(0x110000, SYMBOL, np.uint8)
    for line in Path(__file__).with_name("unicode-14.txt").read_text("ascii").splitlines():
        if not line.startswith("#"):
            first, last, kind = line.split()
            table[int(first, 16) : int(last, 16) + 1] = KINDS.index(kind)
    table.flags.writeable = False
    return table
