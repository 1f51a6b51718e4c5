"""Compiled loops for repeated spans of words: words and their names, repeated windows, seeds.

numba's cache does not notice a change in headwater/text/uax29.py or _bloom_kernels.py: save this file too.
"""

import numpy as np
import numpy.typing as npt

from headwater.dedupers._bloom_kernels import RADIX, blank, mix, word_hash
from headwater.text.kernels import Bytes, Hashes, Ints, Longs, compiled, same, slot, slots_for
from headwater.text.uax29 import split_uax29

Flags = npt.NDArray[np.bool_]
FREE = -1


@compiled
def split(
    data: Bytes, offsets: Longs, breaks: Bytes, white: Bytes, start: Longs, stop: Longs, hashes: Hashes, places: Longs
) -> None:
    """Fill place in `data` and hash of each word of all texts (room: a number a byte), and where each text's end."""
    longest = 0
    for t in range(len(offsets) - 1):
        longest = max(longest, offsets[t + 1] - offsets[t])
    cuts, count = np.empty(longest, np.int32), 0
    for t in range(len(offsets) - 1):
        text = data[offsets[t] : offsets[t + 1]]
        first = 0
        for w in range(split_uax29(text, 0, len(text), breaks, cuts)):
            if not blank(text, first, cuts[w], white):
                start[count], stop[count] = offsets[t] + first, offsets[t] + cuts[w]
                hashes[count] = word_hash(text, first, cuts[w])
                count += 1
            first = cuts[w]
        places[t + 1] = count


@compiled
def name(data: Bytes, start: Longs, stop: Longs, hashes: Hashes, out: Ints) -> int:
    """Number words by their first appearance, equal numbers for equal bytes; how many there are."""
    size, count = slots_for(len(start)), 0
    slots = np.full(size, FREE, np.int64)
    for i in range(len(start)):
        at = slot(hashes[i], size)
        while slots[at] != FREE:
            other, length = slots[at], stop[i] - start[i]
            alike = hashes[other] == hashes[i] and stop[other] - start[other] == length
            if alike and same(data, start[other], start[i], length):
                break
            at = (at + np.uint64(1)) & np.uint64(size - 1)
        if slots[at] == FREE:
            slots[at] = i
            out[i] = count
            count += 1
        else:
            out[i] = out[slots[at]]
    return count


@compiled
def room_behind(places: Longs, out: Ints) -> None:
    """For each word, how many words its text has from it on."""
    for t in range(len(places) - 1):
        for i in range(places[t], places[t + 1]):
            out[i] = places[t + 1] - i


@compiled
def later(order: Ints, agree: Ints, room: Ints, length: int, again: Flags) -> None:
    """Flag each window of `length` words within a text that begins at an earlier word as well."""
    begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and agree[end] >= length:
            end += 1
        first = len(order)
        for i in range(begin, end):
            if room[order[i]] >= length:
                first = min(first, order[i])
        for i in range(begin, end):
            again[order[i]] = room[order[i]] >= length and order[i] != first
        begin = end


@compiled
def cover(again: Flags, length: int, gone: Flags) -> None:
    """Flag the words of all flagged windows."""
    until = 0
    for i in range(len(again)):
        if again[i]:
            until = i + length
        gone[i] = i < until


@compiled
def seeds(hashes: Hashes, places: Longs, length: int, words: int, again: Flags, seed: Hashes, text: Longs) -> int:
    """Fill the least hash of `words` words in each window of `length` that is not flagged, and the window's text.

    Neighbouring windows mostly share their least: it is given once for as long as it stays. Returns how many.
    """
    count = 0
    for t in range(len(places) - 1):
        first, end = places[t], places[t + 1]
        if end - first < length:
            continue
        grams = end - first - words + 1
        values, queue = np.empty(grams, np.uint64), np.empty(grams, np.int64)
        weight, rolling = np.uint64(1), np.uint64(0)
        for i in range(words - 1):
            weight *= RADIX
            rolling = rolling * RADIX + hashes[first + i]
        for i in range(grams):
            rolling = rolling * RADIX + hashes[first + i + words - 1]
            values[i] = mix(rolling)
            rolling -= hashes[first + i] * weight
        head, tail, given = 0, 0, -1  # the queue holds places of ascending values
        for i in range(grams):
            while tail > head and values[queue[tail - 1]] > values[i]:
                tail -= 1
            queue[tail] = i
            tail += 1
            window = i - (length - words)
            if window < 0:
                continue
            while queue[head] < window:
                head += 1
            if not again[first + window] and queue[head] != given:
                given = queue[head]
                seed[count], text[count] = values[given], t
                count += 1
    return count
