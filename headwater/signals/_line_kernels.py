"""The compiled loops behind lines, dclm_lines and dolma_lines: the lines of each text are found and compared once.

As in headwater/text/kernels.py: exact, linear in time and memory, unsigned indexes where it is hot.
"""

import numpy as np
import pyarrow as pa

from headwater.text._chunk_kernels import HIGH, ONE, PLACES, SEVEN, TOP, hash_bytes, load8, same_bytes
from headwater.text.chunks import seed
from headwater.text.kernels import (
    DOT,
    Bytes,
    Floats,
    Hashes,
    Ints,
    Longs,
    code_points,
    compiled,
    is_mark,
    lean,
    look,
    slot,
    slots_for,
)
from headwater.text.remembered import Remembered
from headwater.text.unicode import SPACE, kinds
from headwater.text.utf8 import utf8

TAB, NEWLINE, CARRIAGE_RETURN, SPACE_BYTE, STAR, MINUS = 9, 10, 13, 32, 42, 45
# Eight bytes, each of them a space: what is below ends a line, or is a tab or a rare control character.
SPACES = np.uint64(0x2020202020202020)
DATATROVE, DCLM, DOLMA = 0, 8, 16
WIDTH = 20


@lean
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


@lean
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


@lean
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


@lean
def line_end_at(data: Bytes, at: int, end: int) -> tuple[int, bool]:
    """Where the next newline is, or the end; whether all until then is plain: ASCII and no other end of a line."""
    plain = True
    while at < end:
        if at + 8 > end:
            byte = data[np.uint64(at)]
            if byte == NEWLINE:
                break
            plain &= byte == TAB or SPACE_BYTE <= byte < 0x80
            at += 1
            continue
        word = load8(data, at)
        hit = (word - SPACES) & ~word & HIGH
        low = hit & (~hit + ONE)
        plain &= not word & HIGH & (low - ONE)
        if not hit:
            at += 8
            continue
        at += int(np.int64((low >> SEVEN) * PLACES >> TOP))
        if data[np.uint64(at)] == NEWLINE:
            break
        plain &= data[np.uint64(at)] == TAB
        at += 1
    return at, plain


@lean
def ends_in_dots(data: Bytes, first: int, last: int) -> bool:
    """Whether a stretch ends in three full stops."""
    return last - first >= 3 and data[last - 1] == DOT and data[last - 2] == DOT and data[last - 3] == DOT


@lean
def ends_in_ellipsis(data: Bytes, first: int, last: int) -> bool:
    """Whether a stretch ends in U+2026."""
    return last - first >= 3 and is_mark(data, last - 3, last, 0xA6)


@lean
def ends_in_spaced_dots(data: Bytes, first: int, last: int) -> bool:
    """Whether a stretch ends in ". . ."."""
    if last - first < 5 or data[last - 1] != DOT or data[last - 2] != SPACE_BYTE:
        return False
    return bool(data[last - 3] == DOT and data[last - 4] == SPACE_BYTE and data[last - 5] == DOT)


@lean
def is_black_circle(data: Bytes, at: int, end: int) -> bool:
    """Whether U+25CF is here."""
    return at + 3 <= end and data[at] == 0xE2 and data[at + 1] == 0x97 and data[at + 2] == 0x8F


@lean
def split_lines(data: Bytes, begin: int, end: int, kinds: Bytes, places: Ints, out: Floats) -> int:
    """Split a text at newlines; returns how many lines, and counts how they begin and end in `out`.

    Fills for each line, from `begin`, where it and where what is not white space at its ends starts and stops.
    """
    count, at = 0, begin
    while True:
        start = at
        at, plain = line_end_at(data, start, end)
        first, last = strip(data, start, at, kinds)
        places[count, 0], places[count, 1] = start - begin, at - begin
        places[count, 2], places[count, 3] = first - begin, last - begin
        count += 1
        if first < last:
            point = is_mark(data, first, last, 0xA2)
            minus = data[first] == MINUS
            dots, ellipsis = ends_in_dots(data, first, last), ends_in_ellipsis(data, first, last)
            out[DCLM] += 1
            out[DCLM + 2] += minus or point or data[first] == STAR or is_black_circle(data, first, last)
            out[DCLM + 3] += dots or ellipsis or ends_in_spaced_dots(data, first, last)
        if start < at:
            out[DOLMA] += data[start] == STAR or data[start] == MINUS
            out[DOLMA + 1] += ends_in_ellipsis(data, start, at)
        if plain:
            out[DATATROVE] += at < end or start < at
            if first < last:
                out[DATATROVE + 2] += minus or point
                out[DATATROVE + 3] += dots or ellipsis
        else:
            lines, bullets, ellipses = marked_lines(data, start, min(at + 1, end), kinds)
            out[DATATROVE] += lines
            out[DATATROVE + 2] += bullets
            out[DATATROVE + 3] += ellipses
        if at >= end:
            return count
        at += 1


@lean
def find_first(
    data: Bytes, begin: int, count: int, places: Ints, seed: np.uint64, hashes: Hashes, slots: Ints, firsts: Ints
) -> None:
    """Fill `firsts`: for each stretch, places[:, 0] to places[:, 1] from `begin`, the first that has the same bytes."""
    size = slots_for(count)
    slots[:size] = -1
    for t in range(count):
        start, length = begin + places[t, 0], places[t, 1] - places[t, 0]
        value = hash_bytes(data, start, start + length, seed)
        hashes[t] = value
        at = slot(value, size)
        while slots[at] >= 0:
            other = slots[at]
            if (
                hashes[other] == value
                and places[other, 1] - places[other, 0] == length
                and same_bytes(data, begin + places[other, 0], start, length)
            ):
                break
            at = (at + ONE) & np.uint64(size - 1)
        if slots[at] < 0:
            slots[at] = t
        firsts[t] = slots[at]


@lean
def copies(data: Bytes, begin: int, count: int, places: Ints, firsts: Ints) -> tuple[int, int, int, int]:
    """Second and later copies and their characters; how many of all have copies, and the characters of all of these."""
    later = later_chars = every = every_chars = 0
    for t in range(count):
        first = firsts[t]
        if first == t:
            continue
        chars = code_points(data, begin + places[t, 0], begin + places[t, 1])
        later += 1
        later_chars += chars
        if firsts[first] == first:
            # The first copy is noted when the second is met.
            firsts[first] = -1
            every += 1
            every_chars += chars
        every += 1
        every_chars += chars
    return later, later_chars, every, every_chars


@lean
def paragraphs(lines: int, places: Ints, found: Ints, stripped: bool, data: Bytes, begin: int, kinds: Bytes) -> int:
    """Fill `found` with the stretches between empty lines; returns how many.

    Stripped, they have no white space at their ends, and empty ones are left out; else only the whole text has none.
    """
    count, t = 0, 0
    first, last = 0, lines
    while first < last and places[first, 2] == places[first, 3]:
        first += 1
    while last > first and places[last - 1, 2] == places[last - 1, 3]:
        last -= 1
    t = first
    while t < last:
        if places[t, 0] == places[t, 1]:
            t += 1
            continue
        start = t
        while t < last and places[t, 0] < places[t, 1]:
            t += 1
        begins, ends = places[start, 0], places[t - 1, 1]
        if stripped:
            one, other = strip(data, begin + begins, begin + ends, kinds)
            begins, ends = one - begin, other - begin
        elif start == first:
            begins = places[start, 2]
        if not stripped and t == last:
            ends = places[t - 1, 3]
        if begins < ends:
            found[count, 0], found[count, 1] = begins, ends
            count += 1
    return count


@lean
def visible_chars(data: Bytes, begin: int, end: int, kinds: Bytes) -> int:
    """Characters that are no white space."""
    count = leads = 0
    for at in range(begin, end):
        byte = data[np.uint64(at)]
        white = (byte >= 9) & (byte <= 13) | (byte >= 28) & (byte <= 32)
        count += ((byte & 0xC0) != 0x80) & (not white)
        leads += (byte == 0xC2) | (byte >= 0xE1) & (byte <= 0xE3)
    if leads:
        for at in range(begin, end):
            byte = data[np.uint64(at)]
            if byte == 0xC2 or 0xE1 <= byte <= 0xE3:
                count -= look(data, at, end, kinds)[0] == SPACE
    return count


@lean
def stretch_chars(data: Bytes, begin: int, count: int, places: Ints) -> int:
    """Characters of some stretches."""
    chars = 0
    for t in range(count):
        chars += code_points(data, begin + places[t, 0], begin + places[t, 1])
    return chars


@compiled
def count_lines(data: Bytes, offsets: Longs, kinds: Bytes, seed: np.uint64, room: int, out: Floats) -> None:
    """Fill `out`, one row a text: the columns of lines, of dclm_lines and of dolma_lines. `room` = lines of the
    longest."""
    places, found = np.empty((room, 4), np.int32), np.empty((room, 2), np.int32)
    hashes, slots, firsts = np.empty(room, np.uint64), np.empty(slots_for(room), np.int32), np.empty(room, np.int32)
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        row = out[d]
        chars = max(code_points(data, begin, end), 1)
        lines = split_lines(data, begin, end, kinds, places, row)
        for k in (2, 3):
            row[DATATROVE + k] /= max(row[DATATROVE], 1)
            row[DCLM + k] /= max(row[DCLM], 1)
            row[DOLMA + k - 2] /= lines

        find_first(data, begin, lines, places, seed, hashes, slots, firsts)
        whole = True
        empties = 0
        for t in range(lines):
            whole &= places[t, 0] == places[t, 2] and places[t, 1] == places[t, 3]
            empties += places[t, 0] == places[t, 1]
        later, later_chars, every, every_chars = copies(data, begin, lines, places, firsts)
        row[DOLMA + 2] = every / lines
        if every_chars:
            row[DOLMA + 3] = every_chars / max(visible_chars(data, begin, end, kinds), 1)
        # Between runs of newlines there are no empty lines but at the ends of the text.
        ends = 0 if begin == end else (places[0, 0] == places[0, 1]) + (places[lines - 1, 0] == places[lines - 1, 1])
        if begin == end:
            ends, empties = 1, 1
        row[DATATROVE + 4] = (later - max(empties - 1, 0) + (ends == 2)) / (lines - empties + ends)
        row[DATATROVE + 6] = later_chars / chars

        count = paragraphs(lines, places, found, False, data, begin, kinds)
        row[DATATROVE + 1] = count
        if count > 1:
            find_first(data, begin, count, found, seed, hashes, slots, firsts)
            later, later_chars, _, _ = copies(data, begin, count, found, firsts)
            row[DATATROVE + 5], row[DATATROVE + 7] = later / count, later_chars / chars

        count = 0
        for t in range(lines):
            found[count, 0], found[count, 1] = places[t, 2], places[t, 3]
            count += places[t, 2] < places[t, 3]
        if count > 1:
            if not whole:
                find_first(data, begin, count, found, seed, hashes, slots, firsts)
                _, _, every, every_chars = copies(data, begin, count, found, firsts)
            elif empties > 1:
                every -= empties
            row[DCLM + 4] = every / count
            row[DCLM + 6] = every_chars / stretch_chars(data, begin, count, found) if every else 0.0
        count = paragraphs(lines, places, found, True, data, begin, kinds)
        row[DCLM + 1] = count
        if count > 1:
            find_first(data, begin, count, found, seed, hashes, slots, firsts)
            _, _, every, every_chars = copies(data, begin, count, found, firsts)
            row[DCLM + 5] = every / count
            row[DCLM + 7] = every_chars / stretch_chars(data, begin, count, found) if every else 0.0


@lean
def most_lines(data: Bytes, offsets: Longs) -> int:
    """Lines of the text that has most."""
    most = 1
    for d in range(len(offsets) - 1):
        lines = 1
        for byte in data[offsets[d] : offsets[d + 1]]:
            lines += byte == NEWLINE
        most = max(most, lines)
    return most


def _counted(texts: pa.Array) -> Floats:
    data, offsets = utf8(texts)
    out = np.zeros((len(texts), WIDTH))
    count_lines(data, offsets, kinds(), seed(), most_lines(data, offsets), out)
    return out


counted = Remembered(_counted)
