"""The compiled loops behind dedup_lines: units are told apart by comparison, a hash only says where to look."""

import numpy as np
import numpy.typing as npt

from headwater.text.kernels import HALF, PRIME, Bytes, Ints, Longs, compiled, lean, slot, slots_for
from headwater.text.lines import KEPT, NEWLINE, lines_in, point, trimmed
from headwater.text.splicing import with_edit

Points = npt.NDArray[np.int32]


@lean
def folded(data: Bytes, at: int, stop: int, lower: Points, fold: bool) -> tuple[int, int]:
    """The character here, in lower case where asked, and its width."""
    byte = data[np.uint64(at)]
    if byte < 0x80:
        return (int(lower[byte]) if fold else int(byte)), 1
    found, width = point(data, at, stop)
    return (int(lower[found]) if fold else found), width


@lean
def digest(data: Bytes, start: int, stop: int, lower: Points, fold: bool) -> np.uint64:
    """A hash of a stretch in lower case."""
    value, at = PRIME, start
    while at < stop:
        found, width = folded(data, at, stop, lower, fold)
        value = (value ^ np.uint64(found)) * PRIME
        at += width
    return value ^ (value >> HALF)


@lean
def alike(data: Bytes, one: int, end: int, other: int, stop: int, lower: Points, fold: bool) -> bool:
    """Whether two stretches are the same in lower case."""
    while one < end and other < stop:
        first, width = folded(data, one, end, lower, fold)
        second, also = folded(data, other, stop, lower, fold)
        if first != second:
            return False
        one += width
        other += also
    return one == end and other == stop


@lean
def units(data: Bytes, begin: int, end: int, newlines: int, starts: Ints, stops: Ints) -> int:
    """Split at each newline, or at each two, from the left."""
    count, start, at = 0, begin, begin
    while at < end:
        if data[np.uint64(at)] != NEWLINE or (newlines == 2 and (at + 1 == end or data[at + 1] != NEWLINE)):
            at += 1
            continue
        starts[count], stops[count] = start - begin, at - begin
        count += 1
        start = at = at + newlines
    starts[count], stops[count] = start - begin, end - begin
    return count + 1


@compiled
def find_repeated(data: Bytes, offsets: Longs, traits: Bytes, lower: Points, newlines: int, normalize: bool) -> Longs:
    """The edits (m, 5) of a batch."""
    room = lines_in(data, offsets)
    starts, stops, why = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    firsts, lasts, slots = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(slots_for(room), np.int32)
    hashes = np.empty(room, np.uint64)
    found, count = np.empty((64, 5), np.int64), 0
    for d in range(len(offsets) - 1):
        begin = offsets[d]
        total = units(data, begin, offsets[d + 1], newlines, starts, stops)
        size, repeated = slots_for(total), 0
        slots[:size] = -1
        for k in range(total):
            why[k] = KEPT
            first, last = begin + starts[k], begin + stops[k]
            if normalize:
                first, last = trimmed(data, first, last, traits)
            if first == last:
                continue
            firsts[k], lasts[k], hashes[k] = first, last, digest(data, first, last, lower, normalize)
            at = slot(hashes[k], size)
            while slots[at] >= 0:
                seen = slots[at]
                if hashes[seen] == hashes[k] and alike(data, firsts[seen], lasts[seen], first, last, lower, normalize):
                    why[k] = 0
                    repeated += 1
                    break
                at = (at + np.uint64(1)) & np.uint64(size - 1)
            if why[k] == KEPT:
                slots[at] = k
        if repeated:
            found, count = without_units(found, count, d, total, starts, stops, why, newlines)
    return found[:count]


@compiled
def without_units(
    found: Longs, count: int, text: int, total: int, starts: Ints, stops: Ints, why: Ints, newlines: int
) -> tuple[Longs, int]:
    """An edit for each repeated unit, with the newlines after it, or before it behind the last that stays."""
    last = total - 1
    while why[last] != KEPT:
        last -= 1
    for k in range(total):
        if why[k] != KEPT:
            ahead, behind = (newlines, 0) if k > last else (0, newlines)
            found, count = with_edit(found, count, text, starts[k] - ahead, stops[k] + behind, 0, -1)
    return found, count
