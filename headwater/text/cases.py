"""Capital letters, digits and lower case of each character, from a table in this folder.

The table is Unicode 14.0.0 whatever the Python version, so that an editor does the same everywhere.
"""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from headwater.text.unicode import LETTER, NUMBER, SINGLE, SPACE, kinds

# What a character can be, as bits: of str.isspace, str.isupper, str.isdigit, str.isdecimal, and \w of re.
WHITE, UPPER, DIGIT, DECIMAL, WORD = 1, 2, 4, 8, 16
_BITS = {"upper": UPPER, "digit": DIGIT, "decimal": DECIMAL}


@cache
def traits() -> npt.NDArray[np.uint8]:
    """The bits of every code point. Read-only."""
    kind = kinds()
    table = np.where(kind == SPACE, WHITE, 0).astype(np.uint8)
    table[np.isin(kind, (LETTER, NUMBER, SINGLE))] |= WORD
    table[ord("_")] |= WORD
    for points, what in _entries():
        if what in _BITS:
            table[points] |= _BITS[what]
    table.flags.writeable = False
    return table


@cache
def lower() -> npt.NDArray[np.int32]:
    """The lower case of every code point, where it is one character; else the code point itself. Read-only."""
    table = np.arange(0x110000, dtype=np.int32)
    for points, what in _entries():
        if what not in _BITS:
            table[points] += int(what)
    table.flags.writeable = False
    return table


@cache
def _entries() -> list[tuple[slice, str]]:
    lines = Path(__file__).with_name("cases-14.txt").read_text("ascii").splitlines()
    fields = [line.split() for line in lines if not line.startswith("#")]
    return [(slice(int(first, 16), int(last, 16) + 1, int(step)), what) for first, last, step, what in fields]
