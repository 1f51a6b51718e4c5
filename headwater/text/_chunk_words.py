"""The compiled loop that says of each chunk what its words are, in every way of counting, and what they add to a text.

Chunks that are different are looked at once, however often they come. A chunk with U+202F in it is one chunk, but
several words of str.split; each of these is cut by itself where words end at white space.
"""

import numpy as np

from headwater.text._chunk_kernels import BLOCK, ONE, Keys, grown, intern, key_of
from headwater.text._chunk_lexicon import Lexicon, alone, has_alone, lexicon
from headwater.text._chunk_traits import (
    ACTIVE,
    ALNUM,
    ALONE,
    ALPHA,
    APOSTROPHE,
    ASCII_LETTER,
    COLON,
    COMMA,
    FOLD,
    PLAIN,
    PLUS,
    SEMICOLON,
    SPECIAL,
    STOP_KINDS,
    SUMS,
    UNDERSCORE,
    mark,
    signs_in,
    stop_keys,
    stop_number,
    tokens,
    traits,
    union,
)
from headwater.text._english_tables import JOINTS, LOWER, PREFIX, SUFFIX
from headwater.text._english_tables import Table as Rules
from headwater.text.kernels import DOT, HALF, Bytes, Hashes, Ints, Longs, compiled, is_mark, lean
from headwater.text.spacy_words import english, split_english, whole
from headwater.text.uax29 import split_uax29, word_breaks


@lean
def joined(data: Bytes, at: int, rules: Rules) -> int:
    """Whether a word with rules of its own may stand across `at`."""
    pair = int(data[at - 1]) << 8 | int(data[at])
    return int(rules[JOINTS + (pair >> 5)] >> (pair & 31) & 1)


@lean
def cut_simple(data: Bytes, start: int, stop: int, rules: Rules, cuts: Ints) -> int:
    """What split_english gives of ASCII letters and the like between at most one prefix and one suffix; 0 if it is not
    so simple.
    """
    low, high, last = start, stop - 1, int(data[stop - 1])
    first = int(rules[data[start]])
    if first & PREFIX and data[start] != PLUS:
        low += 1
    if not rules[last] & ACTIVE:
        high = stop
    elif low >= high or not (rules[last] & SUFFIX or (last == DOT and rules[data[high - 1]] & LOWER)):
        return 0
    if low >= high:
        return 0
    for at in range(low, high):
        byte = data[np.uint64(at)]
        if byte >= 0x80 or rules[byte] & ACTIVE:
            return 0
    if whole(data, low, high, rules) or whole(data, start, stop, rules):
        return 0
    if low > start and (joined(data, low, rules) or whole(data, start, high, rules)):
        return 0
    if high < stop and (joined(data, high, rules) or whole(data, low, stop, rules)):
        return 0
    count = 0
    if low > start:
        cuts[0] = low
        count = 1
    cuts[count] = high
    if high < stop:
        cuts[count + 1] = stop
        return count + 2
    return count + 1


@lean
def cut_english(
    data: Bytes, start: int, stop: int, bits: int, marks: Bytes, begin: int, rules: Rules, cuts: Ints, single: Ints,
    lexicon: Lexicon,
) -> int:  # fmt: skip
    """Words of a stretch without any white space as datatrove's English tokenizer has them, but for `alone`."""
    if data[stop - 1] < 0x80 and data[start] < 0x80:
        count = cut_simple(data, start, stop, rules, cuts)
        if count:
            return count
    count = split_english(data, start, stop, rules, cuts)
    if not bits & ALONE:
        return count
    for k in range(count):
        single[k] = cuts[k]
    at, made = start, 0
    for k in range(count):
        made += alone(data, marks, begin, at, single[k], cuts[made:], lexicon)
        at = single[k]
    return made


@lean
def cut_ascii(data: Bytes, start: int, stop: int, marks: Bytes, at: int) -> tuple[int, int]:
    """The next word of UAX #29 that begins with a letter or number, in ASCII without white space: where it lies."""
    while at < stop:
        begin, kept = at, marks[at - start] & ALNUM
        if not kept and data[at] != UNDERSCORE:
            at += 1
            continue
        at += 1
        while at < stop:
            byte, bits = data[at], marks[at - start]
            if bits & ALNUM or byte == UNDERSCORE:
                at += 1
                continue
            if at + 1 >= stop:
                break
            before, after = marks[at - 1 - start], marks[at + 1 - start]
            letters = before & after & ALPHA and (byte == DOT or byte == APOSTROPHE or byte == COLON)  # noqa: SIM109
            numbers = before & after & ALNUM and not (before | after) & ALPHA
            if not (letters or (numbers and (byte == DOT or byte == APOSTROPHE or byte == COMMA or byte == SEMICOLON))):  # noqa: SIM109
                break
            at += 2
        if kept:
            return begin, at
    return stop, stop


@lean
def add(
    start: int, stop: int, chunk: int, begin: int, end: int, ids: Ints, filled: int, pending: Longs, waiting: int
) -> int:
    """Note a word: the chunk's own number if it is all of it, else it waits for one. Returns how many wait."""
    if start == begin and stop == end:
        ids[filled] = chunk
        return waiting
    ids[filled] = -1
    pending[3 * waiting], pending[3 * waiting + 1], pending[3 * waiting + 2] = start, stop, filled
    return waiting + 1


@lean
def describe_letters(
    data: Bytes, starts: Longs, stops: Longs, traits: Bytes, rules: Rules, stop_keys: Hashes, sums: Keys, done: Bytes
) -> None:
    """Fill `sums` of chunks that are one word in every way, of ASCII letters alone, and note them as `done`."""
    for k in range(len(starts)):
        start, stop = starts[k], stops[k]
        at = start
        while at < stop and traits[data[np.uint64(at)]] & ASCII_LETTER:
            at += 1
        if at < stop or whole(data, start, stop, rules):
            continue
        done[k] = 1
        chars, both = np.uint64(stop - start), ONE | ONE << HALF
        sums[k, 0], sums[k, 1], sums[k, 2], sums[k, 4] = both, chars, ONE << HALF, chars | ONE << HALF
        folded = stop_number(data, start, stop, FOLD, stop_keys)
        exact = stop_number(data, start, stop, np.uint64(0), stop_keys) if folded else 0
        sums[k, 3] = np.uint64(exact > 0) | ONE << HALF
        sums[k, 5] = ONE | np.uint64(folded > 0) << HALF
        sums[k, 6] = np.uint64(exact > 0) << HALF
        sums[k, 7] = ONE << np.uint64(exact) if exact else np.uint64(0)


@lean
def describe_english(
    data: Bytes, starts: Longs, stops: Longs, traits: Bytes, rules: Rules, stop_keys: Hashes, cuts: Ints, single: Ints,
    marks: Bytes, sums: Keys, done: Bytes, bounds: Ints, ids: Ints, pending: Longs, lexicon: Lexicon,
) -> tuple[int, int]:  # fmt: skip
    """Cut all chunks as datatrove does: how much of `ids` is filled, and how many words wait.

    Fills `bounds` with where the words of each chunk end in `ids`, and in `sums` (chunks, SUMS) what they add.
    """
    filled = waiting = 0
    for k in range(len(starts)):
        begin, end, at = starts[k], stops[k], starts[k]
        if done[k]:
            ids[filled] = k
            filled += 1
            at = end
        else:
            every, _ = mark(data, begin, end, traits, marks)
        words = plain = plain_chars = alpha = stopped = 0
        kinds = np.uint64(0)
        while at < end:
            piece = at
            at = next_gap(data, at, end, every)
            for j in range(cut_english(data, piece, at, every, marks, begin, rules, cuts, single, lexicon)):
                bits, chars = union(marks, piece - begin, cuts[j] - begin)
                words += 1
                plain += bits & PLAIN != 0
                plain_chars += chars if bits & PLAIN else 0
                alpha += bits & ALPHA != 0
                if bits & ASCII_LETTER and 2 <= chars <= 4:
                    number = stop_number(data, piece, cuts[j], np.uint64(0), stop_keys)
                    stopped += number > 0
                    kinds |= ONE << np.uint64(number)
                waiting = add(piece, cuts[j], k, begin, end, ids, filled, pending, waiting)
                filled += 1
                piece = cuts[j]
            at += 3 * (at < end)
        if not done[k]:
            sums[k, 0] = np.uint64(words) | np.uint64(plain) << HALF
            sums[k, 1] |= np.uint64(plain_chars)
            sums[k, 2] |= np.uint64(alpha) << HALF
            sums[k, 3] |= np.uint64(stopped)
            sums[k, STOP_KINDS] = kinds & ~ONE
        bounds[k] = filled
    return filled, waiting


@lean
def next_gap(data: Bytes, at: int, end: int, bits: int) -> int:
    """Where the next U+202F is in a chunk with these bits, or its end."""
    if not bits & SPECIAL:
        return end
    while at < end and not is_mark(data, at, end, 0xAF):
        at += 1
    return at


@lean
def describe_others(
    data: Bytes, starts: Longs, stops: Longs, traits: Bytes, breaks: Bytes, stop_keys: Hashes, cuts: Ints, marks: Bytes,
    sums: Keys, done: Bytes, bounds: Ints, ids: Ints, split_bounds: Ints, split_ids: Ints, pending: Longs,
    split_pending: Longs,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Cut all chunks as UAX #29 and as str.split do, as `describe_english`: what is filled and waits, for both."""
    filled = waiting = split_filled = split_waiting = 0
    for k in range(len(starts)):
        begin, end, at = starts[k], stops[k], starts[k]
        if done[k]:
            ids[filled], split_ids[split_filled] = k, k
            filled += 1
            split_filled += 1
            bounds[k], split_bounds[k] = filled, split_filled
            continue
        every, ascii_only = mark(data, begin, end, traits, marks)
        if ascii_only:
            while at < end:
                first, at = cut_ascii(data, begin, end, marks, at)
                if first < at:
                    waiting = add(first, at, k, begin, end, ids, filled, pending, waiting)
                    filled += 1
        else:
            for j in range(split_uax29(data, begin, end, breaks, cuts)):
                if marks[at - begin] & ALNUM:
                    waiting = add(at, cuts[j], k, begin, end, ids, filled, pending, waiting)
                    filled += 1
                at = cuts[j]
        sums[k, 5] = np.uint64(tokens(data, begin, end, marks, every))
        at = begin
        words = all_chars = alpha = signs = ellipses = marked = folded = exact = 0
        while at < end:
            piece = at
            at = next_gap(data, at, end, every)
            if piece < at:
                bits, chars = union(marks, piece - begin, at - begin)
                words += 1
                all_chars += chars
                alpha += bits & ALPHA != 0
                if bits & SPECIAL:
                    found = signs_in(data, piece, at)
                    signs, ellipses, marked = signs + found[0], ellipses + found[1], marked + found[2]
                if bits & ASCII_LETTER and 2 <= chars <= 4:
                    folded += stop_number(data, piece, at, FOLD, stop_keys) > 0
                    exact += stop_number(data, piece, at, np.uint64(0), stop_keys) > 0
                split_waiting = add(piece, at, k, begin, end, split_ids, split_filled, split_pending, split_waiting)
                split_filled += 1
            at += 3 * (at < end)
        sums[k, 1] |= np.uint64(signs) << HALF
        sums[k, 2] |= np.uint64(ellipses)
        sums[k, 3] |= np.uint64(words) << HALF
        sums[k, 4] = np.uint64(all_chars) | np.uint64(alpha) << HALF
        sums[k, 5] |= np.uint64(folded) << HALF
        sums[k, 6] = np.uint64(marked) | np.uint64(exact) << HALF
        bounds[k], split_bounds[k] = filled, split_filled
    return filled, waiting, split_filled, split_waiting


@compiled
def number_words(
    data: Bytes,
    pending: Longs,
    waiting: int,
    seed: np.uint64,
    ids: Ints,
    keys: Keys,
    numbers: Ints,
    starts: Longs,
    stops: Longs,
    count: int,
) -> tuple[Keys, Ints, Longs, Longs, int]:
    """Give the waiting words their numbers in `ids`; gives the table and how many there are."""
    some_starts, some_stops, some_keys = (
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.int64),
        np.empty((BLOCK, 2), np.uint64),
    )
    found = np.empty(BLOCK, np.int32)
    for first in range(0, waiting, BLOCK):
        some = min(BLOCK, waiting - first)
        fill_keys(data, pending[3 * first :], some, seed, some_starts, some_stops, some_keys)
        if 2 * (count + some) > len(numbers):
            keys, numbers, starts, stops = grown(keys, numbers, starts, stops, count, some, seed)
        count = intern(
            data, seed, some_starts, some_stops, some_keys, keys, numbers, starts, stops, count, found[:some]
        )  # fmt: skip
        for k in range(some):
            ids[pending[3 * (first + k) + 2]] = found[k]
    return keys, numbers, starts, stops, count


@lean
def fill_keys(data: Bytes, pending: Longs, some: int, seed: np.uint64, starts: Longs, stops: Longs, keys: Keys) -> None:
    """The first of the waiting words as `intern` wants them."""
    for k in range(some):
        starts[k], stops[k] = pending[3 * k], pending[3 * k + 1]
        keys[k, 0], keys[k, 1] = key_of(data, starts[k], stops[k], seed)


Numbered = tuple[Keys, Ints, Longs, Longs, int]


def cut(data: Bytes, table: Numbered, seed: np.uint64) -> tuple[Keys, list[tuple[Ints, Ints]], Numbered]:
    """Cut all chunks of a table: the sums, bounds and ids of the three ways, and the table with all their words."""
    starts, stops = table[2][: table[4]], table[3][: table[4]]
    count, room, longest = len(starts), int((stops - starts).sum()), int((stops - starts).max(initial=0))
    sums, done, marks = np.zeros((count, SUMS), np.uint64), np.zeros(count, np.uint8), np.empty(longest, np.uint8)
    cuts, single, pending = np.empty(longest, np.int32), np.empty(longest, np.int32), np.empty((2, 3 * room), np.int64)
    describe_letters(data, starts, stops, traits(), english(), stop_keys(), sums, done)
    bounds, ids = np.zeros((3, count + 1), np.int32), np.empty((3, room), np.int32)
    filled, waiting = describe_english(
        data, starts, stops, traits(), english(), stop_keys(), cuts, single, marks, sums, done,
        bounds[0, 1:], ids[0], pending[0], lexicon(has_alone(data, starts, stops, traits()), longest),
    )  # fmt: skip
    ways = [(bounds[0], ids[0, :filled].copy())]
    table = number_words(data, pending[0], waiting, seed, ways[0][1], *table)
    filled, waiting, split_filled, split_waiting = describe_others(
        data, starts, stops, traits(), word_breaks(), stop_keys(), cuts, marks, sums, done,
        bounds[1, 1:], ids[1], bounds[2, 1:], ids[2], pending[0], pending[1],
    )  # fmt: skip
    ways += [(bounds[1], ids[1, :filled].copy()), (bounds[2], ids[2, :split_filled].copy())]
    table = number_words(data, pending[0], waiting, seed, ways[1][1], *table)
    table = number_words(data, pending[1], split_waiting, seed, ways[2][1], *table)
    return sums, ways, table


@lean
def lengths(
    data: Bytes, starts: Longs, stops: Longs, base: np.uint64, chars: Ints, sizes: Ints, hashes: Hashes
) -> None:
    """Fill the characters and bytes of some stretches, and the polynomials of their bytes in `base`."""
    for k in range(len(starts)):
        count, value = 0, np.uint64(0)
        for at in range(starts[k], stops[k]):
            byte = data[np.uint64(at)]
            count += (byte & 0xC0) != 0x80
            value = value * base + np.uint64(byte)
        chars[k], sizes[k], hashes[k] = count, stops[k] - starts[k], value
