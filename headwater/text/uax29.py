"""Words between the default boundaries of Unicode 16.0.0 (https://www.unicode.org/reports/tr29/tr29-45.html), compiled.

Every stretch between two boundaries is a word here, white space and punctuation too. One pass: a boundary depends on
the two characters before it and the two after it, where format characters and marks that follow one do not count.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from headwater.text._ranges import ranges
from headwater.text.kernels import Bytes, Ints, lean, look

CLASSES = (
    "Other", "CR", "LF", "Newline", "Extend", "ZWJ", "Format", "Regional_Indicator", "Hebrew_Letter", "ALetter",
    "Numeric", "Katakana", "ExtendNumLet", "Single_Quote", "MidNumLet", "MidLetter", "MidNum", "Double_Quote",
    "WSegSpace", "start",
)  # fmt: skip
OTHER, CR, LF, NEWLINE, EXTEND, ZWJ, FORMAT, REGIONAL_INDICATOR, HEBREW_LETTER, ALETTER = range(10)
NUMERIC, KATAKANA, EXTEND_NUM_LET, SINGLE_QUOTE, MID_NUM_LET, MID_LETTER, MID_NUM, DOUBLE_QUOTE = range(10, 18)
SPACE, START = 18, 19
CLASS, PICTOGRAPHIC = 31, 32


@cache
def word_breaks() -> npt.NDArray[np.uint8]:
    """The Word_Break value of every code point as an index into CLASSES, plus PICTOGRAPHIC. Read-only."""
    table = np.zeros(0x110000, np.uint8)
    for name, points in ranges("word-break-16.txt"):
        table[points] |= PICTOGRAPHIC if name == "Extended_Pictographic" else CLASSES.index(name)
    table.flags.writeable = False
    return table


@lean
def split_uax29(data: Bytes, start: int, stop: int, breaks: Bytes, cuts: Ints) -> int:
    """Split data[start:stop], UTF-8; returns how many words, and fills the byte where each ends.

    The words lie end to end from start to stop. `breaks` is `word_breaks()`; `cuts` must have room for stop - start
    numbers.
    """
    count, at, flags = 0, start, 0
    before, last, here = START, START, START  # the two classes that count before `at`, and the one just before it
    while at < stop:
        if here == ALETTER:
            while at < stop and breaks[data[at]] == ALETTER and data[at] < 0x80:
                at += 1
                before = ALETTER
            if at == stop:
                break
        value, width = look(data, at, stop, breaks)
        kind = value & CLASS
        if EXTEND <= kind <= FORMAT:
            if CR <= here <= NEWLINE:
                cuts[count] = at
                count += 1
            here = kind
            at += width
            continue
        pair = last == kind == REGIONAL_INDICATOR and flags & 1 == 1
        if here != START and not (pair or joined(data, at, stop, breaks, value, width, before, last, here)):
            cuts[count] = at
            count += 1
        flags = flags + 1 if kind == REGIONAL_INDICATOR else 0
        before, last, here = last, kind, kind
        at += width
    if start < stop:
        cuts[count] = stop
        count += 1
    return count


@lean
def joined(
    data: Bytes, at: int, stop: int, breaks: Bytes, value: int, width: int, before: int, last: int, here: int
) -> bool:
    """Whether no boundary is before the character at `at`, but for flags and for what follows a base."""
    kind = value & CLASS
    if CR <= here <= NEWLINE or CR <= kind <= NEWLINE:
        return here == CR and kind == LF
    if here == ZWJ and value & PICTOGRAPHIC:
        return True
    if kind == SPACE:
        return here == SPACE
    if HEBREW_LETTER <= last <= EXTEND_NUM_LET and HEBREW_LETTER <= kind <= EXTEND_NUM_LET:
        if last == KATAKANA or kind == KATAKANA:
            return last == kind or EXTEND_NUM_LET in (last, kind)
        return True
    if HEBREW_LETTER <= last <= NUMERIC and SINGLE_QUOTE <= kind <= DOUBLE_QUOTE:
        if last == HEBREW_LETTER and kind == SINGLE_QUOTE:
            return True
        return between(last, kind, following(data, at + width, stop, breaks))
    return SINGLE_QUOTE <= last <= DOUBLE_QUOTE and between(before, last, kind)


@lean
def between(left: int, middle: int, right: int) -> bool:
    """Whether a mark of punctuation between two characters joins them."""
    if middle == DOUBLE_QUOTE:
        return left == right == HEBREW_LETTER
    letters = HEBREW_LETTER <= left <= ALETTER and HEBREW_LETTER <= right <= ALETTER
    return (letters and middle <= MID_LETTER) or (left == right == NUMERIC and middle != MID_LETTER)


@lean
def following(data: Bytes, at: int, stop: int, breaks: Bytes) -> int:
    """The class of the next character that counts."""
    while at < stop:
        value, width = look(data, at, stop, breaks)
        if not EXTEND <= value & CLASS <= FORMAT:
            return int(value & CLASS)
        at += width
    return START
