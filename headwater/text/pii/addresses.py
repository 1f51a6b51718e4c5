"""E-mail and IP addresses.

E-mail: up to 64 letters, digits and ._%+- before the @, a host name of letters, digits and hyphens whose last part is a
top-level domain of the IANA's list, in any case (RFC 5321 has more; nobody uses it).

IPv4: four numbers of 0 to 255 without leading zeros, public by the IANA's special-purpose registry (RFC 6890) as Python
3.11 has it, and not the number of a version or a section: no letter, dot, hyphen or single slash before it, no dot or
hyphen with a letter or digit behind it, and a number of three digits or two of two: fewer than one public address in
200 has neither. IPv6: global unicast (2000::/3) outside 2001::/23 and 2001:db8::/32, in any form of RFC 4291.
"""

import numpy as np

from headwater.text.domains import SLOTS
from headwater.text.kernels import Bytes, Ints, lean
from headwater.text.pii.letters import (
    ALNUM,
    AT,
    DASH,
    DOT,
    SLASH,
    among,
    is_digit,
    past_digits,
    word_before,
    word_here,
)  # fmt: skip

LOCAL, HOST, MAX_LOCAL, MAX_HOST, COLON = among(b"._%+-"), among(b".-"), 64, 253, 58
# First and last of the networks that are not public.
PRIVATE = np.array(
    [
        (0x00000000, 0x00FFFFFF), (0x0A000000, 0x0AFFFFFF), (0x64400000, 0x647FFFFF), (0x7F000000, 0x7FFFFFFF),
        (0xA9FE0000, 0xA9FEFFFF), (0xAC100000, 0xAC1FFFFF), (0xC0000000, 0xC0000007), (0xC00000AA, 0xC00000AB),
        (0xC0000200, 0xC00002FF), (0xC0A80000, 0xC0A8FFFF), (0xC6120000, 0xC613FFFF), (0xC6336400, 0xC63364FF),
        (0xCB007100, 0xCB0071FF), (0xF0000000, 0xFFFFFFFF),
    ],
    np.int64,
)  # fmt: skip


@lean
def is_domain(data: Bytes, start: int, stop: int, names: Bytes, ends: Ints, table: Ints) -> bool:
    """Whether a stretch is a top-level domain, in any case."""
    value = 0
    for at in range(start, stop):
        byte = int(data[at])
        value = (value * 31 + byte + 32 * (65 <= byte <= 90)) & 0xFFFFFFFF
    slot = value % SLOTS
    while table[slot] >= 0:
        place = table[slot]
        first = ends[place - 1] if place else 0
        k, length = 0, ends[place] - first
        while k < length and length == stop - start:
            byte = int(data[start + k])
            if byte + 32 * (65 <= byte <= 90) != names[first + k]:
                break
            k += 1
        if k == length:
            return True
        slot = (slot + 1) % SLOTS
    return False


@lean
def host_end(data: Bytes, start: int, end: int, names: Bytes, ends: Ints, table: Ints) -> int:
    """Where the longest host name ends that begins here and has a top-level domain; `start` if there is none."""
    stop = start
    while stop < end and HOST[data[stop]] and stop - start < MAX_HOST:
        stop += 1
    if stop == start or not ALNUM[data[start]]:
        return start
    while stop > start:
        while stop > start and not ALNUM[data[stop - 1]]:
            stop -= 1
        last = stop
        while last > start and data[last - 1] != DOT:
            last -= 1
        if last <= start + 1:
            return start
        if stop - last > 1 and is_domain(data, last, stop, names, ends, table):
            return stop
        stop = last - 1
    return start


@lean
def email_around(data: Bytes, floor: int, at: int, end: int, names: Bytes, ends: Ints, table: Ints) -> tuple[int, int]:
    """The e-mail address whose @ is here: start and stop, equal if there is none."""
    start = at
    while start > floor and LOCAL[data[start - 1]] and at - start < MAX_LOCAL:
        start -= 1
    while start < at and not ALNUM[data[start]] and data[start] != 95:
        start += 1
    if start == at:
        return at, at
    stop = host_end(data, at + 1, end, names, ends, table)
    return (start, stop) if stop > at + 1 else (at, at)


@lean
def is_public(address: int) -> bool:
    """Whether an IPv4 address is none of the networks for special purposes."""
    private = 0
    for k in range(len(PRIVATE)):
        private += PRIVATE[k, 0] <= address <= PRIVATE[k, 1]
    return private == 0


@lean
def quad(data: Bytes, start: int, end: int) -> tuple[int, int, int]:
    """Four numbers as an IPv4 address has them: where they end (`start` if they are none), the address, how long the
    longest of them is and how many of them have two digits or more, as ten times the one plus the other.
    """
    address, at, longest, long = 0, start, 0, 0
    for k in range(4):
        after = past_digits(data, at, min(end, at + 4))
        if after == at or after - at > 3 or (after - at > 1 and data[at] == 48):
            return start, 0, 0
        number = 0
        for place in range(at, after):
            number = 10 * number + int(data[place]) - 48
        if number > 255 or (k < 3 and not (after < end and data[after] == DOT)):
            return start, 0, 0
        address = address << 8 | number
        longest, long = max(longest, after - at), long + (after - at > 1)
        at = after + 1
    return at - 1, address, 10 * longest + long


@lean
def ipv4_at(data: Bytes, floor: int, start: int, end: int, traits: Bytes) -> int:
    """Where the public IPv4 address ends whose first digit is here; `start` if there is none."""
    stop, address, shape = quad(data, start, end)
    if stop == start or not is_public(address) or not (shape >= 30 or shape % 10 >= 2):
        return start
    if word_before(data, floor, start, traits) or word_here(data, stop, end, traits):
        return start
    ahead = data[start - 1] if start > floor else 32
    slash = ahead == SLASH and not (start - 2 >= floor and data[start - 2] == SLASH)
    if ahead in (DOT, DASH) or slash:
        return start
    behind = data[stop] if stop < end else 32
    if behind in (DOT, DASH) and stop + 1 < end and ALNUM[data[stop + 1]]:
        return start
    return start if behind == AT else stop


@lean
def hex_value(byte: int) -> int:
    """Value of a hexadecimal digit, -1 for another byte."""
    if is_digit(byte):
        return byte - 48
    return (byte | 32) - 87 if 97 <= (byte | 32) <= 102 else -1


@lean
def ipv6_at(data: Bytes, floor: int, start: int, end: int, traits: Bytes) -> int:
    """Where the global IPv6 address ends whose first digit is here; `start` if there is none."""
    if start + 5 > end or data[start + 4] != COLON or not 50 <= data[start] <= 51:
        return start
    if word_before(data, floor, start, traits) or (start > floor and data[start - 1] in (COLON, DOT, DASH)):
        return start
    groups, gap, at, first, second = 0, False, start, 0, 0
    while True:
        value, digits = 0, 0
        while at < end and digits < 5 and hex_value(data[at]) >= 0:
            value = value << 4 | hex_value(data[at])
            digits += 1
            at += 1
        if digits > 4:
            return start
        if digits == 0:
            break
        if groups == 0:
            first = value
        if groups == 1 and not gap:
            second = value
        groups += 1
        if groups == 8 or at >= end or data[at] != COLON:
            break
        if at + 1 < end and data[at + 1] == COLON and not gap:
            gap = True
            at += 2
            if at >= end or hex_value(data[at]) < 0:
                break
        elif at + 1 < end and hex_value(data[at + 1]) >= 0:
            at += 1
        else:
            break
    whole = (gap and groups < 8) or groups == 8
    special = first == 0x2001 and (second < 0x200 or second == 0xDB8)
    if not whole or special or word_here(data, at, end, traits):
        return start
    return start if at + 1 < end and data[at] == COLON and hex_value(data[at + 1]) >= 0 else at


@lean
def ip_at(data: Bytes, floor: int, start: int, end: int, traits: Bytes) -> int:
    """Where the public IP address ends whose first digit is here; `start` if there is none."""
    stop = ipv4_at(data, floor, start, end, traits)
    return stop if stop > start else ipv6_at(data, floor, start, end, traits)
