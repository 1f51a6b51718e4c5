"""The compiled loops behind line_kinds: one walk over the bytes of a text, a look back at the end of each line.

What most bytes need is added up in one number, six counters of 10 bits; the few that mean more are looked at one by
one. As in headwater/text/kernels.py: exact, linear in time and memory, unsigned indexes where it is hot.
"""

from functools import cache

import numpy as np

from headwater.signals._notice_kernels import find_phrases
from headwater.text.characters import BLANK, CLOSER, SIZE, TERMINAL, UPPER, flags
from headwater.text.kernels import (
    Bytes,
    Floats,
    Hashes,
    Ints,
    Longs,
    code_points,
    compiled,
    first_alike,
    lean,
    slots_for,
)

# The counters of a line, in this order from the lowest bits of the sum; then what else is noted of it.
CHARS, UPPERS, DIGITS, SIGNS, PIPES, CURLIES, ENDED, ENDS, MATH = range(9)
# What is noted of a text.
(
    LINES, TERMINALS, SHORT, NEWLINES, SENTENCES, LONGEST, SECOND, THIRD, UPPER_LINES, NUMBER_LINES, LOREM, CURLY,
    JAVASCRIPT_LINES, POLICY_LINES, CODE_LINES, TABLE_LINES, MATH_LINES, MATH_KINDS, FENCE, ALL_CHARS, COPIED,
) = range(21)  # fmt: skip
WIDTH, COUNTERS, FULL = np.uint64(10), 6, np.uint64(0x3FF)
# Bytes after which no counter can have run over.
ROOM = 1000
SPECIAL = np.uint64(1 << 63)
NEWLINE, SPACE, TAB, DOT, LEFT_CURLY, BACKSLASH, PIPE = 10, 32, 9, 46, 123, 92, 124
GRAVE, TILDE = 96, 126
SHORT_CHARS = 30


WORDS = np.array([chr(byte).isalnum() and byte < 0x80 for byte in range(256)])


@cache
def meanings() -> Hashes:
    """What each byte adds to the counters of its line, and whether it has to be looked at."""
    table = np.zeros(256, np.uint64)
    for byte in range(256):
        starts = byte < 0x80 or byte >= 0xC0
        counted = (starts, 65 <= byte <= 90, 48 <= byte <= 57, byte in b"{}();=<>[]", byte == PIPE, byte == LEFT_CURLY)
        table[byte] = sum(int(on) << (10 * place) for place, on in enumerate(counted))
    table[[*b"\n.?!\\", *_leads()]] |= SPECIAL
    return table


def _leads() -> set[int]:
    """The first bytes of characters beyond ASCII that are upper case or end a sentence."""
    found = np.flatnonzero(flags() & (UPPER | TERMINAL))
    return {chr(point).encode("utf-8", "surrogatepass")[0] for point in found.tolist() if point >= 0x80}


def packed(command: str) -> int:
    """A name of up to twelve letters in one number."""
    value = 0
    for letter in command:
        value = value << 5 | (ord(letter) - 96)
    return value


@lean
def point_at(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Code point and width in bytes of the character at `at`; one that is cut or no character is 0x1FFFF, flagless."""
    byte = int(data[at])
    if byte < 0x80:
        return byte, 1
    width = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    if at + width > end:
        return SIZE - 1, 1
    point = byte & (0xFF >> (width + 1))
    for k in range(1, width):
        point = point << 6 | int(data[at + k] & 0x3F)
    return min(point, SIZE - 1), width


@lean
def flag_before(data: Bytes, begin: int, end: int, flags: Bytes) -> tuple[int, int]:
    """Flags of the last character of a stretch that is not empty, and where it begins."""
    at = end - 1
    while at > begin and (data[at] & 0xC0) == 0x80:
        at -= 1
    return int(flags[point_at(data, at, end)[0]]), at


@lean
def visible(data: Bytes, start: int, end: int, flags: Bytes) -> tuple[int, int]:
    """The stretch without white space at both ends."""
    while start < end and data[np.uint64(start)] == SPACE:
        start += 1
    while start < end:
        point, width = point_at(data, start, end)
        if not flags[point] & BLANK:
            break
        start += width
    while end > start and not 32 < data[np.uint64(end - 1)] < 0x80:
        flag, at = flag_before(data, start, end, flags)
        if not flag & BLANK:
            break
        end = at
    return start, end


@lean
def is_initial(data: Bytes, dot: int, begin: int) -> bool:
    """Whether a full stop comes after a capital letter that stands alone."""
    if dot == begin or not 65 <= data[dot - 1] <= 90:
        return False
    if dot - 1 == begin:
        return True
    before = data[dot - 2]
    return not (48 <= before <= 57 or 65 <= before <= 90 or 97 <= before <= 122 or before >= 0x80)


@lean
def sentence_end(data: Bytes, mark: int, at: int, begin: int, end: int, flags: Bytes) -> int:
    """Where the sentence ends that a mark, from `mark` to `at`, may close, its closing quotes included; 0 if none."""
    flag = np.uint8(0)
    while at < end:
        point, width = point_at(data, at, end)
        flag = flags[point]
        # Of several marks the last decides.
        if flag & TERMINAL:
            return 0
        if not flag & CLOSER:
            break
        at += width
    if at >= end or data[mark] >= 0x80:
        return at
    if not flag & BLANK:
        return 0
    if data[mark] != DOT:
        return at
    following = at
    while following < end and (data[following] == SPACE or data[following] == TAB):
        following += 1
    if following >= end or data[following] == NEWLINE:
        return at
    return 0 if 97 <= data[following] <= 122 or is_initial(data, mark, begin) else at


@lean
def command_at(data: Bytes, at: int, end: int, commands: Hashes) -> int:
    """The place among `commands`, which are sorted, of the name that stands at `at`, -1 where there is none."""
    value, letters = np.uint64(0), 0
    while at < end and letters <= 12:
        byte = data[at] | 32
        if not (97 <= byte <= 122 and data[at] >= 65):
            break
        value = value << np.uint64(5) | np.uint64(byte - 96)
        at += 1
        letters += 1
    if letters < 2 or letters > 12:
        return -1
    place = int(np.searchsorted(commands, value))
    return place if place < len(commands) and commands[place] == value else -1


@lean
def end_sentence(data: Bytes, mark: int, at: int, begin: int, end: int, flags: Bytes, line: Longs) -> None:
    """Note it where a mark, from `mark` to `at`, ends a sentence."""
    ended = sentence_end(data, mark, at, begin, end, flags)
    if ended:
        line[ENDED] = ended
        line[ENDS] += 1


@lean
def note_command(data: Bytes, at: int, end: int, commands: Hashes, known: Longs, line: Longs, text: Longs) -> None:
    """Note it where the name of a command stands at `at`; `known` is 1 for those not seen in the text before."""
    place = command_at(data, at, end, commands)
    if place >= 0:
        line[MATH] = 1
        text[MATH_KINDS] += known[place]
        known[place] = 0


@lean
def note_letter(data: Bytes, at: int, end: int, flags: Bytes, begin: int, line: Longs) -> None:
    """Note what a character beyond ASCII is to its line."""
    byte = int(data[np.uint64(at)])
    if byte < 0xE0 and at + 2 <= end:
        point, width = (byte & 0x1F) << 6 | int(data[np.uint64(at + 1)] & 0x3F), 2
    else:
        point, width = point_at(data, at, end)
    flag = flags[np.uint64(point)]
    line[UPPERS] += flag & UPPER
    if flag & TERMINAL:
        end_sentence(data, at, at + width, begin, end, flags, line)


@lean
def flush(total: np.uint64, line: Longs) -> None:
    """Add the counters of a sum to those of the line."""
    for k in range(COUNTERS):
        line[k] += np.int64((total >> (WIDTH * np.uint64(k))) & FULL)


@lean
def note_length(chars: int, text: Longs) -> None:
    """Keep the characters of the three longest lines."""
    if chars > text[THIRD]:
        text[THIRD] = chars
        if text[THIRD] > text[SECOND]:
            text[THIRD], text[SECOND] = text[SECOND], text[THIRD]
        if text[SECOND] > text[LONGEST]:
            text[SECOND], text[LONGEST] = text[LONGEST], text[SECOND]


@lean
def is_code(data: Bytes, start: int, first: int, last: int, line: Longs, text: Longs) -> bool:
    """Whether a line is in a fence or one of its ends, or is indented and has a sign of code."""
    mark = int(data[first])
    fence = last - first >= 3 and mark in (GRAVE, TILDE) and data[first + 1] == data[first + 2] == mark
    if fence and (text[FENCE] == 0 or text[FENCE] == mark):
        text[FENCE] = mark if text[FENCE] == 0 else 0
        return True
    indented = bool(data[start] == TAB)
    if first - start >= 4:
        indented |= bool(data[start] == SPACE and data[start + 1] == data[start + 2] == data[start + 3] == SPACE)
    return bool(text[FENCE] != 0 or (indented and line[SIGNS] > 0))


@lean
def close_line(data: Bytes, start: int, at: int, flags: Bytes, line: Longs, text: Longs) -> bool:
    """Add a line up to `at` to its text and forget it; gives whether it had anything to see."""
    text[ALL_CHARS] += line[CHARS]
    text[CURLY] += line[CURLIES]
    note_length(line[CHARS], text)
    first, last = visible(data, start, at, flags)
    if first < last:
        text[LINES] += 1
        text[TERMINALS] += flag_before(data, start, at, flags)[0] & TERMINAL != 0
        text[SHORT] += line[CHARS] <= SHORT_CHARS
        text[SENTENCES] += line[ENDS] + (line[ENDED] < last)
        text[UPPER_LINES] += 2 * line[UPPERS] > line[CHARS]
        text[NUMBER_LINES] += line[DIGITS] == last - first
        text[MATH_LINES] += line[MATH]
        if is_code(data, start, first, last, line, text):
            text[CODE_LINES] += 1
        else:
            text[TABLE_LINES] += line[PIPES] >= 2 and data[first] == PIPE and data[last - 1] == PIPE
    for k in range(len(line)):
        line[k] = 0
    return first < last


@lean
def walk(
    data: Bytes,
    begin: int,
    end: int,
    table: Hashes,
    flags: Bytes,
    commands: Hashes,
    known: Longs,
    line: Longs,
    text: Longs,
    starts: Ints,
    stops: Ints,
) -> int:
    """Fill `text` from one text, and the places of its lines that are not blank; returns how many these are."""
    count, start, at = 0, begin, begin
    while at < end:
        stop = min(at + ROOM, end)
        total = np.uint64(0)
        while at < stop:
            meaning = table[np.uint64(data[np.uint64(at)])]
            if meaning < SPECIAL:
                total += meaning
                at += 1
                continue
            byte = data[np.uint64(at)]
            if byte != NEWLINE:
                total += meaning ^ SPECIAL
                if byte >= 0xC0:
                    note_letter(data, at, end, flags, begin, line)
                elif byte == BACKSLASH:
                    note_command(data, at + 1, end, commands, known, line, text)
                elif at + 1 >= end or not WORDS[data[np.uint64(at + 1)]]:
                    end_sentence(data, at, at + 1, begin, end, flags, line)
                at += 1
                continue
            flush(total, line)
            total = np.uint64(0)
            text[NEWLINES] += 1
            if close_line(data, start, at, flags, line, text):
                starts[count], stops[count] = start - begin, at - begin
                count += 1
            at += 1
            start = at
        flush(total, line)
    if close_line(data, start, end, flags, line, text):
        starts[count], stops[count] = start - begin, end - begin
        count += 1
    return count


@lean
def digest(data: Bytes, start: int, end: int) -> np.uint64:
    """A hash of a stretch of bytes, one-to-one on stretches of the same length up to 8 bytes."""
    prime, value, at = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x9E3779B97F4A7C15), start
    while at + 8 <= end:
        part = np.uint64(0)
        for k in range(8):
            part |= np.uint64(data[np.uint64(at + k)]) << np.uint64(8 * k)
        value = (value ^ part) * prime
        value ^= value >> np.uint64(32)
        at += 8
    part = np.uint64(0)
    for k in range(at, end):
        part = part << np.uint64(8) | np.uint64(data[np.uint64(k)])
    return (value ^ part) * prime


@lean
def copied(
    data: Bytes, begin: int, count: int, starts: Ints, stops: Ints, hashes: Hashes, slots: Ints, firsts: Ints
) -> int:
    """Characters of the lines that are a second or later copy."""
    chars = 0
    for t in range(count):
        hashes[t] = digest(data, begin + starts[t], begin + stops[t])
    first_alike(data, begin, count, starts, stops, hashes, slots, firsts)
    for t in range(count):
        if firsts[t] != t:
            chars += code_points(data, begin + starts[t], begin + stops[t])
    return chars


@compiled
def measure_line_kinds(
    data: Bytes, offsets: Longs, table: Hashes, flags: Bytes, commands: Hashes, longest: int, out: Floats
) -> None:
    """Fill `out`, one row a text, one column a column of line_kinds.COLUMNS. `longest` = bytes of the longest text."""
    room = longest + 1
    starts, stops, firsts = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    hashes, slots = np.empty(room, np.uint64), np.empty(slots_for(room), np.int32)
    known, line, text = np.empty(len(commands), np.int64), np.zeros(9, np.int64), np.empty(21, np.int64)
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        known[:], text[:] = 1, 0
        count = walk(data, begin, end, table, flags, commands, known, line, text, starts, stops)
        text[LOREM], text[JAVASCRIPT_LINES], text[POLICY_LINES] = find_phrases(data, begin, end)
        text[COPIED] = copied(data, begin, count, starts, stops, hashes, slots, firsts)
        summarise(text, out[d])


@lean
def summarise(text: Longs, out: Floats) -> None:
    """The columns of a text from what was noted of it."""
    lines = max(text[LINES], 1)
    out[0], out[1] = text[TERMINALS] / lines, text[SHORT] / lines
    out[2], out[3], out[4] = text[COPIED] / max(text[ALL_CHARS], 1), text[NEWLINES], text[SENTENCES]
    out[5] = text[THIRD] if text[NEWLINES] >= 2 else 0
    out[6], out[7] = text[UPPER_LINES] / lines, text[NUMBER_LINES] / lines
    out[8], out[9], out[10], out[11] = text[LOREM], text[CURLY], text[JAVASCRIPT_LINES], text[POLICY_LINES]
    out[12], out[13] = text[CODE_LINES] / lines, text[TABLE_LINES] / lines
    out[14], out[15] = text[MATH_LINES] / lines, text[MATH_KINDS]
