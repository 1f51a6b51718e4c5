"""The compiled loop behind entropy: count pairs of characters and add up what each count gains, in whole numbers.

With whole numbers the sum does not depend on the order of the pairs. Pairs of ASCII have a table of their own.
"""

from functools import cache

import numpy as np

from headwater.text.kernels import Bytes, Floats, Hashes, Ints, Longs, compiled, lean, slot, slots_for

# One bit of information is 2**20; a count has a gain in the table up to here, and by formula beyond.
UNIT, TABLED = 1 << 20, 1 << 16
ASCII_PAIRS = 1 << 14
SHORT_BYTES = 2048
ASCII, SEVEN, HALF = np.uint64(128), np.uint64(7), np.uint64(32)


@cache
def gains() -> Longs:
    """What n * log2(n) grows by from n to n + 1, in units, for every n below TABLED."""
    n = np.arange(TABLED, dtype=np.float64)
    return np.rint(((n + 1) * np.log2(n + 1) - n * np.log2(np.maximum(n, 1))) * UNIT).astype(np.int64)


@lean
def gain(count: int) -> int:
    """The gain of one more after a count that is beyond the table: its slope, right to the unit."""
    return int(np.rint((np.log2(count + 0.5) + 1.4426950408889634) * UNIT))


@lean
def code_point(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Code point and width in bytes of the character at `at`; a cut one is taken byte by byte."""
    byte = int(data[at])
    width = 1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    if width == 1 or at + width > end:
        return byte, 1
    point = byte & (0xFF >> (width + 1))
    for k in range(1, width):
        point = point << 6 | int(data[at + k] & 0x3F)
    return point, width


@lean
def again(key: np.uint64, keys: Hashes, counts: Ints, size: int, used: Ints, different: int) -> tuple[int, int]:
    """How often a pair came before, and count it once more; `used` are the places of the different ones so far."""
    at = slot(key, size)
    while counts[at] and keys[at] != key:
        at = (at + np.uint64(1)) & np.uint64(size - 1)
    before = int(counts[at])
    if before == 0:
        keys[at] = key
        used[different] = at
        different += 1
    counts[at] = before + 1
    return before, different


@lean
def forget(data: Bytes, begin: int, end: int, plain: Ints, counts: Ints, used: Ints, different: int) -> None:
    """Empty the tables after a text: where it is short, only of the pairs it had."""
    for k in range(different):
        counts[used[k]] = 0
    if end - begin > SHORT_BYTES:
        plain[:] = 0
        return
    for at in range(begin, end - 1):
        one, two = np.uint64(data[at]), np.uint64(data[at + 1])
        if (one | two) < 128:
            plain[one << np.uint64(7) | two] = 0


@lean
def pair_entropy(
    data: Bytes, begin: int, end: int, table: Longs, plain: Ints, keys: Hashes, counts: Ints, used: Ints
) -> float:
    """Entropy of the pairs of adjacent characters in bits, 0 where there is none."""
    if begin == end:
        return 0.0
    total = pairs = different = 0
    size = slots_for(end - begin)
    first, width = code_point(data, begin, end)
    at, previous = begin + width, np.uint64(first)
    while at < end:
        byte = np.uint64(data[np.uint64(at)])
        if (byte | previous) < ASCII:
            place = previous << SEVEN | byte
            before = int(plain[place])
            plain[place] = before + 1
            previous = byte
            at += 1
        else:
            point, width = code_point(data, at, end)
            key = previous << HALF | np.uint64(point)
            before, different = again(key, keys, counts, size, used, different)
            previous = np.uint64(point)
            at += width
        total += table[np.uint64(before)] if before < TABLED else gain(before)
        pairs += 1
    forget(data, begin, end, plain, counts, used, different)
    return max(np.log2(pairs) - total / UNIT / pairs, 0.0) if pairs else 0.0


@compiled
def measure_entropy(data: Bytes, offsets: Longs, table: Longs, longest: int, out: Floats) -> None:
    """Fill `out`, one number a text. `longest` = bytes of the longest text."""
    room = slots_for(longest)
    plain, used = np.zeros(ASCII_PAIRS, np.int32), np.empty(longest + 1, np.int32)
    keys, counts = np.empty(room, np.uint64), np.zeros(room, np.int32)
    for d in range(len(offsets) - 1):
        out[d] = pair_entropy(data, offsets[d], offsets[d + 1], table, plain, keys, counts, used)
