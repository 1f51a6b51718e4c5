"""The compiled loop behind compression: a greedy parse into literals and copies, of which only the size is kept."""

import numpy as np

from headwater.text.kernels import Bytes, Floats, Ints, Longs, compiled, lean

SLOTS, SHIFT = 1 << 12, np.uint64(32 - 12)
KNUTH, LOW = np.uint64(2654435761), np.uint64(0xFFFFFFFF)
ONE, SEVEN, LAST = np.uint64(1), np.uint64(7), np.uint64(56)
ONES, TOPS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
WINDOW, SHORTEST = 65_535, 4
PATIENCE = 6


@lean
def four(data: Bytes, at: int) -> np.uint64:
    """Four bytes as a number."""
    place = np.uint64(at)
    value = np.uint64(data[place])
    for k in range(1, 4):
        value |= np.uint64(data[place + np.uint64(k)]) << np.uint64(8 * k)
    return value


@lean
def eight(data: Bytes, at: int) -> np.uint64:
    """Eight bytes as a number."""
    place = np.uint64(at)
    value = np.uint64(data[place])
    for k in range(1, 8):
        value |= np.uint64(data[place + np.uint64(k)]) << np.uint64(8 * k)
    return value


@lean
def copy_end(data: Bytes, earlier: int, at: int, end: int) -> int:
    """Where the bytes from `at` on stop being those from `earlier` on."""
    while at + 8 <= end:
        unlike = eight(data, earlier) ^ eight(data, at)
        if unlike:
            # How many whole bytes are below the lowest bit that is not alike; counted without a branch.
            below = ((unlike & (~unlike + ONE)) - ONE) & TOPS
            return at + int(((below >> SEVEN) * ONES) >> LAST)
        earlier += 8
        at += 8
    while at < end and data[np.uint64(earlier)] == data[np.uint64(at)]:
        earlier += 1
        at += 1
    return at


@lean
def extra(length: int) -> int:
    """Bytes that a length takes beyond the 4 bits it has in the token."""
    return 0 if length < 15 else 1 + (length - 15) // 255


@lean
def encoded_bytes(data: Bytes, begin: int, end: int, slots: Ints) -> int:
    """Size of the encoding; see compression.py for the rule."""
    slots[:] = 0
    size, literal, at, misses = 0, begin, begin, 1 << PATIENCE
    while at + SHORTEST <= end:
        value = four(data, at)
        place = ((value * KNUTH) & LOW) >> SHIFT
        earlier = begin + slots[place] - 1
        slots[place] = at - begin + 1
        if earlier < begin or at - earlier > WINDOW or four(data, earlier) != value:
            at += misses >> PATIENCE
            misses += 1
            continue
        stop = copy_end(data, earlier + SHORTEST, at + SHORTEST, end)
        size += 3 + extra(at - literal) + at - literal + extra(stop - at - SHORTEST)
        literal = at = stop
        misses = 1 << PATIENCE
    if literal < end:
        size += 1 + extra(end - literal) + end - literal
    return size


@compiled
def measure_compression(data: Bytes, offsets: Longs, out: Floats) -> None:
    """Fill `out`, one number a text."""
    slots = np.empty(SLOTS, np.int32)
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        out[d] = min(encoded_bytes(data, begin, end, slots) / max(end - begin, 1), 1.0)
