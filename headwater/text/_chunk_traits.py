"""What the characters of a chunk are, as bits, and what single words add to the sums of a text."""

from functools import cache

import numpy as np
import numpy.typing as npt

from headwater.text._chunk_kernels import ONE, some8
from headwater.text._english_tables import DIGIT, INSIDE, PREFIX, SUFFIX
from headwater.text.characters import TERMINALS
from headwater.text.kernels import DOT, Bytes, Hashes, is_mark, lean, look
from headwater.text.unicode import LETTER, MARK, NUMBER, SINGLE, kinds

# What a character can be, as bits. ALONE: a word by itself in a script without spaces; SPECIAL: NUL, #, ., U+2026,
# U+202F.
ALPHA, ALNUM, PLAIN, ALONE, JOINED, ASCII_LETTER, SPECIAL, CHARACTER = (1 << bit for bit in range(8))
UNDERSCORE, APOSTROPHE, COLON, COMMA, SEMICOLON = (ord(sign) for sign in "_':,;")
# What split_english looks at more closely.
ACTIVE, PLUS = PREFIX | SUFFIX | INSIDE | DIGIT, 43
HASH_SIGN, ELLIPSIS, FOLD = 35, 0xA6, np.uint64(0x20202020)
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
# The sums of a chunk: two counts of 32 bits in each number, which no text of 2 GiB can fill; then the stop words.
SUMS = 8
(
    WORDS, SYMBOL_FREE, PLAIN_CHARS, HASHES, ELLIPSES, ALPHA_WORDS, STOPS, SPLIT_WORDS, SPLIT_CHARS, SPLIT_ALPHA,
    TOKENS, FOLDED_STOPS, SIGN_WORDS, SPLIT_STOPS,
) = range(14)  # fmt: skip
STOP_KINDS = 7

# datatrove's PUNCTUATION, to which its marks that end a sentence come; the rest of its signs are in a word of their
# own.
SIGNS = (
    "0000-0008 000B-001F 0021-002F 003A-0040 005B-0060 007B-009F 00AB 00B4 00BB 2013-2014 2019 201C-201E 2026 2236 2501 "  # noqa: E501
    "25BA 3001-3002 3008-300D 3010-3011 FF01 FF05 FF08-FF09 FF0C FF0E FF11 FF1A-FF1B FF1F FF5E"
)


@cache
def traits() -> npt.NDArray[np.uint8]:
    """The bits of every code point. Read-only."""
    kind = kinds()
    table = np.full(0x110000, PLAIN | CHARACTER, np.uint8)
    for name in f"{SIGNS} {TERMINALS}".split():
        first, _, last = name.partition("-")
        table[int(first, 16) : int(last or first, 16) + 1] &= ~np.uint8(PLAIN)
    table[np.isin(kind, (LETTER, SINGLE))] |= ALPHA
    table[np.isin(kind, (LETTER, SINGLE, NUMBER))] |= ALNUM
    table[kind == SINGLE] |= ALONE
    table[kind == MARK] |= JOINED
    table[[*range(65, 91), *range(97, 123)]] |= ASCII_LETTER
    table[[ord(sign) for sign in "\0#.\u2026\u202f"]] |= SPECIAL
    table.flags.writeable = False
    return table


@cache
def stop_keys() -> npt.NDArray[np.uint64]:
    """The stop words as eight bytes, the first one lowest."""
    return np.array([int.from_bytes(word.encode(), "little") for word in STOP_WORDS], np.uint64)


@lean
def stop_number(data: Bytes, start: int, stop: int, fold: np.uint64, stop_keys: Hashes) -> int:
    """Which stop word this is, from 1; 0 if it is none. With FOLD, in any mix of cases."""
    length = stop - start
    if not 2 <= length <= 4:
        return 0
    word = some8(data, start, length) | (fold & (ONE << np.uint64(8 * length)) - ONE)
    # No stop word ends in the character NUL, which looks like the end of a shorter one here.
    if data[stop - 1] == 0:
        return 0
    for k in range(len(stop_keys)):
        if stop_keys[k] == word:
            return k + 1
    return 0


@lean
def mark(data: Bytes, start: int, stop: int, traits: Bytes, marks: Bytes) -> tuple[int, bool]:
    """Fill `marks` with the bits of the characters of a stretch, at their first bytes; all bits, and whether it is
    ASCII.

    Bytes that are no character have the bit of one alone.
    """
    bits, ascii_only, at = 0, True, start
    while at < stop:
        byte = data[np.uint64(at)]
        found, width = CHARACTER, 1
        if byte < 0x80:
            found = int(traits[byte])
        else:
            ascii_only = False
            width = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            if byte >= 0xC0 and at + width <= stop:
                found = look(data, at, stop, traits)[0]
            width = min(width, stop - at)
            for k in range(1, width):
                marks[np.uint64(at + k - start)] = 0
        marks[np.uint64(at - start)] = found
        bits |= found
        at += width
    return bits, ascii_only


@lean
def union(marks: Bytes, first: int, last: int) -> tuple[int, int]:
    """All bits of the characters of a stretch, and how many there are."""
    bits = chars = 0
    for k in range(first, last):
        found = marks[np.uint64(k)]
        bits |= found
        chars += found >> 7
    return bits, chars


@lean
def signs_in(data: Bytes, start: int, stop: int) -> tuple[int, int, bool]:
    """Hash signs and ellipses as str.count counts them; whether there is a hash sign or U+2026."""
    dots = signs = ellipses = marks = 0
    for at in range(start, stop):
        byte = data[at]
        dots = dots + 1 if byte == DOT else 0
        if dots == 3:
            ellipses += 1
            dots = 0
        signs += byte == HASH_SIGN
        marks += is_mark(data, at, stop, ELLIPSIS)
    return signs, ellipses + marks, signs + marks > 0


@lean
def tokens(data: Bytes, start: int, stop: int, marks: Bytes, bits: int) -> int:
    """Words of fastText that begin with a letter or number: it splits at NUL, too."""
    found = int(marks[0] & ALNUM != 0)
    if bits & SPECIAL:
        for at in range(start, stop - 1):
            if data[at] == 0:
                found += marks[at + 1 - start] & ALNUM != 0
    return found
