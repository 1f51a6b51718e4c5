"""The compiled loops behind headwater/editing.py, over the UTF-8 of a whole batch, and the list editors' loops fill.

The texts of a batch lie one after the other and edits are in order, so a splice is one walk over the edits.
"""

import numpy as np
import numpy.typing as npt

from headwater.text.kernels import Bytes, Longs, code_points, compiled, lean

Flags = npt.NDArray[np.bool_]
TEXT, START, STOP, RULE, PUT = range(5)


@compiled
def with_edit(found: Longs, count: int, text: int, start: int, stop: int, rule: int, put: int) -> tuple[Longs, int]:
    """`found` (room, 5) with the edit, and its length; one stretch with the last where both just go by one rule."""
    if count and put < 0:
        last = count - 1
        alike = found[last, TEXT] == text and found[last, RULE] == rule and found[last, PUT] < 0
        if alike and found[last, STOP] == start:
            found[last, STOP] = stop
            return found, count
    if count == len(found):
        wider = np.empty((2 * count, 5), np.int64)
        wider[:count] = found
        found = wider
    found[count, 0], found[count, 1], found[count, 2], found[count, 3], found[count, 4] = text, start, stop, rule, put
    return found, count + 1


@compiled
def spliced(
    data: Bytes,
    offsets: Longs,
    text: Longs,
    start: Longs,
    stop: Longs,
    put: Longs,
    puts: Bytes,
    put_offsets: Longs,
) -> tuple[Bytes, Longs]:
    """Bytes and offsets of the batch after the edits."""
    n, grown = len(offsets) - 1, np.zeros(len(offsets), np.int64)
    for k in range(len(text)):
        added = put_offsets[put[k] + 1] - put_offsets[put[k]] if put[k] >= 0 else 0
        grown[text[k] + 1] += added - (stop[k] - start[k])
    bounds = np.empty(n + 1, np.int64)
    total = 0
    for t in range(n + 1):
        total += grown[t]
        bounds[t] = offsets[t] - offsets[0] + total
    out = np.empty(bounds[n], np.uint8)
    at, to = offsets[0], 0
    for k in range(len(text)):
        until = offsets[text[k]] + start[k]
        out[to : to + until - at] = data[at:until]
        to += until - at
        at = offsets[text[k]] + stop[k]
        if put[k] >= 0:
            first, last = put_offsets[put[k]], put_offsets[put[k] + 1]
            out[to : to + last - first] = puts[first:last]
            to += last - first
    out[to:] = data[at : offsets[n]]
    return out, bounds


@compiled
def in_characters(data: Bytes, offsets: Longs, text: Longs, start: Longs, stop: Longs) -> tuple[Longs, Longs]:
    """Starts and stops as characters of their texts."""
    starts, stops = np.empty(len(text), np.int64), np.empty(len(text), np.int64)
    at = chars = 0
    for k in range(len(text)):
        begin = offsets[text[k]]
        if k == 0 or text[k] != text[k - 1]:
            at, chars = begin, 0
        chars += code_points(data, at, begin + start[k])
        starts[k] = chars
        chars += code_points(data, begin + start[k], begin + stop[k])
        stops[k] = chars
        at = begin + stop[k]
    return starts, stops


@lean
def cuts(data: Bytes, at: int, end: int) -> bool:
    """Whether the byte here continues a character."""
    return at < end and (data[at] & 0xC0) == 0x80


@lean
def first_broken(
    data: Bytes,
    offsets: Longs,
    there: Flags,
    text: Longs,
    start: Longs,
    stop: Longs,
    rule: Longs,
    put: Longs,
    rules: int,
    puts: int,
) -> tuple[int, int]:
    """The first edit that breaks the contract, and why: a place in editing.BROKEN, 0 where none does."""
    for k in range(len(text)):
        if not 0 <= text[k] < len(offsets) - 1 or not there[text[k]]:
            return k, 1
        if k and (text[k] < text[k - 1] or (text[k] == text[k - 1] and start[k] < stop[k - 1])):
            return k, 2
        begin, end = offsets[text[k]], offsets[text[k] + 1]
        if not 0 <= start[k] < stop[k] <= end - begin:
            return k, 3
        if cuts(data, begin + start[k], end) or cuts(data, begin + stop[k], end):
            return k, 4
        if not 0 <= rule[k] < rules:
            return k, 5
        if not -1 <= put[k] < puts:
            return k, 6
    return 0, 0
