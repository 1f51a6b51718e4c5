"""The compiled loops behind c4_lines."""

import numpy as np

from headwater.text.c4_phrases import ends_well, is_special, phrases_in, plain_copy
from headwater.text.cases import WHITE
from headwater.text.kernels import Bytes, Ints, Longs, compiled, lean
from headwater.text.lines import KEPT, any_lines_in, line_end, split_lines, trait, trimmed, words_up_to
from headwater.text.splicing import with_edit

MAX_WORD_CHARS, TERMINAL, MIN_WORDS, JAVASCRIPT, POLICY, STRIP = range(6)


@lean
def split_any_lines(data: Bytes, begin: int, end: int, starts: Ints, stops: Ints, nexts: Ints) -> int:
    """Split as str.splitlines does; `nexts` is where the line after each begins."""
    count, start, at = 0, begin, begin
    while at < end:
        byte = data[np.uint64(at)]
        width = line_end(data, at, end) if byte <= 0x1E or byte == 0xC2 or byte == 0xE2 else 0
        if width:
            starts[count], stops[count], nexts[count] = start - begin, at - begin, at + width - begin
            count += 1
            start = at + width
        at += max(width, 1)
    if start < end:
        starts[count], stops[count], nexts[count] = start - begin, end - begin, end - begin
        count += 1
    return count


@lean
def has_longer_word(data: Bytes, start: int, stop: int, traits: Bytes, most: int) -> bool:
    """Whether a word between white space has more characters."""
    chars, at = 0, start
    while at < stop and chars <= most:
        what, width = trait(data, at, stop, traits)
        chars = 0 if what & WHITE else chars + 1
        at += width
    return chars > most


@lean
def reason(
    data: Bytes,
    start: int,
    stop: int,
    traits: Bytes,
    dclm: bool,
    most: int,
    fewest: int,
    terminal: bool,
    javascript: bool,
    policy: bool,
    plain: Bytes,
) -> int:
    """The first rule that a line breaks, KEPT where it breaks none. `plain` has room for the line."""
    if dclm and start == stop:
        return KEPT
    if most >= 0 and stop - start > most and has_longer_word(data, start, stop, traits, most):
        return MAX_WORD_CHARS
    special = (terminal or javascript or policy) and is_special(data, start, stop)
    size = plain_copy(data, start, stop, traits, dclm, plain) if special else 0
    if terminal:
        ends = ends_well(plain, 0, size, traits, dclm) if special else ends_well(data, start, stop, traits, dclm)
        if not ends:
            return TERMINAL
    if fewest and words_up_to(data, start, stop, traits, fewest) < fewest:
        return MIN_WORDS
    said = 0
    if javascript or policy:
        if special:
            said = phrases_in(plain, 0, size, javascript, policy)
        else:
            said = phrases_in(data, start, stop, javascript, policy)
    return JAVASCRIPT if said == 1 else POLICY if said == 2 else KEPT


@lean
def strip_ends(data: Bytes, begin: int, lines: int, firsts: Ints, lasts: Ints, why: Ints, traits: Bytes) -> None:
    """White space at both ends of what is kept of a text goes: narrow the outermost lines, drop those left empty."""
    k = 0
    while k < lines:
        if why[k] == KEPT:
            first, last = trimmed(data, begin + firsts[k], begin + lasts[k], traits)
            if first < last:
                firsts[k] = first - begin
                break
            why[k] = STRIP
        k += 1
    k = lines - 1
    while k >= 0:
        if why[k] == KEPT:
            first, last = trimmed(data, begin + firsts[k], begin + lasts[k], traits)
            if first < last:
                lasts[k] = last - begin
                break
            why[k] = STRIP
        k -= 1


@compiled
def add_edits(
    found: Longs,
    count: int,
    text: int,
    data: Bytes,
    begin: int,
    lines: int,
    starts: Ints,
    stops: Ints,
    nexts: Ints,
    firsts: Ints,
    lasts: Ints,
    why: Ints,
) -> tuple[Longs, int]:
    """`found` and its length with edits that leave the kept lines, from first to last, with a newline between them."""
    end = lines - 1
    while end >= 0 and why[end] != KEPT:
        end -= 1
    for k in range(lines):
        put = -1
        if why[k] != KEPT:
            start = starts[k] if k <= end else stops[k - 1] if k else 0
            stop = nexts[k] if k <= end or k == lines - 1 else stops[k]
            if start < stop:
                found, count = with_edit(found, count, text, start, stop, why[k], -1)
            continue
        if starts[k] < firsts[k]:
            found, count = with_edit(found, count, text, starts[k], firsts[k], STRIP, -1)
        stop = stops[k]
        if k == lines - 1:
            stop = nexts[k]
        elif k < end and not (nexts[k] == stop + 1 and data[begin + stop] == 10):
            stop, put = nexts[k], 0
        if lasts[k] < stop:
            found, count = with_edit(found, count, text, lasts[k], stop, STRIP, put)
    return found, count


@compiled
def find_c4_lines(
    data: Bytes,
    offsets: Longs,
    traits: Bytes,
    longest: int,
    dclm: bool,
    most: int,
    fewest: int,
    terminal: bool,
    javascript: bool,
    policy: bool,
) -> Longs:
    """The edits (m, 5) of a batch. `longest` = bytes of the longest text."""
    room = any_lines_in(data, offsets)
    starts, stops, nexts = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    firsts, lasts, why = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    plain = np.empty(longest, np.uint8)
    found, count = np.empty((64, 5), np.int64), 0
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        if dclm:
            lines = split_lines(data, begin, end, starts, stops)
            nexts[: lines - 1], nexts[lines - 1] = starts[1:lines], end - begin
        else:
            lines = split_any_lines(data, begin, end, starts, stops, nexts)
        for k in range(lines):
            first, last = begin + starts[k], begin + stops[k]
            if not dclm:
                first, last = trimmed(data, first, last, traits)
            firsts[k], lasts[k] = first - begin, last - begin
            why[k] = reason(data, first, last, traits, dclm, most, fewest, terminal, javascript, policy, plain)
        if not dclm or javascript or policy:
            strip_ends(data, begin, lines, firsts, lasts, why, traits)
        found, count = add_edits(found, count, d, data, begin, lines, starts, stops, nexts, firsts, lasts, why)
    return found[:count]
