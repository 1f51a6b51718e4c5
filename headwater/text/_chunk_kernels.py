"""The compiled loops that find the chunks of texts and tell them apart: one walk over the bytes, eight at a time.

A chunk is a stretch without white space, but for U+202F: UAX #29 has one word on both sides of it. Chunks get numbers
in the order in which they first come, and are the same where their bytes are, by comparison: up to 15 bytes are their
own key. Keys are hashed with a seed of the process, so that no page can be written to make them collide; no result
depends on it.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from headwater.text.kernels import DOT, HALF, PRIME, Bytes, Ints, Longs, code_points, compiled, is_mark, lean, look
from headwater.text.unicode import LETTER, NUMBER, SINGLE, SPACE

Keys = npt.NDArray[np.uint64]

SPACE_BYTE, NON_ASCII = 32, 0x80
# Eight bytes at once: each of them 0x21, each of them 0x80, and 7 to 0 to count the bytes below a set one.
PRINTED, HIGH, PLACES = np.uint64(0x2121212121212121), np.uint64(0x8080808080808080), np.uint64(0x0001020304050607)
ONE, SEVEN, EIGHT, TOP = np.uint64(1), np.uint64(7), np.uint64(8), np.uint64(56)
SECOND_PRIME = np.uint64(0xC2B2AE3D27D4EB4F)
# In the highest byte of the second half of a key: the length, up to here; longer ones have this and a hash.
LONGEST_KEY, LONG = 15, np.uint64(0xFF << 56)
SMALLEST_TABLE = 1 << 13
# Chunks that are looked at together.
BLOCK = 1 << 12
# Bytes that may be read and written behind the last one that counts.
PADDING = 32


F = TypeVar("F", bound=Callable[..., object])


def inlined(function: F) -> F:
    """As `compiled`, put in its caller's place: passing many arrays takes longer than what it does with them."""
    return cast(F, njit(cache=True, nogil=True, inline="always")(function))


class Table(NamedTuple):
    """Stretches of bytes by number: where each first lies in the data, and an open hash table to find them.

    `keys` (size, 2) and `numbers` (size) have a power of two as size; a key of zeros is empty.
    """

    keys: Keys
    numbers: Ints
    starts: Longs
    stops: Longs


@inlined
def load8(data: Bytes, at: int) -> np.uint64:
    """The eight bytes from `at`, the first one lowest: a single load in machine code."""
    i = np.uint64(at)
    return (
        np.uint64(data[i])
        | np.uint64(data[i + np.uint64(1)]) << np.uint64(8)
        | np.uint64(data[i + np.uint64(2)]) << np.uint64(16)
        | np.uint64(data[i + np.uint64(3)]) << np.uint64(24)
        | np.uint64(data[i + np.uint64(4)]) << np.uint64(32)
        | np.uint64(data[i + np.uint64(5)]) << np.uint64(40)
        | np.uint64(data[i + np.uint64(6)]) << np.uint64(48)
        | np.uint64(data[i + np.uint64(7)]) << np.uint64(56)
    )


@inlined
def store8(data: Bytes, at: int, value: np.uint64) -> None:
    """Eight bytes at `at`, the lowest first."""
    i = np.uint64(at)
    for k in range(8):
        data[i + np.uint64(k)] = np.uint8(value >> EIGHT * np.uint64(k) & np.uint64(0xFF))


@lean
def some8(data: Bytes, at: int, count: int) -> np.uint64:
    """Up to eight bytes from `at`, zeros after them."""
    if count <= 0:
        return np.uint64(0)
    if at + 8 <= len(data):
        value = load8(data, at)
        return value if count >= 8 else value & ((ONE << EIGHT * np.uint64(count)) - ONE)
    value = np.uint64(0)
    for k in range(min(count, 8)):
        value |= np.uint64(data[at + k]) << EIGHT * np.uint64(k)
    return value


@lean
def hash_bytes(data: Bytes, start: int, stop: int, seed: np.uint64) -> np.uint64:
    """A hash of a stretch of bytes."""
    value = seed
    while start < stop:
        value = (some8(data, start, stop - start) ^ value) * PRIME
        value ^= value >> HALF
        start += 8
    return value


@lean
def same_bytes(data: Bytes, one: int, other: int, length: int) -> bool:
    """Whether two stretches are equal."""
    k = 0
    while k < length:
        if some8(data, one + k, length - k) != some8(data, other + k, length - k):
            return False
        k += 8
    return True


@lean
def key_of(data: Bytes, start: int, stop: int, seed: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The key of a stretch that is not empty."""
    length = stop - start
    if length <= LONGEST_KEY:
        return some8(data, start, length), some8(data, start + 8, length - 8) | np.uint64(length) << TOP
    return hash_bytes(data, start, stop, seed), LONG | np.uint64(length)


@inlined
def place_of(low: np.uint64, high: np.uint64, seed: np.uint64) -> np.uint64:
    """Where to look first for a key."""
    value = (low ^ seed) * PRIME ^ high * SECOND_PRIME
    return (value ^ value >> HALF) * PRIME >> HALF


@compiled
def grown(
    keys: Keys, numbers: Ints, starts: Longs, stops: Longs, count: int, more: int, seed: np.uint64
) -> tuple[Keys, Ints, Longs, Longs]:
    """The parts of a larger table with the same entries, so that `more` new ones leave it half empty."""
    size = len(numbers)
    while size < 2 * (count + more):
        size *= 2
    new_keys, new_numbers = np.zeros((size, 2), np.uint64), np.empty(size, np.int32)
    mask = np.uint64(size - 1)
    for old in range(len(numbers)):
        if keys[old, 1] != 0:
            at = place_of(keys[old, 0], keys[old, 1], seed) & mask
            while new_keys[at, 1] != 0:
                at = (at + ONE) & mask
            new_keys[at, 0], new_keys[at, 1], new_numbers[at] = keys[old, 0], keys[old, 1], numbers[old]
    new_starts, new_stops = np.empty(size // 2, np.int64), np.empty(size // 2, np.int64)
    new_starts[:count], new_stops[:count] = starts[:count], stops[:count]
    return new_keys, new_numbers, new_starts, new_stops


@lean
def blank(data: Bytes, at: int, end: int, kinds: Bytes) -> int:
    """Width in bytes of the white space here that is not in a chunk, 0 if there is none."""
    byte = data[np.uint64(at)]
    if byte < NON_ASCII:
        return int(kinds[byte] == SPACE)
    if byte != 0xC2 and not 0xE1 <= byte <= 0xE3:
        return 0
    kind, width = look(data, at, end, kinds)
    return width if kind == SPACE and not is_mark(data, at, end, 0xAF) else 0


@lean
def chunk_end(data: Bytes, at: int, end: int, kinds: Bytes) -> int:
    """Where the chunk ends that begins at `at`, byte by byte."""
    while at < end:
        byte = data[np.uint64(at)]
        if byte < NON_ASCII:
            if kinds[byte] == SPACE:
                break
        elif (byte == 0xC2 or 0xE1 <= byte <= 0xE3) and blank(data, at, end, kinds):
            break
        at += 1
    return at


@inlined
def short_chunk(data: Bytes, at: int, end: int, kinds: Bytes) -> tuple[int, np.uint64, np.uint64]:
    """Length and key of a chunk of up to 15 ASCII bytes that ends at ASCII white space; length 0 if this is none.

    At least 16 bytes from `at` on must be there.
    """
    low = load8(data, at)
    hit = (low - PRINTED) & ~low & HIGH
    if hit:
        bit = (hit & (~hit + ONE)) >> SEVEN
        low &= bit - ONE
        length = int(np.int64(bit * PLACES >> TOP))
        fits = not low & HIGH and kinds[data[np.uint64(at + length)]] == SPACE
        return length if fits else 0, low, np.uint64(length) << TOP
    high = load8(data, at + 8)
    hit = (high - PRINTED) & ~high & HIGH
    bit = (hit & (~hit + ONE)) >> SEVEN
    high &= bit - ONE
    length = 8 + int(np.int64(bit * PLACES >> TOP))
    fits = hit != 0 and not (low | high) & HIGH and kinds[data[np.uint64(at + length)]] == SPACE
    return length if fits else 0, low, high | np.uint64(length) << TOP


@lean
def spaced_ellipsis(data: Bytes, dot: int, begin: int, end: int) -> bool:
    """Whether the full stop at `dot` is the middle one of ". . ."."""
    if dot - 2 < begin or dot + 2 >= end:
        return False
    spaces = data[dot - 1] == SPACE_BYTE and data[dot + 1] == SPACE_BYTE
    return bool(spaces and data[dot - 2] == DOT and data[dot + 2] == DOT)


@lean
def is_letter_or_number(data: Bytes, at: int, end: int, kinds: Bytes) -> bool:
    """Whether str.isalnum says so of the character here."""
    kind, _ = look(data, at, end, kinds)
    return kind in (LETTER, NUMBER, SINGLE)


@lean
def pour(data: Bytes, start: int, stop: int, glued: Bytes, filled: int) -> int:
    """Append a chunk to `glued` without any U+202F in it; returns how many bytes are there then."""
    while start < stop:
        if is_mark(data, start, stop, 0xAF):
            start += 3
        else:
            glued[filled] = data[start]
            filled += 1
            start += 1
    return filled


@lean
def scan(
    data: Bytes,
    begin: int,
    end: int,
    at: int,
    kinds: Bytes,
    seed: np.uint64,
    starts: Longs,
    stops: Longs,
    keys: Keys,
    glued: Bytes,
    filled: int,
) -> tuple[int, int, int]:
    """The next chunks of a text, as many as there is room for: how many, where to go on, how much `glued` holds.

    Fills where they lie, and their keys; appends them to `glued`.
    """
    count, room = 0, len(starts)
    while at < end and count < room:
        byte = data[np.uint64(at)]
        if byte <= SPACE_BYTE or byte >= NON_ASCII:
            width = blank(data, at, end, kinds)
            if width:
                at += width
                continue
        length = 0
        low = high = np.uint64(0)
        if at + 16 <= end:
            length, low, high = short_chunk(data, at, end, kinds)
        stop = at + length
        if length:
            store8(glued, filled, load8(data, at))
            store8(glued, filled + 8, load8(data, at + 8))
            filled += length
        else:
            stop = chunk_end(data, at, end, kinds)
            low, high = key_of(data, at, stop, seed)
            filled = pour(data, at, stop, glued, filled)
        i = np.uint64(count)
        starts[i], stops[i], keys[i, 0], keys[i, 1] = at, stop, low, high
        count += 1
        at = stop + (length > 0)
    return count, at, filled


@lean
def intern(
    data: Bytes,
    seed: np.uint64,
    some_starts: Longs,
    some_stops: Longs,
    some_keys: Keys,
    keys: Keys,
    numbers: Ints,
    starts: Longs,
    stops: Longs,
    count: int,
    chunks: Ints,
) -> int:
    """Fill `chunks` with the numbers of some chunks; returns how many chunks have a number then."""
    mask = np.uint64(len(numbers) - 1)
    for k in range(len(chunks)):
        i = np.uint64(k)
        low, high = some_keys[i, 0], some_keys[i, 1]
        at = place_of(low, high, seed) & mask
        number = -1
        while keys[at, 1] != 0:
            if keys[at, 0] == low and keys[at, 1] == high:
                number = numbers[at]
                if high < LONG or same_bytes(data, starts[number], some_starts[i], some_stops[i] - some_starts[i]):
                    break
                number = -1
            at = (at + ONE) & mask
        if number < 0:
            number = count
            keys[at, 0], keys[at, 1], numbers[at] = low, high, number
            starts[number], stops[number] = some_starts[i], some_stops[i]
            count += 1
        chunks[i] = number
    return count


@lean
def oddities(
    data: Bytes, begin: int, end: int, kinds: Bytes, starts: Longs, stops: Longs, free: int
) -> tuple[int, int, int]:
    """Of some chunks: how many begin with a letter or number after white space that fastText does not split at; how
    many ". . ." there are from `free` on; where the last of them ends.
    """
    loose = dots = 0
    for k in range(len(starts)):
        start = starts[k]
        if start > begin:
            before = data[start - 1]
            if before >= NON_ASCII or 14 <= before < SPACE_BYTE:
                loose += is_letter_or_number(data, start, end, kinds)
        if (
            stops[k] - start == 1
            and data[start] == DOT
            and start - 2 >= free
            and spaced_ellipsis(data, start, begin, end)
        ):
            dots += 1
            free = start + 3
    return loose, dots, free


@compiled
def gather(
    data: Bytes,
    offsets: Longs,
    kinds: Bytes,
    seed: np.uint64,
    chunks: Ints,
    bounds: Longs,
    glued: Bytes,
    glued_bounds: Longs,
    loose: Ints,
    dots: Ints,
) -> tuple[Table, int]:
    """Number the chunks of all texts; gives their table and how many there are.

    Fills `chunks` with the numbers, those of text d at bounds[d]:bounds[d + 1]; `glued` with the bytes of the texts
    without white space; `loose` and `dots` as `oddities` counts.
    """
    some_starts, some_stops, some_keys = (
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.int64),
        np.empty((BLOCK, 2), np.uint64),
    )
    keys, numbers = np.zeros((SMALLEST_TABLE, 2), np.uint64), np.empty(SMALLEST_TABLE, np.int32)
    starts, stops = np.empty(SMALLEST_TABLE // 2, np.int64), np.empty(SMALLEST_TABLE // 2, np.int64)
    count = total = filled = 0
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        at = free = begin
        while at < end:
            some, at, filled = scan(
                data, begin, end, at, kinds, seed, some_starts, some_stops, some_keys, glued, filled
            )  # fmt: skip
            if 2 * (count + some) > len(numbers):
                keys, numbers, starts, stops = grown(keys, numbers, starts, stops, count, some, seed)
            count = intern(
                data, seed, some_starts, some_stops, some_keys, keys, numbers, starts, stops, count,
                chunks[total : total + some],
            )  # fmt: skip
            found = oddities(data, begin, end, kinds, some_starts[:some], some_stops[:some], free)
            loose[d], dots[d], free = loose[d] + found[0], dots[d] + found[1], found[2]
            total += some
        bounds[d + 1], glued_bounds[d + 1] = total, filled
    return Table(keys, numbers, starts, stops), count


@lean
def text_lengths(data: Bytes, offsets: Longs, chars: Longs) -> None:
    """Fill `chars` with the characters of each text."""
    for d in range(len(offsets) - 1):
        chars[d] = code_points(data, offsets[d], offsets[d + 1])
