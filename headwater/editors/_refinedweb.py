"""The compiled loops behind refinedweb_lines."""

import numpy as np

from headwater.text.cases import DECIMAL, DIGIT, UPPER, WHITE, WORD
from headwater.text.kernels import Bytes, Longs, compiled, lean
from headwater.text.lines import KEPT, lines_in, split_lines, trait, without_lines, words_up_to

UPPER_RATIO, DIGIT_RATIO, COUNTER, WORDS = range(4)
COMMA, DOT = 44, 46
COUNTED = (
    b"likes", b"shares", b"comments", b"retweets", b"reposts", b"quotes", b"bookmarks", b"upvotes", b"downvotes",
    b"downloads", b"views", b"followers",
)  # fmt: skip
SPELT = np.frombuffer(b"".join(COUNTED), np.uint8)
ENDS = np.cumsum([len(word) for word in COUNTED])


@lean
def ratios(data: Bytes, start: int, stop: int, traits: Bytes) -> tuple[float, float]:
    """Shares of the characters that are capitals, and that are digits; the line is not empty."""
    upper = digits = high = 0
    for at in range(start, stop):
        byte = data[np.uint64(at)]
        upper += bool(np.uint8(byte - np.uint8(65)) < np.uint8(26))
        digits += bool(np.uint8(byte - np.uint8(48)) < np.uint8(10))
        high += byte >= np.uint8(0x80)
    chars = stop - start
    if high:
        at, chars, upper, digits = start, 0, 0, 0
        while at < stop:
            what, width = trait(data, at, stop, traits)
            upper += (what & UPPER) != 0
            digits += (what & DIGIT) != 0
            chars += 1
            at += width
    return upper / chars, digits / chars


@lean
def small(data: Bytes, at: int, stop: int) -> tuple[int, int]:
    """The ASCII letter that the character here is in lower case, 0 where it is none, and its width in bytes."""
    byte = int(data[np.uint64(at)])
    if byte == 0xE2 and at + 3 <= stop and data[at + 1] == 0x84 and data[at + 2] == 0xAA:
        return 107, 3  # the sign of kelvin is a K
    return (byte | 0x20 if 65 <= (byte & 0xDF) <= 90 else 0), 1


@lean
def counted_word(data: Bytes, start: int, stop: int) -> int:
    """Where the word of COUNTED that begins here ends; `start` where there is none."""
    first = 0
    for end in ENDS:
        at, k = start, first
        while k < end and at < stop:
            letter, width = small(data, at, stop)
            if letter != SPELT[k]:
                break
            at += width
            k += 1
        if k == end:
            return at
        first = end
    return start


@lean
def past(data: Bytes, at: int, stop: int, traits: Bytes, bits: int, there: bool) -> int:
    """Past the characters that have one of the bits, or that have none."""
    while at < stop:
        what, width = trait(data, at, stop, traits)
        if ((what & bits) != 0) != there:
            break
        at += width
    return at


@lean
def is_counter(data: Bytes, start: int, stop: int, traits: Bytes) -> bool:
    """Whether a line is a number and a word of COUNTED with nothing but signs around: "3 likes", "1.2K views >"."""
    at = past(data, start, stop, traits, WORD, False)
    if at >= stop or not trait(data, at, stop, traits)[0] & DECIMAL:
        return False
    while at < stop:
        what, width = trait(data, at, stop, traits)
        if not (what & DECIMAL or data[at] == COMMA or data[at] == DOT):
            break
        at += width
    if at < stop:
        letter, width = small(data, at, stop)
        if letter == 107 or letter == 109 or letter == 98:
            at += width
    word = past(data, at, stop, traits, WHITE, True)
    if word == at:
        return False
    after = counted_word(data, word, stop)
    return after > word and past(data, after, stop, traits, WORD, False) == stop


@lean
def reason(
    data: Bytes, start: int, stop: int, traits: Bytes, max_upper: float, max_digits: float, counters: bool, words: int
) -> int:
    """The first rule that a line breaks, KEPT where it breaks none."""
    if start == stop:
        return KEPT
    upper, digits = ratios(data, start, stop, traits)
    if upper > max_upper:
        return UPPER_RATIO
    if digits > max_digits:
        return DIGIT_RATIO
    if counters and is_counter(data, start, stop, traits):
        return COUNTER
    if words and words_up_to(data, start, stop, traits, words) < words:
        return WORDS
    return KEPT


@compiled
def find_refinedweb_lines(
    data: Bytes, offsets: Longs, traits: Bytes, max_upper: float, max_digits: float, counters: bool, words: int
) -> Longs:
    """The edits (m, 5) of a batch."""
    room = lines_in(data, offsets)
    starts, stops, why = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    found, count = np.empty((64, 5), np.int64), 0
    for d in range(len(offsets) - 1):
        begin = offsets[d]
        lines = split_lines(data, begin, offsets[d + 1], starts, stops)
        broken = 0
        for k in range(lines):
            start, stop = begin + starts[k], begin + stops[k]
            why[k] = reason(data, start, stop, traits, max_upper, max_digits, counters, words)
            broken += why[k] != KEPT
        if broken:
            found, count = without_lines(found, count, d, lines, starts, stops, why)
    return found[:count]
