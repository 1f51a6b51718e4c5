"""The compiled loops that editors of lines share: characters of a stretch, lines of a text, and their removal."""

import numpy as np

from headwater.text.cases import WHITE
from headwater.text.kernels import Bytes, Ints, Longs, compiled, lean
from headwater.text.splicing import with_edit

NEWLINE, KEPT = 10, -1


@lean
def point(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Code point and width in bytes of the character here; what is not UTF-8 is U+FFFD, a byte wide."""
    byte = int(data[np.uint64(at)])
    if byte < 0x80:
        return byte, 1
    width = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    if byte < 0xC0 or at + width > end:
        return 0xFFFD, 1
    found = byte & (0xFF >> (width + 1))
    for k in range(1, width):
        found = found << 6 | int(data[at + k] & 0x3F)
    return (found, width) if found < 0x110000 else (0xFFFD, 1)


@lean
def seek(data: Bytes, at: int, end: int, wanted: int) -> int:
    """Where the next byte like this is, `end` where there is none."""
    while at < end and data[np.uint64(at)] != wanted:
        at += 1
    return at


@lean
def before(data: Bytes, start: int, at: int) -> int:
    """Where the character that ends at `at` begins; `at` > `start`."""
    at -= 1
    while at > start and (data[at] & 0xC0) == 0x80:
        at -= 1
    return at


@lean
def trait(data: Bytes, at: int, end: int, traits: Bytes) -> tuple[int, int]:
    """Bits of cases.traits and width in bytes of the character here."""
    byte = data[np.uint64(at)]
    if byte < 0x80:
        return int(traits[byte]), 1
    found, width = point(data, at, end)
    return int(traits[found]), width


@lean
def trimmed(data: Bytes, start: int, stop: int, traits: Bytes) -> tuple[int, int]:
    """The stretch without white space at both ends; one of nothing but white space is empty, at its stop."""
    while start < stop:
        what, width = trait(data, start, stop, traits)
        if not what & WHITE:
            break
        start += width
    while stop > start:
        at = before(data, start, stop)
        if not trait(data, at, stop, traits)[0] & WHITE:
            break
        stop = at
    return start, stop


@lean
def words_up_to(data: Bytes, start: int, stop: int, traits: Bytes, enough: int) -> int:
    """Words between white space, as str.split counts them; counts no further than `enough`."""
    words, inside, at = 0, False, start
    while at < stop:
        what, width = trait(data, at, stop, traits)
        white = what & WHITE
        if not white and not inside:
            words += 1
            if words >= enough:
                break
        inside = not white
        at += width
    return words


@lean
def split_lines(data: Bytes, begin: int, end: int, starts: Ints, stops: Ints) -> int:
    """Split at each newline, as str.split does; fills starts and stops from `begin`, returns how many lines."""
    count, start = 0, begin
    for at in range(begin, end):
        if data[np.uint64(at)] == NEWLINE:
            starts[count], stops[count] = start - begin, at - begin
            count += 1
            start = at + 1
    starts[count], stops[count] = start - begin, end - begin
    return count + 1


@lean
def line_end(data: Bytes, at: int, end: int) -> int:
    """Width of the line end here, 0 if there is none; those of str.splitlines."""
    byte = data[at]
    if byte == 13:
        return 2 if at + 1 < end and data[at + 1] == NEWLINE else 1
    if 10 <= byte <= 12 or 0x1C <= byte <= 0x1E:
        return 1
    if byte == 0xC2:
        return 2 if at + 1 < end and data[at + 1] == 0x85 else 0
    separator = byte == 0xE2 and at + 3 <= end and data[at + 1] == 0x80 and 0xA8 <= data[at + 2] <= 0xA9
    return 3 if separator else 0


@lean
def any_lines_in(data: Bytes, offsets: Longs) -> int:
    """The most lines that a text of the batch can have by str.splitlines: one more than bytes that may end one."""
    most = 1
    for d in range(len(offsets) - 1):
        lines = 1
        for at in range(offsets[d], offsets[d + 1]):
            byte = data[np.uint64(at)]
            lines += byte <= 0x1E or byte == 0xC2 or byte == 0xE2
        most = max(most, lines)
    return most


@lean
def lines_in(data: Bytes, offsets: Longs) -> int:
    """The most lines that a text of the batch has."""
    most = 1
    for d in range(len(offsets) - 1):
        lines = 1
        for at in range(offsets[d], offsets[d + 1]):
            lines += data[np.uint64(at)] == NEWLINE
        most = max(most, lines)
    return most


@compiled
def without_lines(
    found: Longs, count: int, text: int, lines: int, starts: Ints, stops: Ints, why: Ints
) -> tuple[Longs, int]:
    """`found` and its length with an edit for each line whose `why` is a rule, so that the others are joined as before.

    A line goes with the newline after it; behind the last line that is kept, with the newline before it.
    """
    last = lines - 1
    while last >= 0 and why[last] != KEPT:
        last -= 1
    for k in range(lines):
        if why[k] == KEPT:
            continue
        start = starts[k] - (k > 0) if k > last else starts[k]
        stop = stops[k] if k > last else stops[k] + 1
        if start < stop:
            found, count = with_edit(found, count, text, start, stop, why[k], -1)
    return found, count
