"""E-mail and IPv4 addresses as PIIFormatter of github.com/huggingface/datatrove finds and replaces them.

E-mail: atoms (letters, digits and !#$%&'*+/=?^_`{|}~-) with single dots between, from the border of a word on; a host
name of at least two labels, or an IPv4 address in square brackets. IPv4: four numbers of at most 255, also inside of
longer numbers, where Python's ipaddress takes them (no leading zeros) for public ones.

A stand-in is not replaced again, and no part of another e-mail address; nor is an IPv4 address that has one inside.
"""

import numpy as np

from headwater.text.cases import WORD
from headwater.text.kernels import Bytes, Longs, compiled, lean
from headwater.text.lines import before, seek, trait
from headwater.text.pii import EMAIL, IP
from headwater.text.pii.addresses import is_public
from headwater.text.pii.letters import ALNUM, AT, DASH, DOT, among, is_digit, past_digits
from headwater.text.splicing import with_edit

EMAILS = ("email@example.com", "firstname.lastname@example.org")
IPS = ("22.214.171.124", "126.96.36.199", "188.8.131.52", "184.108.40.206", "220.127.116.11", "18.104.22.168")
STAND_INS = EMAILS + IPS
SPELT = np.frombuffer("".join(STAND_INS).encode(), np.uint8)
ENDS = np.cumsum([len(each) for each in STAND_INS])
LOCALS = np.array([each.index("@") for each in EMAILS])
ATOM, COLON, OPEN, CLOSE = among(b"!#$%&'*+/=?^_`{|}~-"), 58, 91, 93


@lean
def stands_in(data: Bytes, start: int, stop: int, first: int, last: int) -> bool:
    """Whether one of the stand-ins `first` to `last` begins here and ends by `stop`."""
    for k in range(first, last):
        begin = ENDS[k - 1] if k else 0
        length, same = ENDS[k] - begin, 0
        while same < length and start + same < stop and data[start + same] == SPELT[begin + same]:
            same += 1
        if same == length:
            return True
    return False


@lean
def own_mail(data: Bytes, begin: int, at: int, end: int) -> tuple[int, int]:
    """The stand-in whose @ is here, whatever stands before and behind it: start and stop, equal if there is none."""
    for k in range(len(EMAILS)):
        start = at - LOCALS[k]
        if start >= begin and stands_in(data, start, end, k, k + 1):
            return start, start + ENDS[k] - (ENDS[k - 1] if k else 0)
    return at, at


@lean
def holds_own_ip(data: Bytes, start: int, stop: int) -> bool:
    """Whether a stand-in for an IPv4 address is in a stretch."""
    own = 0
    for at in range(start, stop):
        own += stands_in(data, at, stop, len(EMAILS), len(STAND_INS))
    return own > 0


@lean
def is_word(data: Bytes, at: int, end: int, traits: Bytes) -> bool:
    """Whether the character here is a letter, digit or underscore."""
    return (trait(data, at, end, traits)[0] & WORD) != 0


@lean
def local_start(data: Bytes, floor: int, begin: int, at: int, end: int, traits: Bytes) -> int:
    """Where the name before the @ begins: the first border of a word behind which there are only atoms and dots."""
    if at == floor or not ATOM[data[at - 1]]:
        return at
    start = at
    while start > floor and (ATOM[data[start - 1]] or (data[start - 1] == DOT and data[start] != DOT)):
        start -= 1
    while start < at:
        ahead = start > begin and is_word(data, before(data, begin, start), start, traits)
        if data[start] != DOT and ahead != is_word(data, start, end, traits):
            return start
        start += 1
    return at


@lean
def label_end(data: Bytes, start: int, end: int) -> int:
    """Where the letters, digits and hyphens end that begin here with a letter or digit."""
    at = start
    while at < end and (ALNUM[data[at]] or (data[at] == DASH and at > start)):
        at += 1
    return at


@lean
def host_end(data: Bytes, start: int, end: int) -> int:
    """Where the longest host name of two labels or more ends; `start` where there is none."""
    at, labels, best = start, 0, start
    while True:
        after = label_end(data, at, end)
        last = after
        while last > at and data[last - 1] == DASH:
            last -= 1
        if last == at:
            return best
        labels += 1
        best = last if labels > 1 else start
        if last < after or after >= end or data[after] != DOT:
            return best
        at = after + 1


@lean
def octet(data: Bytes, start: int, stop: int) -> bool:
    """Whether a stretch is one to three digits, of at most 255."""
    if not 1 <= stop - start <= 3 or past_digits(data, start, stop) < stop:
        return False
    if stop - start < 3 or data[start] < 50:
        return True
    return bool(data[start] == 50 and (data[start + 1] < 53 or (data[start + 1] == 53 and data[start + 2] <= 53)))


@lean
def bracketed_end(data: Bytes, start: int, end: int) -> int:
    """Where "[1.2.3.4]", or a word and a colon for the last number, ends; `start` where there is none."""
    at = start + 1
    for _ in range(3):
        after = past_digits(data, at, min(end, at + 4))
        if not octet(data, at, after) or after >= end or data[after] != DOT:
            return start
        at = after + 1
    after = at
    while after < end and (ALNUM[data[after]] or data[after] == DASH):
        after += 1
    if octet(data, at, after) and after < end and data[after] == CLOSE:
        return after + 1
    tagged = after > at and ALNUM[data[after - 1]] and after + 1 < end and data[after] == COLON
    return after + 2 if tagged and data[after + 1] == CLOSE else start


@lean
def mail_end(data: Bytes, start: int, end: int) -> int:
    """Where the host behind an @ ends; `start` where there is none."""
    if data[start] != OPEN:
        return host_end(data, start, end)
    stop = bracketed_end(data, start, end)
    return start if holds_own_ip(data, start, stop) else stop


@lean
def quad_around(data: Bytes, floor: int, dot: int, end: int) -> tuple[int, int]:
    """The four numbers whose first dot is here: start and stop, equal where there are none."""
    start = max(floor, dot - 3)
    while start < dot and not octet(data, start, dot):
        start += 1
    if start == dot:
        return dot, dot
    at = dot + 1
    for _ in range(2):
        after = past_digits(data, at, min(end, at + 4))
        if not octet(data, at, after) or after >= end or data[after] != DOT:
            return dot, dot
        at = after + 1
    after = past_digits(data, at, min(end, at + 3))
    if after == at:
        return dot, dot
    return start, after if octet(data, at, after) else at + 2


@lean
def is_public_quad(data: Bytes, start: int, stop: int) -> bool:
    """Whether four numbers have no leading zeros and are a public address."""
    address, number, digits, first = 0, 0, 0, 0
    for at in range(start, stop + 1):
        if at < stop and is_digit(data[at]):
            first = data[at] if digits == 0 else first
            number = 10 * number + int(data[at]) - 48
            digits += 1
            continue
        if digits > 1 and first == 48:
            return False
        address, number, digits = address << 8 | number, 0, 0
    return is_public(address)


@compiled
def add_ips(
    found: Longs, count: int, text: int, data: Bytes, begin: int, floor: int, end: int, turn: int
) -> tuple[Longs, int, int]:
    """`found`, its length and whose turn it is, after the IPv4 addresses of a stretch."""
    dot = seek(data, floor, end, DOT)
    while dot < end:
        start, stop = quad_around(data, floor, dot, end)
        if start == stop:
            dot = seek(data, dot + 1, end, DOT)
            continue
        if not holds_own_ip(data, start, stop) and is_public_quad(data, start, stop):
            found, count = with_edit(found, count, text, start - begin, stop - begin, IP, len(EMAILS) + turn)
            turn = (turn + 1) % len(IPS)
        floor = stop
        dot = seek(data, stop, end, DOT)
    return found, count, turn


@compiled
def find_as_datatrove(data: Bytes, offsets: Longs, traits: Bytes, emails: bool, ips: bool) -> Longs:
    """The edits (m, 5) of a batch: rules are kinds, puts are places in STAND_INS."""
    found, count = np.empty((64, 5), np.int64), 0
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        floor, mail_turn, ip_turn, seen = begin, 0, 0, begin
        at = seek(data, begin, end, AT) if emails else end
        while at < end:
            _, own = own_mail(data, begin, at, end)
            if own > at:
                floor, at = own, seek(data, own, end, AT)
                continue
            later = seek(data, at + 1, end, AT)
            limit = own_mail(data, begin, later, end)[0]
            start, stop = local_start(data, floor, begin, at, end, traits), at + 1
            if start < at and stop < limit:
                stop = mail_end(data, stop, limit)
            if start == at or stop == at + 1:
                at = later
                continue
            if ips:
                found, count, ip_turn = add_ips(found, count, d, data, begin, seen, start, ip_turn)
            found, count = with_edit(found, count, d, start - begin, stop - begin, EMAIL, mail_turn)
            mail_turn = (mail_turn + 1) % len(EMAILS)
            seen = floor = stop
            at = seek(data, stop, end, AT)
        if ips:
            found, count, ip_turn = add_ips(found, count, d, data, begin, seen, end, ip_turn)
    return found[:count]
