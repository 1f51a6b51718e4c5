"""The compiled loops behind boilerplate_lines."""

import numpy as np
import numpy.typing as npt

from headwater.text.cases import WHITE, WORD
from headwater.text.kernels import Bytes, Longs, compiled, lean
from headwater.text.lines import KEPT, before, lines_in, point, split_lines, trait, without_lines

PHRASES, LINKS = range(2)
BAR, MAX_PIECE_WORDS = 124, 4
# The bar, bullet, middle dot and the right angle quotation marks; > is too common in code.
SEPARATORS = np.array([0x7C, 0x2022, 0xB7, 0xBB, 0x203A])
Points = npt.NDArray[np.int32]


@lean
def core(data: Bytes, start: int, stop: int, traits: Bytes) -> tuple[int, int]:
    """The stretch without what is no letter, digit or underscore at both ends."""
    while start < stop:
        what, width = trait(data, start, stop, traits)
        if what & WORD:
            break
        start += width
    while stop > start:
        at = before(data, start, stop)
        if trait(data, at, stop, traits)[0] & WORD:
            break
        stop = at
    return start, stop


@lean
def is_phrase(
    data: Bytes, start: int, stop: int, lower: Points, points: Points, ends: Points, table: Points, longest: int
) -> bool:
    """Whether a stretch is, in lower case, one of the phrases; none has more than `longest` characters."""
    if stop - start > 4 * longest or start == stop:
        return False
    value, at = 0, start
    while at < stop:
        found, width = point(data, at, stop)
        value = (value * 31 + int(lower[found])) & 0xFFFFFFFF
        at += width
    slot = value % len(table)
    while table[slot] >= 0:
        place = table[slot]
        k = ends[place - 1] if place else 0
        at = start
        while at < stop and k < ends[place]:
            found, width = point(data, at, stop)
            if lower[found] != points[k]:
                break
            at += width
            k += 1
        if at == stop and k == ends[place]:
            return True
        slot = (slot + 1) % len(table)
    return False


@lean
def is_separator(found: int) -> bool:
    """Whether a code point is one of SEPARATORS."""
    same = 0
    for separator in SEPARATORS:
        same += found == separator
    return same > 0


@lean
def separators_in(data: Bytes, start: int, stop: int) -> int:
    """At most so many separators: bars, and bytes that begin one of the others."""
    count = 0
    for at in range(start, stop):
        byte = data[np.uint64(at)]
        count += byte == BAR or byte == 0xC2 or byte == 0xE2
    return count


@lean
def is_links(data: Bytes, start: int, stop: int, traits: Bytes, fewest: int) -> bool:
    """Whether a line is a list of links: pieces of one to four words between separators."""
    if separators_in(data, start, stop) < fewest - 1 or data[start] == BAR:
        return False
    ends = data[stop - 1]
    if ends == 46 or ends == 33 or ends == 63:
        return False
    pieces, words, inside, at = 0, 0, False, start
    while at < stop:
        found, width = point(data, at, stop)
        at += width
        if is_separator(found):
            pieces += words > 0
            words, inside = 0, False
            continue
        white = traits[found] & WHITE
        if not white and not inside:
            words += 1
            if words > MAX_PIECE_WORDS:
                return False
        inside = not white
    return pieces + (words > 0) >= fewest


@compiled
def find_boilerplate(
    data: Bytes, offsets: Longs, traits: Bytes, lower: Points, points: Points, ends: Points, table: Points, links: int
) -> Longs:
    """The edits (m, 5) of a batch."""
    room = lines_in(data, offsets)
    starts, stops, why = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    found, count, longest = np.empty((64, 5), np.int64), 0, 0
    for k in range(len(ends)):
        longest = max(longest, ends[k] - (ends[k - 1] if k else 0))
    for d in range(len(offsets) - 1):
        begin, broken = offsets[d], 0
        lines = split_lines(data, begin, offsets[d + 1], starts, stops)
        for k in range(lines):
            start, stop = begin + starts[k], begin + stops[k]
            why[k] = KEPT
            if start == stop:
                continue
            first, last = core(data, start, stop, traits)
            if is_phrase(data, first, last, lower, points, ends, table, longest):
                why[k] = PHRASES
            elif links and is_links(data, start, stop, traits, links):
                why[k] = LINKS
            broken += why[k] != KEPT
        if broken:
            found, count = without_lines(found, count, d, lines, starts, stops, why)
    return found[:count]
