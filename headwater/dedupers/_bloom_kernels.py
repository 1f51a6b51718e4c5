"""Compiled loops of BFF's Bloom filter: from UTF-8 to hashes of n-grams, and from these to what was seen before.

A filter is a row of blocks of 4 KiB. An n-gram's 64-bit hash picks a block by its high half, then as many bits in it as
there are hash functions, each of fifteen fresh bits of MurmurHash3's mixer: one page of memory a look-up, whatever the
size of the filter. `seen_bits` and `set_bits` must agree on the places, so both take them from `place`.

A word's hash takes eight of its bytes at a time; an n-gram's is a polynomial over its words', rolled and then mixed.
numba's cache does not notice a change in headwater/text/uax29.py: save this file too.
"""

import numpy as np
import numpy.typing as npt

from headwater.text.kernels import Bytes, Hashes, Ints, Longs, compiled, look
from headwater.text.uax29 import split_uax29

Flags = npt.NDArray[np.bool_]

ONES = 0x0101_0101_0101_0101
BLOCK_WORDS, PLACES = 512, np.uint64(0x7FFF)  # 64-bit words of a block; bits of one, less one
BASIS, RADIX = np.uint64(0xCBF2_9CE4_8422_2325), np.uint64(0x9E37_79B9_7F4A_7C15)  # FNV-1a's; 2^64 / golden ratio
MIX_1, MIX_2, MIX_SHIFT = np.uint64(0xFF51_AFD7_ED55_8CCD), np.uint64(0xC4CE_B9FE_1A85_EC53), np.uint64(33)
ONE, SIX, FIFTEEN, HALF, LAST_SIX = np.uint64(1), np.uint64(6), np.uint64(15), np.uint64(32), np.uint64(63)
CASE_BITS, LOW_BITS, TOP_BITS = np.uint64(0x20 * ONES), np.uint64(0x7F * ONES), np.uint64(0x80 * ONES)
FROM_A, BEYOND_Z, EACH_BYTE = (
    np.uint64((0x80 - ord("a")) * ONES),
    np.uint64((0x80 - ord("z") - 1) * ONES),
    np.uint64(ONES),
)
NEWLINE, SPACE, PER_MIX = 10, 32, 4
# What an ASCII character is to `quick`: white space (tabs, spaces and line ends), a letter, a sign that is a word by
# itself whatever ASCII stands around it, one that may join letters, and the rest, which is left to `split_uax29`.
WHITE, LETTER, SIGN, JOINER, REST = range(5)


@compiled
def mix(value: np.uint64) -> np.uint64:
    """MurmurHash3's 64-bit finaliser: a bijection whose every output bit depends on every input bit."""
    value ^= value >> MIX_SHIFT
    value *= MIX_1
    value ^= value >> MIX_SHIFT
    value *= MIX_2
    return value ^ (value >> MIX_SHIFT)


@compiled
def eight_bytes(data: Bytes, at: np.uint64) -> np.uint64:
    """Eight bytes as a number, the first lowest. The compiler makes it one load."""
    return (
        (np.uint64(data[at + np.uint64(0)]) << np.uint64(0))
        | (np.uint64(data[at + np.uint64(1)]) << np.uint64(8))
        | (np.uint64(data[at + np.uint64(2)]) << np.uint64(16))
        | (np.uint64(data[at + np.uint64(3)]) << np.uint64(24))
        | (np.uint64(data[at + np.uint64(4)]) << np.uint64(32))
        | (np.uint64(data[at + np.uint64(5)]) << np.uint64(40))
        | (np.uint64(data[at + np.uint64(6)]) << np.uint64(48))
        | (np.uint64(data[at + np.uint64(7)]) << np.uint64(56))
    )


@compiled
def word_hash(data: Bytes, start: int, stop: int) -> np.uint64:
    """Hash of data[start:stop], eight bytes a turn, the last turn filled up with zeros."""
    value, at = BASIS, np.uint64(start)
    for _ in range((stop - start) >> 3):
        value = (value ^ eight_bytes(data, at)) * RADIX
        value ^= value >> HALF
        at += np.uint64(8)
    chunk, shift = np.uint64(0), np.uint64(0)
    while at < np.uint64(stop):
        chunk |= np.uint64(data[at]) << shift
        shift += np.uint64(8)
        at += ONE
    value = (value ^ chunk) * RADIX
    return value ^ (value >> HALF)


@compiled
def letters_hash(data: Bytes, start: int, end: int) -> tuple[np.uint64, int]:
    """Hash of the ASCII letters from `start` on, as word_hash gives, and where they end, at most 7 bytes behind `end`.

    Letters are found eight bytes a turn: a bit in `others` for each byte that is none. -1 where they go on to the end
    of the text, or of the data.
    """
    value, at, last = BASIS, np.uint64(start), min(end - 1, len(data) - 8)
    while np.int64(at) <= last:
        chunk = eight_bytes(data, at)
        lower = (chunk | CASE_BITS) & LOW_BITS
        others = ~((lower + FROM_A) & ~(lower + BEYOND_Z) & ~chunk) & TOP_BITS
        if others == np.uint64(0):
            value = (value ^ chunk) * RADIX
            value ^= value >> HALF
            at += np.uint64(8)
            continue
        before = ((others & (~others + ONE)) >> np.uint64(7)) - ONE  # the bits of the bytes before the first other
        value = (value ^ (chunk & before)) * RADIX
        return value ^ (value >> HALF), int(np.int64(at + (((before & EACH_BYTE) * EACH_BYTE) >> np.uint64(56))))
    return value, -1


@compiled
def blank(data: Bytes, start: int, stop: int, white: Bytes) -> bool:
    """Whether a word is white space only."""
    if data[start] > 32 and data[start] < 0x80:
        return False
    at = start
    while at < stop:
        what, width = look(data, at, stop, white)
        if not what:
            return False
        at += width
    return True


@compiled
def put_ngrams(words: Hashes, count: int, least: int, most: int, out: Hashes, at: int) -> int:
    """Write the hash of every n-gram of `most` words to out[at:], or that of all words where they are but `least`.

    Returns where the hashes end.
    """
    if count < most:
        if count < max(least, 1):
            return at
        rolling = np.uint64(0)
        for i in range(count):
            rolling = rolling * RADIX + words[i]
        out[at] = mix(rolling ^ np.uint64(count))
        return at + 1
    weight, rolling, length = ONE, np.uint64(0), np.uint64(most)
    for i in range(most - 1):
        weight *= RADIX
        rolling = rolling * RADIX + words[i]
    for i in range(count - most + 1):
        rolling = rolling * RADIX + words[i + most - 1]
        out[at + i] = mix(rolling ^ length)
        rolling -= words[i] * weight
    return at + count - most + 1


@compiled
def units_in(data: Bytes, offsets: Longs, whole: bool) -> int:
    """How many texts, or paragraphs of all texts."""
    count = len(offsets) - 1
    if not whole:
        for at in range(offsets[0], offsets[-1]):
            count += data[np.uint64(at)] == NEWLINE
    return count


@compiled
def boundary(data: Bytes, at: int, end: int) -> int:
    """The next place behind `at` where words begin anew: a space after ASCII, a newline or the end."""
    at += 1
    while at < end:
        byte = data[np.uint64(at)]
        if byte == NEWLINE or (byte == SPACE and SPACE < data[np.uint64(at - 1)] < 0x7F):
            return at
        at += 1
    return end


@compiled
def careful(
    data: Bytes, at: int, end: int, breaks: Bytes, white: Bytes, cuts: Ints, words: Hashes, count: int
) -> tuple[int, int]:
    """Put the hashes of the words up to the next boundary to words[count:]; how many there are, and the boundary."""
    stop = boundary(data, at, end)
    part = data[at:stop]
    found, start = split_uax29(part, 0, len(part), breaks, cuts), 0
    for w in range(found):
        if not blank(part, start, cuts[w], white):
            words[count] = word_hash(part, start, cuts[w])
            count += 1
        start = cuts[w]
    return count, stop


@compiled
def parts(data: Bytes, at: int, end: int, ascii: Bytes) -> bool:
    """Whether a word of ASCII letters surely ends at `at`, which is before `end`."""
    if data[np.uint64(at)] >= 0x80:
        return False
    kind = ascii[data[np.uint64(at)]]
    if kind != JOINER or at + 1 == end:
        return bool(kind != REST)
    after = data[np.uint64(at + 1)]
    return bool(after < 0x80 and ascii[after] != LETTER)


@compiled
def paragraph(
    data: Bytes, at: int, end: int, whole: bool, ascii: Bytes, breaks: Bytes, white: Bytes, cuts: Ints, words: Hashes
) -> tuple[int, int]:
    """Put the hashes of the words of data[at:end] to `words`, up to the first newline but for `whole`.

    Returns how many, and the place of that newline or the end. ASCII letters and signs are split here, with the next
    character in view, anything else by split_uax29 from the last boundary on.
    """
    count = 0
    while at < end:
        byte = data[np.uint64(at)]
        kind = ascii[byte] if byte < 0x80 else REST
        if kind == LETTER:
            value, stop = letters_hash(data, at, end)
            if stop > end:  # letters of the next text were read as well
                value, stop = word_hash(data, at, end), end
            if stop == end or (stop > 0 and parts(data, stop, end, ascii)):
                words[count] = value
                count += 1
                at = stop
                continue
        elif kind <= JOINER and kind != LETTER:
            if byte == NEWLINE and not whole:
                break
            if at + 1 == end or data[np.uint64(at + 1)] < 0x80 or byte == NEWLINE:
                if kind != WHITE:
                    words[count] = word_hash(data, at, at + 1)
                    count += 1
                at += 1
                continue
        count, at = careful(data, at, end, breaks, white, cuts, words, count)
    return count, at


@compiled
def ngrams(
    data: Bytes, offsets: Longs, ascii: Bytes, breaks: Bytes, white: Bytes, least: int, most: int, whole: bool,
    out: Hashes, ends: Longs, starts: Longs, stops: Longs, units: Longs,
) -> int:  # fmt: skip
    """Hash all n-grams of all texts to `out` (room: a number a byte); returns how many.

    For each unit (paragraph, or `whole` text): `ends` gets where its hashes end in `out`, `starts` and `stops` its
    bytes in the text. `units` gets, behind each text, the number of units so far.
    """
    longest = 0
    for t in range(len(offsets) - 1):
        longest = max(longest, offsets[t + 1] - offsets[t])
    cuts, words = np.empty(longest, np.int32), np.empty(longest, np.uint64)
    used, unit = 0, 0
    for t in range(len(offsets) - 1):
        begin, end = offsets[t], offsets[t + 1]
        at = begin
        while True:
            count, stop = paragraph(data, at, end, whole, ascii, breaks, white, cuts, words)
            used = put_ngrams(words, count, least, most, out, used)
            ends[unit], starts[unit], stops[unit] = used, begin - offsets[t], stop - offsets[t]
            unit += 1
            if stop == end:
                break
            begin, at = stop, stop + 1
        units[t] = unit
    return used


@compiled
def place(blocks: int, value: np.uint64) -> np.uint64:
    """The first word of the block of an n-gram."""
    return ((value >> HALF) * np.uint64(blocks) >> HALF) * np.uint64(BLOCK_WORDS)


@compiled
def seen_bits(bits: Hashes, blocks: int, hashes: int, value: np.uint64) -> bool:
    """Whether all bits of an n-gram are set."""
    first, drawn = place(blocks, value), np.uint64(0)
    for i in range(hashes):
        if i % PER_MIX == 0:
            drawn = mix(value + np.uint64(i) * RADIX)
        spot = drawn & PLACES
        if not (bits[first + (spot >> SIX)] >> (spot & LAST_SIX)) & ONE:
            return False
        drawn >>= FIFTEEN
    return True


@compiled
def set_bits(bits: Hashes, blocks: int, hashes: int, value: np.uint64) -> None:
    """Set all bits of an n-gram."""
    first, drawn = place(blocks, value), np.uint64(0)
    for i in range(hashes):
        if i % PER_MIX == 0:
            drawn = mix(value + np.uint64(i) * RADIX)
        spot = drawn & PLACES
        bits[first + (spot >> SIX)] |= ONE << (spot & LAST_SIX)
        drawn >>= FIFTEEN


@compiled
def screen(
    bits: Hashes, hashes: int, values: Hashes, ends: Longs, units: Longs, threshold: float,
    contained: Longs, removed: Flags,
) -> None:  # fmt: skip
    """Unit after unit: count the n-grams that the filter has; too many and the unit is `removed`, else they are added.

    `contained` is for each unit. What a unit adds is seen by those after it, of the same text too.
    """
    blocks = len(bits) // BLOCK_WORDS
    first = 0
    for u in range(len(ends)):
        count = 0
        for i in range(first, ends[u]):
            count += seen_bits(bits, blocks, hashes, values[i])
        contained[u] = count
        removed[u] = ends[u] > first and count / (ends[u] - first) > threshold
        if not removed[u]:
            for i in range(first, ends[u]):
                set_bits(bits, blocks, hashes, values[i])
        first = ends[u]


@compiled
def add(bits: Hashes, hashes: int, values: Hashes, ends: Longs, removed: Flags) -> None:
    """Add the n-grams of all units but those removed."""
    blocks = len(bits) // BLOCK_WORDS
    first = 0
    for u in range(len(ends)):
        if not removed[u]:
            for i in range(first, ends[u]):
                set_bits(bits, blocks, hashes, values[i])
        first = ends[u]
