"""The compiled loops behind remove_urls: what the two regular expressions of DCLM find, looked for from its dots."""

import numpy as np

from headwater.text.cases import WHITE, WORD
from headwater.text.domains import SLOTS
from headwater.text.kernels import Bytes, Ints, Longs, compiled, lean
from headwater.text.lines import before, point, seek, trait
from headwater.text.splicing import RULE, START, STOP, TEXT, with_edit

URL, IP = 0, 1
DOT, MAX_HOST, MAX_WHITE, MAX_DOMAIN = 46, 256, 10, 63
SCHEMES = (b"https://", b"http://", b"ftp://")
LETTERS = np.frombuffer(b"".join(SCHEMES), np.uint8)
ENDS = np.cumsum([len(scheme) for scheme in SCHEMES])


def _among(signs: bytes) -> Bytes:
    table = np.zeros(256, np.uint8)
    for byte in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + signs:
        table[byte] = 1
    return table


LABEL, HOST, REST = _among(b"-"), _among(b"-@:%._+~#="), _among(b"-()@:%_+.~#?&/=")


@lean
def is_word(data: Bytes, at: int, end: int, traits: Bytes) -> bool:
    """Whether the character here is a letter, digit or underscore; not at the end."""
    return at < end and (trait(data, at, end, traits)[0] & WORD) != 0


@lean
def domain_end(data: Bytes, start: int, end: int, traits: Bytes, names: Bytes, ends: Ints, table: Ints) -> int:
    """Where the longest top-level domain ends that begins here and ends at the border of a word; `start` if none."""
    value, at, best = 0, start, start
    while at < end and at - start < MAX_DOMAIN:
        what, width = trait(data, at, end, traits)
        if width == 1 and not LABEL[data[at]]:
            break
        for k in range(width):
            value = (value * 31 + int(data[at + k])) & 0xFFFFFFFF
        at += width
        if ((what & WORD) != 0) == is_word(data, at, end, traits):
            continue
        slot = value % SLOTS
        while table[slot] >= 0:
            place = table[slot]
            first = ends[place - 1] if place else 0
            k, length = 0, ends[place] - first
            while k < length and length == at - start and names[first + k] == data[start + k]:
                k += 1
            if k == length:
                best = at
                break
            slot = (slot + 1) % SLOTS
    return best


@lean
def scheme_start(data: Bytes, floor: int, at: int) -> int:
    """Where the scheme begins that ends at `at`; `at` if there is none."""
    first = 0
    for end in ENDS:
        length = end - first
        k = 0
        while at - length >= floor and k < length and data[at - length + k] == LETTERS[first + k]:
            k += 1
        if k == length:
            return int(at - length)
        first = end
    return at


@lean
def white_start(data: Bytes, floor: int, at: int, traits: Bytes, most: int) -> tuple[int, int]:
    """Before up to so many white space characters that end at `at`, and how many more there could have been."""
    while most and at > floor:
        ahead = before(data, floor, at)
        if not trait(data, ahead, at, traits)[0] & WHITE:
            break
        at = ahead
        most -= 1
    return at, most if at == floor else 0


@lean
def past_rest(data: Bytes, at: int, end: int) -> int:
    """Past the letters of paths and queries."""
    while at < end and REST[data[np.uint64(at)]]:
        at += 1
    return at


@lean
def url_around(
    data: Bytes, floor: int, dot: int, end: int, traits: Bytes, names: Bytes, ends: Ints, table: Ints
) -> tuple[int, int]:
    """The address whose first dot before a top-level domain is here: start and stop, equal if there is none."""
    if dot == floor or not HOST[data[dot - 1]]:
        return dot, dot
    stop = domain_end(data, dot + 1, end, traits, names, ends, table)
    if stop == dot + 1:
        return dot, dot
    start = dot
    while start > floor and HOST[data[start - 1]] and dot - start < MAX_HOST:
        start -= 1
    at, last = dot + 1, min(end - 1, start + MAX_HOST)
    while at <= last and HOST[data[at]]:
        if data[at] == DOT:
            later = domain_end(data, at + 1, end, traits, names, ends, table)
            stop = later if later > at + 1 else stop
        at += 1
    if not (start > floor and HOST[data[start - 1]]):
        start = scheme_start(data, floor, start)
    start, _ = white_start(data, floor, start, traits, MAX_WHITE)
    return start, past_rest(data, stop, end)


@compiled
def widened(
    data: Bytes, floor: int, start: int, stop: int, end: int, traits: Bytes, names: Bytes, ends: Ints, table: Ints
) -> tuple[int, int]:
    """An address with those that come to be where it is gone, as x.com before http://."""
    near = np.empty(2 * MAX_DOMAIN + 4, np.uint8)
    while True:
        dot = start - 1
        while dot > floor and start - dot <= MAX_DOMAIN and data[dot] != DOT:
            dot -= 1
        if dot <= floor or data[dot] != DOT or not HOST[data[dot - 1]]:
            return start, stop
        left, right = start - dot - 1, min(end - stop, MAX_DOMAIN + 4)
        near[:left], near[left : left + right] = data[dot + 1 : start], data[stop : stop + right]
        inside = domain_end(near, 0, left + right, traits, names, ends, table)
        if inside < left or inside == 0:
            return start, stop
        first = dot
        while first > floor and HOST[data[first - 1]] and dot - first < MAX_HOST:
            first -= 1
        if not (first > floor and HOST[data[first - 1]]):
            first = scheme_start(data, floor, first)
        start, _ = white_start(data, floor, first, traits, MAX_WHITE)
        stop = past_rest(data, stop + inside - left, end)


@lean
def is_digit(byte: int) -> bool:
    return 48 <= byte <= 57


@lean
def past_number(data: Bytes, at: int, end: int) -> int:
    """Past a number of an IPv4 address as DCLM reads it: two digits, or three that begin with 0, 1 or 2."""
    start = at
    while at < end and at - start < 3 and is_digit(data[at]):
        at += 1
    return at - 1 if at - start == 3 and data[start] > 50 else at


@lean
def ip_around(data: Bytes, floor: int, dot: int, end: int, traits: Bytes) -> tuple[int, int]:
    """The IPv4 address whose first dot is here, without white space before it: start and stop, equal if none."""
    start = dot
    while start > floor and is_digit(data[start - 1]) and dot - start <= 3:
        start -= 1
    if start == dot or past_number(data, start, dot) != dot:
        return dot, dot
    if start > floor and is_word(data, before(data, floor, start), start, traits):
        return dot, dot
    at = start
    for k in range(4):
        after = past_number(data, at, end)
        if after == at or (k < 3 and (after >= end or data[after] != DOT)):
            return dot, dot
        at = after + 1
    first = scheme_start(data, floor, start)
    if first == floor or not is_word(data, before(data, floor, first), first, traits):
        start = first
    return start, past_rest(data, at - 1, end)


@compiled
def add_ips(
    found: Longs, count: int, text: int, data: Bytes, begin: int, floor: int, end: int, traits: Bytes
) -> tuple[Longs, int]:
    """`found` and its length with the IPv4 addresses between two URLs.

    White space before an address can reach over a URL that is gone: then the URL's edit takes it.
    """
    dot = seek(data, floor, end, DOT)
    while dot < end:
        start, stop = ip_around(data, floor, dot, end, traits)
        if start == stop:
            dot = seek(data, dot + 1, end, DOT)
            continue
        start, more = white_start(data, floor, start, traits, MAX_WHITE)
        k, at = count - 1, start
        while more and k >= 0 and found[k, TEXT] == text and found[k, RULE] == URL and begin + found[k, STOP] == at:
            limit = begin
            if k and found[k - 1, TEXT] == text:
                limit = begin + found[k - 1, STOP]
            at, more = white_start(data, limit, begin + found[k, START], traits, more)
            found[k, START] = at - begin
            k -= 1
        found, count = with_edit(found, count, text, start - begin, stop - begin, IP, -1)
        floor = stop
        dot = seek(data, stop, end, DOT)
    return found, count


@lean
def ignoring_case(found: int, lower: Ints) -> int:
    """A code point as re.IGNORECASE compares it: in small letters, and the forms of i and s outside ASCII as those."""
    if found == 0x130 or found == 0x131:
        return 105
    return 115 if found == 0x17F else int(lower[found])


@lean
def begins_with_domain(data: Bytes, begin: int, end: int, lower: Ints, names: Bytes, ends: Ints) -> bool:
    """Whether the text begins with the letters of a top-level domain, in any case."""
    first = 0
    for last in ends:
        at, k = begin, first
        while k < last and at < end:
            found, width = point(data, at, end)
            wanted, bytes_of = point(names, k, last)
            if ignoring_case(found, lower) != wanted:
                break
            at += width
            k += bytes_of
        if k == last:
            return True
        first = last
    return False


@compiled
def find_urls(
    data: Bytes, offsets: Longs, traits: Bytes, lower: Ints, names: Bytes, ends: Ints, table: Ints, anchored: bool
) -> Longs:
    """The edits (m, 5) of a batch."""
    found, count = np.empty((64, 5), np.int64), 0
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        floor = begin
        dot = end
        if not anchored or begins_with_domain(data, begin, end, lower, names, ends):
            dot = seek(data, begin, end, DOT)
        while dot < end:
            start, stop = url_around(data, floor, dot, end, traits, names, ends, table)
            if start == stop:
                dot = seek(data, dot + 1, end, DOT)
                continue
            if not anchored:
                start, stop = widened(data, floor, start, stop, end, traits, names, ends, table)
            found, count = add_ips(found, count, d, data, begin, floor, start, traits)
            found, count = with_edit(found, count, d, start - begin, stop - begin, URL, -1)
            floor = stop
            dot = seek(data, stop, end, DOT)
        found, count = add_ips(found, count, d, data, begin, floor, end, traits)
    return found[:count]
