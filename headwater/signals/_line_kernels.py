"""The compiled loops behind lines: two walks over the UTF-8 bytes of a batch, one for marks, one for copies.

As in headwater/text/kernels.py: exact, linear in time and memory, unsigned indexes where it is hot.
"""

import numpy as np

from headwater.text.kernels import (
    DOT,
    HALF,
    PRIME,
    Bytes,
    Floats,
    Hashes,
    Ints,
    Longs,
    code_points,
    compiled,
    first_alike,
    is_mark,
    look,
    slots_for,
)  # fmt: skip
from headwater.text.unicode import SPACE

NEWLINE, CARRIAGE_RETURN, MINUS = 10, 13, 45


@compiled
def line_end(data: Bytes, at: int, end: int) -> int:
    """Width of the line end here, 0 if there is none; those of str.splitlines."""
    byte = data[at]
    if byte == CARRIAGE_RETURN:
        return 2 if at + 1 < end and data[at + 1] == NEWLINE else 1
    if 10 <= byte <= 12 or 0x1C <= byte <= 0x1E:
        return 1
    if byte == 0xC2:
        return 2 if at + 1 < end and data[at + 1] == 0x85 else 0
    return 3 if is_mark(data, at, end, 0xA8) or is_mark(data, at, end, 0xA9) else 0


@compiled
def strip(data: Bytes, start: int, end: int, kinds: Bytes) -> tuple[int, int]:
    """The stretch without white space at both ends."""
    while start < end:
        kind, width = look(data, start, end, kinds)
        if kind != SPACE:
            break
        start += width
    while end > start:
        at = end - 1
        while at > start and (data[at] & 0xC0) == 0x80:
            at -= 1
        if look(data, at, end, kinds)[0] != SPACE:
            break
        end = at
    return start, end


@compiled
def marked_lines(data: Bytes, begin: int, end: int, kinds: Bytes) -> tuple[int, int, int]:
    """Lines as str.splitlines gives them; those that start with a bullet; those that end in an ellipsis."""
    lines = bullets = ellipses = 0
    start = at = begin
    while start < end:
        width = 0
        while at < end:
            byte = data[np.uint64(at)]
            if byte <= 0x1E or byte == 0xC2 or byte == 0xE2:
                width = line_end(data, at, end)
                if width:
                    break
            at += 1
        first, last = strip(data, start, at, kinds)
        lines += 1
        if first < last:
            bullets += data[first] == MINUS or is_mark(data, first, last, 0xA2)
        if last - first >= 3:
            dots = data[last - 1] == DOT and data[last - 2] == DOT and data[last - 3] == DOT
            ellipses += dots or is_mark(data, last - 3, last, 0xA6)
        start = at = at + width
    return lines, bullets, ellipses


@compiled
def digest(data: Bytes, start: int, end: int) -> np.uint64:
    """A hash of a stretch of bytes, one-to-one on stretches of the same length up to 8 bytes."""
    value, at = PRIME, start
    while at + 8 <= end:
        part = np.uint64(0)
        for k in range(8):
            part |= np.uint64(data[np.uint64(at + k)]) << np.uint64(8 * k)
        value = (value ^ part) * PRIME
        value ^= value >> HALF
        at += 8
    part = np.uint64(0)
    for k in range(at, end):
        part = part << np.uint64(8) | np.uint64(data[np.uint64(k)])
    return (value ^ part) * PRIME


@compiled
def pieces_between(
    data: Bytes, begin: int, start: int, end: int, newlines: int, starts: Ints, stops: Ints, hashes: Hashes
) -> int:
    """Split at every run of at least so many newlines, as re.split does; returns the number of pieces."""
    count, at, piece = 0, start, start
    while at < end:
        if data[np.uint64(at)] != NEWLINE:
            at += 1
            continue
        run = at
        while at < end and data[np.uint64(at)] == NEWLINE:
            at += 1
        if at - run >= newlines:
            starts[count], stops[count], hashes[count] = piece - begin, run - begin, digest(data, piece, run)
            count += 1
            piece = at
    starts[count], stops[count], hashes[count] = piece - begin, end - begin, digest(data, piece, end)
    return count + 1


@compiled
def copies_among(data: Bytes, begin: int, count: int, starts: Ints, stops: Ints, firsts: Ints) -> tuple[int, int]:
    """Pieces that are a second or later copy, and their characters."""
    copies = chars = 0
    for t in range(count):
        if firsts[t] != t:
            copies += 1
            chars += code_points(data, begin + starts[t], begin + stops[t])
    return copies, chars


@compiled
def measure_lines(data: Bytes, offsets: Longs, kinds: Bytes, longest: int, out: Floats) -> None:
    """Fill `out`, one row a text, one column a column of lines.COLUMNS. `longest` = bytes of the longest text."""
    room = longest + 1
    starts, stops, firsts = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    hashes, slots = np.empty(room, np.uint64), np.empty(slots_for(room), np.int32)
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        lines, bullets, ellipses = marked_lines(data, begin, end, kinds)
        chars = max(code_points(data, begin, end), 1)
        out[d, 0], out[d, 2], out[d, 3] = lines, bullets / max(lines, 1), ellipses / max(lines, 1)
        pieces = pieces_between(data, begin, begin, end, 1, starts, stops, hashes)
        first_alike(data, begin, pieces, starts, stops, hashes, slots, firsts)
        copies, copied = copies_among(data, begin, pieces, starts, stops, firsts)
        out[d, 4], out[d, 6] = copies / pieces, copied / chars
        first, last = strip(data, begin, end, kinds)
        pieces = pieces_between(data, begin, first, last, 2, starts, stops, hashes) if first < last else 0
        first_alike(data, begin, pieces, starts, stops, hashes, slots, firsts)
        copies, copied = copies_among(data, begin, pieces, starts, stops, firsts)
        out[d, 1], out[d, 5], out[d, 7] = pieces, copies / max(pieces, 1), copied / chars
