"""The compiled loops behind phrases: where four bytes may begin an entry, walk a trie of characters.

Linear in the text: a walk is never longer than the longest entry. Exact: the bytes only spare walks. Three of
them are looked at without a branch, which would be mispredicted at every other word.
"""

import numpy as np

from headwater.text.characters import SIZE, WORD
from headwater.text.kernels import Bytes, Hashes, Ints, Longs, compiled, lean, slot

SLOTS = 1 << 16
MIX, TOP = np.uint64(0x9E3779B97F4A7C15), np.uint64(48)
# Makes ASCII letters small; what it does to other bytes it does to both sides.
SMALL = np.uint64(0x20202020)
SMALL_THREE = np.uint64(0x202020)
STEP, ONE, TWO = np.uint64(21), np.uint64(1), np.uint64(2)
BYTE, TWO_BYTES = np.uint64(8), np.uint64(16)


@lean
def small_at(data: Bytes, at: int, end: int, lower: Hashes) -> tuple[int, int]:
    """The character at `at` in lower case, and its width in bytes; 0, 1 where there is none."""
    if at >= end:
        return 0, 1
    byte = int(data[np.uint64(at)])
    if byte < 0x80:
        return int(lower[np.uint64(byte)]), 1
    width = 1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    if width == 1 or at + width > end:
        return SIZE - 1, 1
    point = byte & (0xFF >> (width + 1))
    for k in range(1, width):
        point = point << 6 | int(data[at + k] & 0x3F)
    return int(lower[point]) if point < SIZE else point, width


@lean
def is_word(point: int, flags: Bytes) -> bool:
    """Whether a character is part of a word; all beyond the table are letters."""
    return point >= SIZE or flags[np.uint64(point)] & WORD != 0


@lean
def is_inside(data: Bytes, begin: int, at: int, end: int, whole: bool, lower: Hashes, flags: Bytes) -> bool:
    """Whether no entry can begin here: within a character or, if they are whole, within a word."""
    if (data[at] & 0xC0) == 0x80:
        return True
    if not whole or at == begin:
        return False
    before = at - 1
    while before > begin and (data[before] & 0xC0) == 0x80:
        before -= 1
    return is_word(small_at(data, before, end, lower)[0], flags)


@lean
def child(node: int, point: int, keys: Hashes, children: Ints) -> int:
    """The node after `node` by a character, -1 where no entry goes on so."""
    key = np.uint64(node) << STEP | np.uint64(point)
    at = slot(key, len(keys))
    while children[at] >= 0:
        if keys[at] == key:
            return int(children[at])
        at = (at + np.uint64(1)) & np.uint64(len(keys) - 1)
    return -1


@lean
def begins(
    data: Bytes,
    at: int,
    end: int,
    whole: bool,
    lower: Hashes,
    flags: Bytes,
    keys: Hashes,
    children: Ints,
    ends: Ints,
    seen: Longs,
    stamp: int,
) -> bool:
    """Whether an entry stands at `at`; every one that does is stamped in `seen`."""
    node, found = 0, False
    while at < end:
        point, width = small_at(data, at, end, lower)
        node = child(node, point, keys, children)
        if node < 0:
            break
        at += width
        if ends[node] >= 0:
            after, _ = small_at(data, at, end, lower)
            if not whole or at >= end or not is_word(after, flags):
                seen[ends[node]] = stamp
                found = True
    return found


@lean
def may_begin(data: Bytes, at: int, end: int, fours: Bytes) -> bool:
    """Whether the next four bytes let an entry begin here; 0 stands for those beyond the text."""
    four = np.uint64(0)
    for k in range(min(4, end - at)):
        four |= np.uint64(data[np.uint64(at + k)]) << np.uint64(8 * k)
    return bool(fours[((four | SMALL) * MIX) >> TOP])


@compiled
def count_phrases(
    data: Bytes,
    offsets: Longs,
    rows: Longs,
    whole: bool,
    lower: Hashes,
    flags: Bytes,
    inner: Bytes,
    threes: Bytes,
    fours: Bytes,
    keys: Hashes,
    children: Ints,
    ends: Ints,
    entries: int,
    places: Longs,
    kinds: Longs,
) -> None:
    """Fill `places` and `kinds` of the texts in `rows`; `inner` is 1 for bytes after which no entry begins."""
    seen = np.full(entries, -1, np.int64)
    for row in rows:
        begin, end = offsets[row], offsets[row + 1]
        count, before = 0, np.uint8(0)
        # The last two places look beyond the text, and are always taken for beginnings.
        for at in range(begin, end):
            may = True
            place = np.uint64(at)
            if at < end - 2:
                two = np.uint64(data[place]) | np.uint64(data[place + ONE]) << BYTE
                three = two | np.uint64(data[place + TWO]) << TWO_BYTES | SMALL_THREE
                may = threes[(three * MIX) >> TOP] > before
            before = inner[np.uint64(data[place])]
            if may and may_begin(data, at, end, fours) and not is_inside(data, begin, at, end, whole, lower, flags):
                count += begins(data, at, end, whole, lower, flags, keys, children, ends, seen, row)
        places[row] = count
        for entry in range(entries):
            kinds[row] += seen[entry] == row
