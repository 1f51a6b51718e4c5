"""The compiled loops behind words: split a text once, count its words, then follow its n-grams from 2 to 10.

As in headwater/text/kernels.py: exact, linear in time and memory, unsigned indexes where it is hot.
"""

from functools import cache
from itertools import product

import numpy as np

from headwater.text.kernels import (
    BASE,
    DOT,
    HALF,
    PACKED_BYTES,
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
    slot,
    slots_for,
    split,
)  # fmt: skip
from headwater.text.unicode import LETTER, NUMBER, SPACE

HASH = 35
FIRST_N, LAST_TOP, LAST_N = 2, 4, 10
SPELLING_SLOTS = 1024


@cache
def spellings(words: tuple[str, ...]) -> tuple[Hashes, Ints]:
    """A hash table of ASCII words of up to 8 letters in any mix of cases: the hashes that `split` gives them, and the
    number of the word from 1, negative where the spelling is not in lower case.
    """
    keys, numbers = np.zeros(SPELLING_SLOTS, np.uint64), np.zeros(SPELLING_SLOTS, np.int32)
    for number, word in enumerate(words, 1):
        for letters in product(*((letter, letter.upper()) for letter in word)):
            value = 0
            for letter in letters:
                value = value * int(BASE) + ord(letter)
            at = slot(np.uint64(value), SPELLING_SLOTS)
            while numbers[at]:
                at = (at + np.uint64(1)) % np.uint64(SPELLING_SLOTS)
            keys[at], numbers[at] = value, number if "".join(letters) == word else -number
    return keys, numbers


@compiled
def spelling(value: np.uint64, keys: Hashes, numbers: Ints) -> int:
    """What `spellings` says of the word with this hash, 0 if it has none."""
    at = slot(value, SPELLING_SLOTS)
    while numbers[at] and keys[at] != value:
        at = (at + np.uint64(1)) % np.uint64(SPELLING_SLOTS)
    return int(numbers[at])


@compiled
def is_alone(data: Bytes, start: int, stop: int, begin: int, end: int, kinds: Bytes) -> bool:
    """Whether white space or an end of the text is on both sides."""
    if stop < end and look(data, stop, end, kinds)[0] != SPACE:
        return False
    before = start - 1
    while before > begin and (data[before] & 0xC0) == 0x80:
        before -= 1
    return before < begin or look(data, before, end, kinds)[0] == SPACE


@compiled
def ellipses_in(data: Bytes, start: int, stop: int) -> int:
    """Ellipses in a symbol word, which is one character repeated, and its marks."""
    at = start
    while at < stop and data[at] == DOT:
        at += 1
    dots = at - start
    while is_mark(data, at, stop, 0xA6):
        at += 3
    return dots // 3 + (at - start - dots) // 3


@compiled
def hash_signs_in(data: Bytes, start: int, stop: int) -> int:
    """Hash signs in a symbol word, which is one character repeated, and its marks."""
    at = start
    while at < stop and data[at] == HASH:
        at += 1
    return at - start


@compiled
def longer(same_as: Ints, active: Ints, found: int, keys: Hashes, counts: Ints, slots: Ints) -> int:
    """From n-grams to (n + 1)-grams in place, over the `active` places in order; returns how many of these repeat.

    `same_as` is the first place of the same n-gram, -1 where it comes only once. An (n + 1)-gram is the pair of the
    n-grams at its place and the next, and can repeat only where both do.
    """
    size = slots_for(found)
    slots[:size] = -1
    candidates = repeating = 0
    for k in range(found):
        place = active[k]
        one, two = same_as[np.uint64(place)], same_as[np.uint64(place + 1)]
        same_as[np.uint64(place)] = -1
        if one < 0 or two < 0:
            continue
        key = np.uint64(one) << HALF | np.uint64(two)
        at = slot(key, size)
        while slots[at] >= 0 and keys[np.uint64(slots[at])] != key:
            at = (at + np.uint64(1)) & np.uint64(size - 1)
        if slots[at] < 0:
            slots[at], keys[np.uint64(place)], counts[np.uint64(place)] = place, key, 0
        same_as[np.uint64(place)] = slots[at]
        counts[np.uint64(slots[at])] += 1
        active[candidates] = place
        candidates += 1
    for k in range(candidates):
        place = active[k]
        first = same_as[np.uint64(place)]
        again = counts[np.uint64(first)] > 1
        same_as[np.uint64(place)] = first if again else -1
        active[repeating] = place
        repeating += again
    return repeating


@compiled
def chars_at(chars: Ints, place: int, n: int) -> int:
    """Characters of the n words at a place."""
    length = 0
    for k in range(n):
        length += chars[place + k]
    return length


@compiled
def top_chars(n: int, same_as: Ints, active: Ints, found: int, counts: Ints, chars: Ints) -> int:
    """Characters of the most frequent n-gram, words joined by spaces, times its count; of equals the first."""
    top, most = 0, 1
    for k in range(found):
        place = active[k]
        if counts[same_as[place]] > most:
            top, most = place, counts[same_as[place]]
    return (chars_at(chars, top, n) + n - 1) * most


@compiled
def copied_chars(n: int, same_as: Ints, active: Ints, found: int, counts: Ints, chars: Ints) -> int:
    """Characters of repeated n-grams, read in order: a repeat counts and is jumped over, a first use is noted.

    The note is a count of 0, which nobody reads again at this n.
    """
    copied, free = 0, 0
    for k in range(found):
        place = active[k]
        if place < free:
            continue
        first = same_as[place]
        if counts[first] == 0:
            copied += chars_at(chars, place, n)
            free = place + n
        counts[first] = 0
    return copied


@compiled
def repeating_words(count: int, same_as: Ints, active: Ints, counts: Ints) -> int:
    """Fill `active` with the places of words that come more than once; the others are -1 in `same_as`."""
    found = 0
    counts[:count] = 0
    for t in range(count):
        counts[same_as[t]] += 1
    for t in range(count):
        again = counts[same_as[t]] > 1
        same_as[t] = same_as[t] if again else -1
        active[found] = t
        found += again
    same_as[count] = -1
    return found


@compiled
def count_words(
    data: Bytes,
    begin: int,
    end: int,
    kinds: Bytes,
    keys: Hashes,
    numbers: Ints,
    count: int,
    starts: Ints,
    stops: Ints,
    chars: Ints,
    found: Bytes,
    hashes: Hashes,
    out: Floats,
) -> None:
    """Fill `out`, the first columns of words.COLUMNS, from the words of one text."""
    plain = length = signs = ellipses = alphabetic = alone = seen = 0
    for t in range(count):
        start, stop = begin + starts[t], begin + stops[t]
        if found[t] < NUMBER:
            if data[np.uint64(start)] == HASH:
                signs += hash_signs_in(data, start, stop)
            else:
                ellipses += ellipses_in(data, start, stop)
            continue
        plain += 1
        length += chars[t]
        alphabetic += found[t] >= LETTER
        number = spelling(hashes[t], keys, numbers)
        if number and stop - start <= PACKED_BYTES:
            alone += is_alone(data, start, stop, begin, end, kinds)
            seen |= 1 << number if number > 0 else 0
    different = 0
    while seen:
        different += 1
        seen &= seen - 1
    out[0], out[1], out[2] = count, plain, length / max(plain, 1)
    out[3], out[4], out[5] = signs / max(count, 1), ellipses / max(count, 1), alphabetic / max(count, 1)
    out[6], out[7] = alone, different


@compiled
def follow_n_grams(
    size: int,
    count: int,
    same_as: Ints,
    active: Ints,
    keys: Hashes,
    counts: Ints,
    slots: Ints,
    chars: Ints,
    out: Floats,
) -> None:
    """Fill `out`, the last columns of words.COLUMNS, from the words of one text of `size` characters."""
    found = repeating_words(count, same_as, active, counts)
    for n in range(FIRST_N, LAST_N + 1):
        measured = 0
        if n <= count:
            found = longer(same_as, active, found, keys, counts, slots)
            if n <= LAST_TOP:
                measured = top_chars(n, same_as, active, found, counts, chars)
            else:
                measured = copied_chars(n, same_as, active, found, counts, chars)
        out[n - FIRST_N] = measured / size


@compiled
def measure_words(
    data: Bytes, offsets: Longs, kinds: Bytes, keys: Hashes, numbers: Ints, longest: int, out: Floats
) -> None:
    """Fill `out`, one row a text, one column a column of words.COLUMNS. `longest` = bytes of the longest text; `keys`
    and `numbers` = spellings of the stop words.
    """
    room = longest + 1
    starts, stops, chars = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    same_as, counts, active = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    found, hashes, slots = np.empty(room, np.uint8), np.empty(room, np.uint64), np.empty(slots_for(room), np.int32)
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        count = split(data, begin, end, kinds, starts, stops, chars, found, hashes)
        count_words(
            data, begin, end, kinds, keys, numbers, count, starts, stops, chars, found, hashes, out[d, :8]
        )  # fmt: skip
        first_alike(data, begin, count, starts, stops, hashes, slots, same_as)
        size = max(code_points(data, begin, end), 1)
        follow_n_grams(size, count, same_as, active, hashes, counts, slots, chars, out[d, 8:])
