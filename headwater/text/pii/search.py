"""The compiled loop that finds all kinds in a batch of texts: it stops only at digits and at @.

What is found can change what its neighbours are: a number beside a card number is no longer beside digits. So what is
around a find is searched again with that blotted out, until nothing more is found: what is left when all is replaced by
tags holds nothing that would be found. A digit or @ farther from a blot than any form reaches is what it was before, so
the time is linear in the text however many rounds there are.
"""

import numpy as np

from headwater.text.kernels import Bytes, Ints, Longs, compiled, lean
from headwater.text.pii import CARD, EMAIL, IBAN, IP, PHONE
from headwater.text.pii.addresses import email_around, ip_at
from headwater.text.pii.letters import AT, is_digit, past_digits
from headwater.text.pii.numbers import card_at, iban_at
from headwater.text.pii.phones import phone_at
from headwater.text.splicing import START, STOP, with_edit

LESS, GREATER = 60, 62
# Bytes that a form reaches to from its first digit or @: behind, 253 of a host name or the groups of a telephone number
# with a word (about 230); before, 64 of a name and a sign. More costs time, less would leave something unfound.
BEHIND, BEFORE = 320, 96


def _stops() -> Bytes:
    table = np.zeros(256, np.uint8)
    for byte in b"0123456789@":
        table[byte] = 1
    return table


STOPS = _stops()


@lean
def seek_stop(data: Bytes, at: int, end: int) -> int:
    """Where the next digit or @ is, `end` where there is none."""
    while at < end and STOPS[data[np.uint64(at)]] == 0:
        at += 1
    return at


@lean
def number_at(
    data: Bytes, floor: int, at: int, end: int, traits: Bytes, wanted: Bytes, room: Longs
) -> tuple[int, int, int]:
    """What the digits that begin here belong to: start, stop and kind; start and stop are equal where to nothing."""
    if at - 2 >= floor and 65 <= data[at - 1] <= 90:
        stop = iban_at(data, floor, at - 2, end, traits) if wanted[IBAN] else at - 2
        return (at - 2, stop, IBAN) if stop > at - 2 else (at, at, IBAN)
    if wanted[IP]:
        stop = ip_at(data, floor, at, end, traits)
        if stop > at:
            return at, stop, IP
    if wanted[CARD]:
        stop = card_at(data, floor, at, end, traits, room[0])
        if stop > at:
            return at, stop, CARD
    if wanted[PHONE]:
        start, stop = phone_at(data, floor, at, end, traits, room[1], room[2], room[3])
        if stop > start:
            return start, stop, PHONE
    return at, at, PHONE


@compiled
def search(
    found: Longs,
    count: int,
    text: int,
    data: Bytes,
    floor: int,
    at: int,
    last: int,
    end: int,
    traits: Bytes,
    names: Bytes,
    ends: Ints,
    table: Ints,
    wanted: Bytes,
    room: Longs,
) -> tuple[Longs, int, int, int]:
    """`found` and its length with what begins at the digits and @ from `at` to `last`.

    Then the new floor and how far was looked: a find takes the stretch on to where it can no longer matter.
    """
    if at > floor and is_digit(data[at - 1]):
        at = past_digits(data, at, last)
    at = seek_stop(data, at, last)
    while at < last:
        if data[at] == AT:
            start, stop, kind = at, at, EMAIL
            if wanted[EMAIL]:
                start, stop = email_around(data, floor, at, end, names, ends, table)
        else:
            start, stop, kind = number_at(data, floor, at, end, traits, wanted, room)
        if stop > start:
            found, count = with_edit(found, count, text, start, stop, kind, kind)
            floor = at = stop
            last = min(end, max(last, stop + BEFORE))
        elif data[at] == AT:
            at += 1
        else:
            at = past_digits(data, at, last)
        at = seek_stop(data, at, last)
    return found, count, floor, last


@lean
def blot(blotted: Bytes, found: Longs, first: int, count: int) -> None:
    """Put signs that belong to nothing where something was found."""
    for k in range(first, count):
        blotted[found[k, START] : found[k, STOP]] = GREATER
        blotted[found[k, START]] = LESS


@compiled
def in_order(found: Longs, first: int, count: int) -> None:
    """Order the edits of one text by where they start."""
    order = np.argsort(found[first:count, START], kind="mergesort")
    found[first:count] = found[first:count][order]


@compiled
def find_pii(
    data: Bytes,
    offsets: Longs,
    traits: Bytes,
    names: Bytes,
    ends: Ints,
    table: Ints,
    wanted: Bytes,
    longest: int,
) -> Longs:
    """The edits (m, 5) of a batch: rules and puts are kinds. `longest` = bytes of the longest text."""
    found, count, room = np.empty((64, 5), np.int64), 0, np.empty((4, 20), np.int64)
    blotted = np.empty(longest, np.uint8)
    for d in range(len(offsets) - 1):
        end = offsets[d + 1] - offsets[d]
        first = done = count
        # Searched in a copy from the start, so that the search is compiled for one kind of array alone.
        for at in range(end):
            blotted[np.uint64(at)] = data[np.uint64(offsets[d] + at)]
        found, count, _, _ = search(found, count, d, blotted, 0, 0, end, end, traits, names, ends, table, wanted, room)
        while count > done:
            blot(blotted, found, done, count)
            floor, at, new = 0, 0, count
            for k in range(done, new):
                at, last = max(at, found[k, START] - BEHIND), min(end, found[k, STOP] + BEFORE)
                if at < last:
                    found, count, floor, at = search(
                        found, count, d, blotted, floor, at, last, end, traits, names, ends, table, wanted, room
                    )
            done = new
        if count > first:
            in_order(found, first, count)
    return found[:count]
