"""The compiled loops that follow the n-grams of one text, words as numbers: which repeat, from 2 to 10 words.

As in headwater/text/kernels.py: exact, linear in time and memory, unsigned indexes where it is hot.
"""

import numpy as np

from headwater.text._chunk_kernels import load8, same_bytes
from headwater.text.kernels import HALF, PRIME, Bytes, Hashes, Ints, lean, slot, slots_for

FIRST_N, LAST_TOP, LAST_N = 2, 4, 10
# The first so many bytes of glued n-grams are compared before anything else is.
WINDOW = 16
# Powers of a base that are at hand.
POWERS = 1024
SMALLEST_MARKS, LARGEST_MARKS = 64, 1 << 20
SECOND_PRIME = np.uint64(0xC2B2AE3D27D4EB4F)
BITS, ONE = np.uint64(64), np.uint64(1)


@lean
def shift_for(count: int) -> np.uint64:
    """How far to shift a hash to the right for a place among marks, of which there are several for each word."""
    size, bits = SMALLEST_MARKS, 6
    while size < 4 * count and size < LARGEST_MARKS:
        size *= 2
        bits += 1
    return BITS - np.uint64(bits)


@lean
def maybe_repeated(words: Ints, seed: np.uint64, marks: Bytes, active: Ints) -> int:
    """Fill `active` with the places of all pairs of words that come more than once, and some others; how many."""
    shift = shift_for(len(words))
    marks[: ONE << (BITS - shift)] = 0
    for k in range(len(words) - 1):
        i = np.uint64(k)
        key = np.uint64(words[i]) << HALF | np.uint64(words[i + ONE])
        place = (key ^ seed) * PRIME >> shift
        mark = marks[place]
        marks[place] = mark + (mark < 2)
    found = 0
    for k in range(len(words) - 1):
        i = np.uint64(k)
        key = np.uint64(words[i]) << HALF | np.uint64(words[i + ONE])
        active[np.uint64(found)] = k
        found += marks[(key ^ seed) * PRIME >> shift] > 1
    return found


@lean
def repeating(same_as: Ints, active: Ints, candidates: int, counts: Ints) -> int:
    """Keep the active places whose n-gram comes more than once; the others are -1 in `same_as`."""
    found = 0
    for k in range(candidates):
        place = active[np.uint64(k)]
        first = same_as[np.uint64(place)]
        again = counts[np.uint64(first)] > 1
        same_as[np.uint64(place)] = first if again else -1
        active[np.uint64(found)] = place
        found += again
    return found


@lean
def pairs(
    words: Ints, seed: np.uint64, same_as: Ints, active: Ints, found: int, keys: Hashes, counts: Ints, slots: Ints
) -> int:
    """Fill `same_as` for the pairs of words at the active places; returns how many of these repeat.

    `same_as` is the first place of the same n-gram, -1 where it comes only once.
    """
    size = slots_for(found)
    slots[:size] = -1
    for k in range(found):
        place = np.uint64(active[np.uint64(k)])
        key = np.uint64(words[place]) << HALF | np.uint64(words[place + ONE])
        at = slot(key ^ seed, size)
        while slots[at] >= 0 and keys[np.uint64(slots[at])] != key:
            at = (at + ONE) & np.uint64(size - 1)
        if slots[at] < 0:
            slots[at], keys[place], counts[place] = place, key, 0
        same_as[place] = slots[at]
        counts[np.uint64(slots[at])] += 1
    return repeating(same_as, active, found, counts)


@lean
def longer(seed: np.uint64, same_as: Ints, active: Ints, found: int, keys: Hashes, counts: Ints, slots: Ints) -> int:
    """From n-grams to (n + 1)-grams in place, over the `active` places in order; returns how many of these repeat.

    An (n + 1)-gram is the pair of the n-grams at its place and the next, and can repeat only where both do. Most go on
    as their n-gram did at its first place: `keys` has how that was, so only the others are looked up by hash.
    """
    size = slots_for(found)
    candidates, looked_up = 0, False
    for k in range(found):
        place = active[np.uint64(k)]
        one, two = same_as[np.uint64(place)], same_as[np.uint64(place + 1)]
        same_as[np.uint64(place)] = -1
        if one == place:
            keys[np.uint64(place)], counts[np.uint64(place)] = np.uint64(one) << HALF | np.uint64(np.uint32(two)), 0
        if one < 0 or two < 0:
            continue
        first, key = one, np.uint64(one) << HALF | np.uint64(two)
        if keys[np.uint64(one)] != key:
            if not looked_up:
                slots[:size] = -1
                looked_up = True
            at = slot(key ^ seed, size)
            while slots[at] >= 0 and keys[np.uint64(slots[at])] != key:
                at = (at + ONE) & np.uint64(size - 1)
            if slots[at] < 0:
                slots[at], keys[np.uint64(place)], counts[np.uint64(place)] = place, key, 0
            first = slots[at]
        same_as[np.uint64(place)] = first
        counts[np.uint64(first)] += 1
        active[np.uint64(candidates)] = place
        candidates += 1
    return repeating(same_as, active, candidates, counts)


@lean
def top_n_gram(
    n: int, longest: bool, same_as: Ints, active: Ints, found: int, counts: Ints, ends: Ints
) -> tuple[int, int]:
    """Characters and count of the most frequent n-gram; of equals the first, or the longest one."""
    most, chars = 1, ends[n] - ends[0]
    for k in range(found):
        place = active[k]
        count = counts[same_as[place]]
        if count >= most and count > 1:
            length = ends[place + n] - ends[place]
            if count > most or (longest and length > chars):
                most, chars = count, length
    return chars, most


@lean
def covered(n: int, active: Ints, found: int, ends: Ints) -> int:
    """Characters of all words that are in a repeated n-gram."""
    chars = free = 0
    for k in range(found):
        place = active[k]
        chars += ends[place + n] - ends[max(place, free)]
        free = place + n
    return chars


@lean
def summed(n: int, active: Ints, found: int, ends: Ints) -> int:
    """Characters of all repeated n-grams, added up."""
    chars = 0
    for k in range(found):
        chars += ends[active[k] + n] - ends[active[k]]
    return chars


@lean
def all_summed(n: int, ends: Ints) -> int:
    """Characters of all n-grams, added up."""
    chars = 0
    for place in range(len(ends) - n):
        chars += ends[place + n] - ends[place]
    return chars


@lean
def fill_powers(base: np.uint64, powers: Hashes) -> None:
    """Fill `powers` with those of an odd number, which the hash of glued words is made of."""
    powers[0] = 1
    for k in range(1, len(powers)):
        powers[k] = powers[k - 1] * base


@lean
def power(count: int, powers: Hashes) -> np.uint64:
    """The base to the power of `count`."""
    value = powers[count & POWERS - 1]
    for _ in range(count // POWERS):
        value *= powers[POWERS]
    return np.uint64(value)


@lean
def glue_hashes(words: Ints, places: Ints, word_hashes: Hashes, powers: Hashes, hashes: Hashes) -> None:
    """Fill the hash of all words of a text up to each of them."""
    value = hashes[0] = np.uint64(0)
    for k in range(len(words)):
        i = np.uint64(k)
        value = value * power(places[i + ONE] - places[i], powers) + word_hashes[np.uint64(words[i])]
        hashes[i + ONE] = value


@lean
def glued_candidates(glued: Bytes, places: Ints, seed: np.uint64, marks: Bytes, active: Ints, marked: Bytes) -> int:
    """Fill `active` with the words from which on a glued n-gram may repeat, n from 5 on; returns how many.

    `places` is where each word begins in `glued`, and where the last one ends. `marked` are those whose first bytes may
    repeat; n-grams of other words may do so only where they are shorter than that.
    """
    count = len(places) - 1
    shift = shift_for(count)
    marks[: ONE << (BITS - shift)] = 0
    for k in range(count - LAST_TOP):
        at = places[np.uint64(k)]
        key = (load8(glued, at) ^ seed) * PRIME ^ load8(glued, at + 8) * SECOND_PRIME
        place = (key ^ key >> HALF) * PRIME >> shift
        mark = marks[place]
        marks[place] = mark + (mark < 2)
    found = 0
    for k in range(count - LAST_TOP):
        at = places[np.uint64(k)]
        key = (load8(glued, at) ^ seed) * PRIME ^ load8(glued, at + 8) * SECOND_PRIME
        short = places[np.uint64(k + LAST_TOP + 1)] - at < WINDOW
        again = marks[(key ^ key >> HALF) * PRIME >> shift] > 1
        active[np.uint64(found)], marked[np.uint64(found)] = k, again
        found += short | again
    return found


@lean
def glued_copies(
    n: int,
    glued: Bytes,
    places: Ints,
    ends: Ints,
    hashes: Hashes,
    powers: Hashes,
    active: Ints,
    marked: Bytes,
    found: int,
    keys: Hashes,
    slots: Ints,
) -> int:
    """Characters of repeated n-grams, read in order: a repeat counts and is jumped over, a first use is noted.

    Two are the same when their words glued together are.
    """
    copied = free = 0
    count, size = len(places) - 1, slots_for(found)
    slots[:size] = -1
    for k in range(found):
        place = active[np.uint64(k)]
        if place < free or place + n > count:
            continue
        i, j = np.uint64(place), np.uint64(place + n)
        length = places[j] - places[i]
        if not marked[np.uint64(k)] and length >= WINDOW:
            continue
        key = hashes[j] - hashes[i] * power(length, powers)
        at = slot(key, size)
        while slots[at] >= 0:
            other = np.uint64(slots[at])
            if (
                keys[other] == key
                and places[other + np.uint64(n)] - places[other] == length
                and same_bytes(glued, places[other], places[i], length)
            ):
                break
            at = (at + ONE) & np.uint64(size - 1)
        if slots[at] < 0:
            slots[at], keys[i] = place, key
        else:
            copied += ends[j] - ends[i]
            free = place + n
    return copied
