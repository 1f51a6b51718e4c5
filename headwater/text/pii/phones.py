"""Telephone numbers.

Groups of digits with one space, dot, hyphen or slash between them (also U+00A0, U+2009, U+2011, U+2013),
and parentheses (ITU-T E.123, E.164), that have one of these forms, an extension ("x123", "ext. 123") included:

* + and 8 to 15 digits; 11 where the country is 1
* 00 or 011, with more groups: 11 to 16 digits
* 3-3-4 digits, 1 before them or not
* a first group of two to five digits that begins with 0, then groups with the same sign between all of them: 9 to 12
  digits, that do not count up as days and years do
* six to fifteen digits in any groups but those of a date, beside a word such as tel, phone, call, fax or mobile

A form with only spaces in it has no further group of digits before or behind it, as the cells of a table have.
"""

import numpy as np

from headwater.text.kernels import Bytes, Longs, lean
from headwater.text.pii.letters import (
    ALNUM,
    AT,
    DASH,
    DOT,
    PLUS,
    SLASH,
    SPACE,
    among,
    digit_here,
    is_digit,
    joint,
    past_digits,
    word_before,
    word_here,
)  # fmt: skip

MAX_GROUPS, MAX_GROUP = 8, 15
OPEN, CLOSE, NEWLINE, LESS, GREATER = 40, 41, 10, 60, 62
BEFORE, BEHIND = 20, 12
WORDS = (
    b"tel", b"phone", b"telephone", b"call", b"fax", b"telefax", b"mobile", b"cell", b"whatsapp", b"telefon",
    b"phones", b"office", b"hotline", b"handy", b"movil", b"dial",
)  # fmt: skip
SPELT = np.frombuffer(b"".join(WORDS), np.uint8)
ENDS = np.cumsum([len(word) for word in WORDS])
# What a number is not part of: an address, an amount, a share, a longer number.
BARRED = among(b"._-/=@#$%&")


@lean
def separator(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Where the next group begins and the sign before it (a parenthesis where there is one); 0 where none begins."""
    start, sign = at, 0
    if at < end and data[at] == CLOSE:
        sign = CLOSE
        at += 1
    found, width = joint(data, at, end)
    if width == 0 and at < end and (data[at] == DOT or data[at] == SLASH):
        found, width = int(data[at]), 1
    sign = sign if sign else found
    at += width
    if at < end and data[at] == OPEN and at > start:
        sign = OPEN
        at += 1
    return (at, sign) if at > start and digit_here(data, at, end) else (start, 0)


@lean
def groups_at(data: Bytes, start: int, end: int, sizes: Longs, stops: Longs, signs: Longs) -> int:
    """Fill the groups of digits from here on: digits, where each stops, the sign behind it (0 at the last)."""
    count, at = 0, start
    while count < MAX_GROUPS:
        after = past_digits(data, at, min(end, at + MAX_GROUP + 1))
        if after - at > MAX_GROUP:
            return 0
        sizes[count], stops[count] = after - at, after
        at, signs[count] = separator(data, after, end)
        count += 1
        if signs[count - 1] == 0:
            break
    return count


@lean
def loose(signs: Longs, count: int) -> bool:
    """Whether there is nothing but spaces between the groups."""
    for k in range(count - 1):
        if signs[k] != SPACE:
            return False
    return count > 1


@lean
def is_date(sizes: Longs, count: int) -> bool:
    """Whether groups are as long as those of a date, with an hour behind it or not."""
    if count < 3:
        return False
    first, last = sizes[0] == 4 and sizes[2] <= 2, sizes[0] <= 2 and sizes[2] == 4
    return bool(sizes[1] <= 2 and (first or last))


@lean
def number_of(data: Bytes, stop: int, size: int) -> int:
    """The number that the digits before `stop` are."""
    number = 0
    for at in range(stop - size, stop):
        number = 10 * number + int(data[at]) - 48
    return number


@lean
def counts_up(data: Bytes, sizes: Longs, stops: Longs, count: int) -> bool:
    """Whether each group is the one before it and one more."""
    for k in range(1, count):
        if number_of(data, stops[k], sizes[k]) != number_of(data, stops[k - 1], sizes[k - 1]) + 1:
            return False
    return True


@lean
def same_signs(signs: Longs, first: int, count: int) -> bool:
    """Whether the signs between groups, from the one behind group `first` on, are the same."""
    k = first + 1
    while k < count - 1 and signs[k] == signs[first]:
        k += 1
    return k >= count - 1


@lean
def like_ip(sizes: Longs, signs: Longs, count: int) -> bool:
    """Whether there are four groups of at most three digits with dots between, as in an IPv4 address."""
    dots = 0
    for k in range(count):
        dots += sizes[k] <= 3 and (k == 3 or signs[k] == DOT)
    return count == 4 and dots == 4


@lean
def like_thousands(sizes: Longs, signs: Longs, count: int) -> bool:
    """Whether there are dots and three digits behind the first group, as in 1.300.000."""
    dots = 0
    for k in range(1, count):
        dots += sizes[k] == 3 and signs[k - 1] == DOT
    return count > 1 and sizes[0] <= 3 and dots == count - 1


@lean
def is_span(data: Bytes, sizes: Longs, stops: Longs, count: int) -> bool:
    """Whether there are two groups as long as years with no ASCII sign between, as in 1990–2000."""
    return bool(count == 2 and sizes[0] == 4 and sizes[1] == 4 and data[stops[0]] == 0xE2)


@lean
def total_of(sizes: Longs, count: int) -> int:
    """Digits of the first groups."""
    total = 0
    for k in range(count):
        total += sizes[k]
    return total


@lean
def has_form(data: Bytes, start: int, plus: bool, sizes: Longs, stops: Longs, signs: Longs, count: int) -> bool:
    """Whether the first `count` groups are a number that needs no word beside it."""
    total = total_of(sizes, count)
    zeros = data[start] == 48 and sizes[0] > 1 and data[start + 1] == 48
    if plus:
        one = data[start] == 49 and count > 1 and sizes[0] == 1
        # 44 20 7946 0958 is as long as a day and a year, but no hour has four digits without a sign between.
        date = is_date(sizes, count) and not (count > 3 and sizes[3] > 2)
        long = 8 <= total <= 15 and data[start] != 48 and not date
        return total == 11 if one else long and not like_ip(sizes, signs, count)
    if zeros or (data[start] == 48 and sizes[0] == 3 and data[start + 1] == 49 and data[start + 2] == 49):
        return count > 1 and 11 <= total <= 16 and sizes[0] <= 5 and total != 2 * count
    k = 1 if sizes[0] == 1 and data[start] == 49 else 0
    if count == k + 3 and sizes[k] == 3 and sizes[k + 1] == 3 and sizes[k + 2] == 4:
        return bool(signs[k + 1] in (SPACE, DOT, DASH))
    if data[start] == 48 and 2 <= sizes[0] <= 5 and count > 1 and 9 <= total <= 12:
        # 012-34-5678 is a social security number, 01234 5678 more often a postcode and a house.
        short = total == 9 and (count == 2 or (count == 3 and sizes[0] == 3 and sizes[1] == 2))
        first = 0 if signs[0] == DOT or signs[0] == DASH else min(1, count - 2)
        cells = total == 3 * count and loose(signs, count)
        return not short and not cells and same_signs(signs, first, count) and not counts_up(data, sizes, stops, count)
    return False


@lean
def is_word_of(data: Bytes, start: int, stop: int) -> bool:
    """Whether a stretch is one of WORDS, in any case."""
    first = 0
    for last in ENDS:
        if last - first == stop - start:
            k = 0
            while k < stop - start and (data[start + k] | 32) == SPELT[first + k]:
                k += 1
            if k == stop - start:
                return True
        first = last
    return False


@lean
def is_letter(byte: int) -> bool:
    return 97 <= (byte | 32) <= 122


@lean
def said_in(data: Bytes, start: int, stop: int) -> bool:
    """Whether one of WORDS is in a stretch, as a whole word."""
    at = start
    while at < stop:
        first = at
        while at < stop and is_letter(data[at]):
            at += 1
        if at > first and is_word_of(data, first, at):
            return True
        at += 1
    return False


@lean
def word_beside(data: Bytes, floor: int, start: int, stop: int, end: int) -> bool:
    """Whether one of WORDS is near, in the same line, with no digit between."""
    at = start
    while at > floor and start - at < BEFORE:
        byte = data[at - 1]
        if byte in (NEWLINE, LESS, GREATER) or is_digit(byte):
            break
        at -= 1
    # The word that the window cuts is not looked at.
    while start - at >= BEFORE and at < start and is_letter(data[at]):
        at += 1
    if said_in(data, at, start):
        return True
    at = stop
    while at < end and at - stop <= 2 and (data[at] == SPACE or data[at] == DASH or data[at] == OPEN):
        at += 1
    last = at
    while last < end and last - at < BEHIND and is_letter(data[last]):
        last += 1
    return is_word_of(data, at, last) and at - stop <= 2


@lean
def past_extension(data: Bytes, at: int, end: int) -> int:
    """Past "x123", "ext. 123" or "ext 123"; `at` where there is none."""
    start = at
    if at < end and data[at] == SPACE:
        at += 1
    if at + 2 < end and (data[at] | 32) == 101 and (data[at + 1] | 32) == 120 and (data[at + 2] | 32) == 116:
        at += 3
        if at < end and data[at] == DOT:
            at += 1
        if at < end and data[at] == SPACE:
            at += 1
    elif at < end and (data[at] | 32) == 120:
        at += 1
    else:
        return start
    after = past_digits(data, at, min(end, at + 7))
    return after if at < after <= at + 6 and not (after < end and ALNUM[data[after]]) else start


@lean
def ends_here(data: Bytes, at: int, end: int, traits: Bytes) -> bool:
    """Whether what is behind a number is no part of it."""
    if at >= end:
        return True
    byte = data[at]
    if byte == AT or byte == 37 or word_here(data, at, end, traits):
        return False
    joins = byte in (DOT, DASH, SLASH, 44, 58)
    return not (joins and digit_here(data, at + 1, end))


@lean
def phone_at(
    data: Bytes,
    floor: int,
    first: int,
    end: int,
    traits: Bytes,
    sizes: Longs,
    stops: Longs,
    signs: Longs,
) -> tuple[int, int]:
    """The telephone number whose first digit is here: start and stop, equal if there is none."""
    start = first
    if start > floor and data[start - 1] == OPEN:
        start -= 1
    plus = start > floor and data[start - 1] == PLUS
    start -= plus
    count = groups_at(data, first, end, sizes, stops, signs)
    if count == 0 or (count == 1 and sizes[0] < 6) or word_before(data, floor, start, traits):
        return first, first
    barred = start > floor and BARRED[data[start - 1]]
    if barred or (start - 1 > floor and data[start - 1] == 44 and is_digit(data[start - 2])):
        return first, first
    beside = start - 1 > floor and data[start - 1] == SPACE and is_digit(data[start - 2])
    for k in range(count, 0, -1):
        if k < count and signs[k - 1] != SPACE:
            continue
        crowded = loose(signs, k) and (beside or signs[k - 1] == SPACE)
        good = has_form(data, first, plus, sizes, stops, signs, k) and (plus or not crowded)
        if not good and k == count and not is_date(sizes, k) and not like_thousands(sizes, signs, k):
            good = 6 <= total_of(sizes, k) <= 15 and not is_span(data, sizes, stops, k)
            good = good and word_beside(data, floor, start, stops[k - 1], end)
        if not good:
            continue
        stop = past_extension(data, stops[k - 1], end)
        if stop > stops[k - 1] or ends_here(data, stop, end, traits):
            return start, stop
    return first, first
