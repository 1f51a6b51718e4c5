"""The compiled loops behind refinedweb_phrases.

Few lines have a phrase. Those that may are looked at character by character, with a mark on each byte that goes; a
character that is gone is passed over when the line is looked at again.
"""

import numpy as np

from headwater.text.cases import WHITE
from headwater.text.kernels import Bytes, Ints, Longs, compiled, lean
from headwater.text.lines import KEPT, before, lines_in, point, split_lines, words_up_to
from headwater.text.splicing import with_edit

CART, READ_MORE, SIGN_IN, BLANK = range(4)
STAYS = 255
CART_SPELT = np.frombuffer(b"items in cart", np.uint8)
READ_SPELT = np.frombuffer(b"read more", np.uint8)
SIGN_SPELT = np.frombuffer(b"sign-in", np.uint8)


@lean
def folded(found: int) -> int:
    """A code point as re.IGNORECASE compares it with a small ASCII letter."""
    if found < 0x80:
        return found + 32 if 65 <= found <= 90 else found
    if found == 0x130 or found == 0x131:
        return 105
    return 115 if found == 0x17F else 107 if found == 0x212A else found


@lean
def unmarked(data: Bytes, start: int, stop: int, begin: int, marks: Bytes, places: Ints, points: Ints) -> int:
    """The characters of a line that are not gone: where each is from `begin`, and its folded code point."""
    count, at = 0, start
    while at < stop:
        found, width = point(data, at, stop)
        if marks[at - begin] == STAYS:
            places[count], points[count] = at - begin, folded(found)
            count += 1
        at += width
    return count


@lean
def ends_with(points: Ints, end: int, spelt: Bytes) -> bool:
    """Whether the characters before `end` spell this."""
    first, k = end - len(spelt), 0
    while first >= 0 and k < len(spelt) and points[first + k] == spelt[k]:
        k += 1
    return bool(k == len(spelt))


@lean
def is_white(found: int, traits: Bytes) -> bool:
    """Whether a code point is white space."""
    return bool(traits[found] & WHITE)


@lean
def mark(data: Bytes, begin: int, places: Ints, first: int, last: int, marks: Bytes, rule: int, end: int) -> None:
    """The characters `first` to `last` of a line are gone by a rule."""
    for k in range(first, last):
        at = places[k]
        marks[at] = rule
        at += 1
        while begin + at < end and (data[begin + at] & 0xC0) == 0x80:
            marks[at] = rule
            at += 1


@lean
def without_cart(
    data: Bytes, begin: int, end: int, count: int, places: Ints, points: Ints, marks: Bytes, traits: Bytes
) -> int:
    """Remove each "items in cart" and the white space before it; returns how many characters are left, in order."""
    left = 0
    for k in range(count):
        places[left], points[left] = places[k], points[k]
        left += 1
        if ends_with(points, left, CART_SPELT):
            first = left - len(CART_SPELT)
            if first and is_white(points[first - 1], traits):
                first -= 1
            mark(data, begin, places, first, left, marks, CART, end)
            left = first
    return left


@lean
def without_read_more(
    data: Bytes, begin: int, end: int, count: int, places: Ints, points: Ints, marks: Bytes, traits: Bytes
) -> int:
    """Remove "read more" and three characters from the end, as long as they are there; returns how many are left."""
    while count >= 3 and ends_with(points, count - 3, READ_SPELT):
        first = count - 3 - len(READ_SPELT)
        if first and is_white(points[first - 1], traits):
            first -= 1
        mark(data, begin, places, first, count, marks, READ_MORE, end)
        count = first
    return count


@lean
def without_sign_in(
    data: Bytes, begin: int, end: int, count: int, places: Ints, points: Ints, marks: Bytes, traits: Bytes
) -> int:
    """Remove "sign-in" from the beginning, as long as it is there; returns the first character that is left."""
    first, length = 0, len(SIGN_SPELT)
    while count - first >= length and ends_with(points[first : first + length], length, SIGN_SPELT):
        last = first + length
        if last < count and is_white(points[last], traits):
            last += 1
        mark(data, begin, places, first, last, marks, SIGN_IN, end)
        first = last
    return first


@lean
def all_white(points: Ints, first: int, last: int, traits: Bytes) -> bool:
    """Whether there is nothing but white space, or nothing."""
    while first < last and is_white(points[first], traits):
        first += 1
    return first == last


@lean
def clean(
    data: Bytes,
    begin: int,
    start: int,
    stop: int,
    traits: Bytes,
    max_words: int,
    cart: bool,
    read_more: bool,
    sign_in: bool,
    marks: Bytes,
    places: Ints,
    points: Ints,
) -> int:
    """Mark what goes of a line that is not empty; returns the rule by which all of it goes, KEPT where some is left."""
    count = unmarked(data, start, stop, begin, marks, places, points)
    if all_white(points, 0, count, traits):
        return BLANK
    words, inside = 0, False
    for k in range(count):
        white = is_white(points[k], traits)
        words += not white and not inside
        inside = not white
        if words > max_words:
            return KEPT
    if cart:
        count = without_cart(data, begin, stop, count, places, points, marks, traits)
        if all_white(points, 0, count, traits):
            return CART
    if read_more:
        count = without_read_more(data, begin, stop, count, places, points, marks, traits)
        if all_white(points, 0, count, traits):
            return READ_MORE
    if sign_in:
        first = without_sign_in(data, begin, stop, count, places, points, marks, traits)
        if all_white(points, first, count, traits):
            return SIGN_IN
    return KEPT


@lean
def seek_c(data: Bytes, at: int, end: int) -> int:
    """Where the next letter c is, `end` where there is none."""
    while at < end and (data[np.uint64(at)] | 32) != 99:
        at += 1
    return at


@lean
def has_cart(data: Bytes, at: int, end: int) -> bool:
    """Whether the word cart is anywhere."""
    at = seek_c(data, at, end)
    while at + 4 <= end:
        if (data[at + 1] | 32) == 97 and (data[at + 2] | 32) == 114 and (data[at + 3] | 32) == 116:
            return True
        at = seek_c(data, at + 1, end)
    return False


@lean
def may_change(data: Bytes, start: int, stop: int, traits: Bytes, cart: bool, read_more: bool, sign_in: bool) -> bool:
    """Whether `clean` could find something in a line that is not empty; looks at its ends, and all of it for `cart`."""
    found, _ = point(data, start, stop)
    if is_white(found, traits) and words_up_to(data, start, stop, traits, 1) == 0:
        return True
    if sign_in and folded(found) == 115:
        return True
    at, chars = stop, 0
    while read_more and chars < 4 and at > start:
        at = before(data, start, at)
        chars += 1
    if chars == 4 and (data[at] | 32) == 101:
        return True
    return cart and has_cart(data, start, stop)


@lean
def strip_start(data: Bytes, begin: int, start: int, stop: int, traits: Bytes, marks: Bytes) -> bool:
    """Mark the white space at the start of what is left of a line; whether there was some."""
    at, some = start, False
    while at < stop:
        found, width = point(data, at, stop)
        if marks[at - begin] == STAYS:
            if not is_white(found, traits):
                break
            marks[at - begin : at - begin + width] = BLANK
            some = True
        at += width
    return some


@lean
def strip_stop(data: Bytes, begin: int, start: int, stop: int, traits: Bytes, marks: Bytes) -> bool:
    """The same at the end."""
    some = False
    while stop > start:
        at = before(data, start, stop)
        if marks[at - begin] == STAYS:
            if not is_white(point(data, at, stop)[0], traits):
                break
            marks[at - begin : stop - begin] = BLANK
            some = True
        stop = at
    return some


@compiled
def add_marked(
    found: Longs, count: int, text: int, lines: int, starts: Ints, stops: Ints, why: Ints, marks: Bytes
) -> tuple[Longs, int]:
    """`found` and its length with an edit for each line that goes and for each marked stretch of the others."""
    last = lines - 1
    while last >= 0 and why[last] != KEPT:
        last -= 1
    for k in range(lines):
        if why[k] != KEPT:
            start = starts[k] - (k > 0) if k > last else starts[k]
            stop = stops[k] if k > last else stops[k] + 1
            if start < stop:
                found, count = with_edit(found, count, text, start, stop, why[k], -1)
            continue
        at = starts[k]
        while at < stops[k]:
            start, rule = at, marks[at]
            while at < stops[k] and marks[at] == rule:
                at += 1
            if rule != STAYS:
                found, count = with_edit(found, count, text, start, at, rule, -1)
    return found, count


@compiled
def find_phrases(
    data: Bytes,
    offsets: Longs,
    traits: Bytes,
    longest: int,
    max_words: int,
    cart: bool,
    read_more: bool,
    sign_in: bool,
) -> Longs:
    """The edits (m, 5) of a batch. `longest` = bytes of the longest text."""
    room = lines_in(data, offsets)
    starts, stops, why = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    marks, places, points = np.empty(longest, np.uint8), np.empty(longest, np.int32), np.empty(longest, np.int32)
    found, count = np.empty((64, 5), np.int64), 0
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        if begin == end:
            continue
        lines = split_lines(data, begin, end, starts, stops)
        any_cart = cart and has_cart(data, begin, end)
        touched = is_white(point(data, begin, end)[0], traits)
        touched |= is_white(point(data, before(data, begin, end), end)[0], traits)
        for k in range(lines):
            why[k] = KEPT
            start, stop = begin + starts[k], begin + stops[k]
            if start < stop and may_change(data, start, stop, traits, any_cart, read_more, sign_in):
                touched, why[k] = True, BLANK
        if not touched:
            continue
        marks[: end - begin] = STAYS
        for k in range(lines):
            if why[k] != KEPT:
                why[k] = clean(
                    data, begin, begin + starts[k], begin + stops[k], traits, max_words, cart, read_more, sign_in,
                    marks, places, points,
                )  # fmt: skip
        for forwards in (True, False):
            k = 0 if forwards else lines - 1
            while 0 <= k < lines:
                start, stop = begin + starts[k], begin + stops[k]
                if why[k] == KEPT and start == stop:
                    why[k] = BLANK
                if why[k] != KEPT:
                    k += 1 if forwards else -1
                    continue
                if forwards and not strip_start(data, begin, start, stop, traits, marks):
                    break
                if not forwards and not strip_stop(data, begin, start, stop, traits, marks):
                    break
                why[k] = clean(
                    data, begin, start, stop, traits, max_words, cart, read_more, sign_in, marks, places, points
                )
        found, count = add_marked(found, count, d, lines, starts, stops, why, marks)
    return found[:count]
