"""What each code point becomes before words are compared: FineWeb's MinHash normalisation as one table.

Follows the text normalisation of datatrove's MinHash (lower case, numbers to 0, punctuation to space, NFD without
diacritics) as a map from single code points to single code points, which a kernel can apply:

* case-folded, decomposed and stripped of marks, where that leaves one code point (`É` -> `e`, `ς` -> `σ`); else lower
  case, where that is one code point (`ẞ` -> `ß`); else itself (a Hangul syllable stays whole);
* a decimal digit of any script -> `0`; the kernel makes a run of them one `0`;
* marks above, below and around (Mn, Me) and format characters (Cf: soft hyphen, joiners) -> dropped;
* letters, other marks and other numbers -> a character of a word;
* everything else (punctuation, symbols, white space, controls, private use) -> a space;
* a character of a script written without spaces -> a word of its own, so that such texts have shingles.

The table is Python's `unicodedata`; a code point that a newer Python knows and an older one does not is outside the
ideographic planes and rare, and only costs a match in texts that use it.
"""

from functools import cache
from unicodedata import category, normalize

import numpy as np
import numpy.typing as npt

SPACE, DROP, ZERO, ALONE = 0, 0xFFFF_FFFF, ord("0"), 1 << 31
TABLE_SIZE = 0x3_0000  # beyond it the kernel follows a rule: planes 3 ideographs, E0000-E0FFF invisible, the rest space

ONE_WORD_EACH = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # ideographic iteration mark, closing mark, zero
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # ideographs, extension A
    (0x4E00, 0x9FFF),  # ideographs
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0xFF66, 0xFF9F),  # half-width Katakana
    (0x1B000, 0x1B16F),  # Kana supplements
    (0x20000, 0x2FFFF),  # ideographs, extensions B to F
)
UNCHANGED = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x2F7FF))  # filled without a look-up


@cache
def fold_table() -> npt.NDArray[np.uint32]:
    """For each code point below TABLE_SIZE: SPACE, DROP, ZERO or what it becomes, plus ALONE for a word of its own."""
    table = np.arange(TABLE_SIZE, dtype=np.uint32)
    unchanged = np.zeros(TABLE_SIZE, dtype=np.bool_)
    for first, last in UNCHANGED:
        unchanged[first : last + 1] = True
    for code in np.flatnonzero(~unchanged).tolist():
        table[code] = _folded(chr(code))
    for first, last in ONE_WORD_EACH:
        part = table[first : last + 1]
        part[(part != SPACE) & (part != DROP) & (part != ZERO)] |= np.uint32(ALONE)
    table.flags.writeable = False
    return table


@cache
def character_table() -> npt.NDArray[np.uint32]:
    """fold_table without words of one character: what shingles of characters are made of."""
    table = fold_table().copy()
    table[(table != DROP) & (table >= ALONE)] -= np.uint32(ALONE)
    table.flags.writeable = False
    return table


def _folded(char: str) -> int:
    kind = category(char)
    if kind == "Nd":
        return ZERO
    if kind in ("Mn", "Me", "Cf"):
        return DROP
    if kind[0] not in "LMN":
        return SPACE
    for form in (char.casefold(), char.lower()):
        bare = [c for c in normalize("NFD", form) if category(c) != "Mn"]
        if len(bare) == 1:
            return ord(bare[0])
    return ord(char)
