"""Kernels from UTF-8 bytes to word shingles, MinHash band keys and true Jaccard similarity.

A text is first folded (`fold.py`): ASCII stays a byte, any other code point becomes three bytes of seven bits with the
high bit set, and a zero byte ends a word. A word's hash takes eight of its bytes at a time (the last eight padded with
zeros); a shingle is a polynomial over its words' hashes, rolled from one shingle to the next and finished with
MurmurHash3's 64-bit mixer; a permutation is a * x + b modulo 2^32 over its low half (a odd), as "affine32" of
datasketch 2. All that numba compiles together is in this file on purpose: its cache watches the file of the outermost
function only. Places in hot loops are unsigned, which spares numba's test for negative indices (1.5 times the speed).
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
F = TypeVar("F", bound=Callable[..., object])

# As in fold.py; repeated here because compiled code must change when they do.
SPACE, DROP, ZERO, ALONE = np.uint32(0), np.uint32(0xFFFF_FFFF), np.uint32(ord("0")), np.uint32(1 << 31)
IDEOGRAPH, TABLE_SIZE, IDEOGRAPHS_END, INVISIBLE, INVISIBLE_END = 0x2_0000, 0x3_0000, 0x4_0000, 0xE_0000, 0xE_1000

BASIS, RADIX = np.uint64(0xCBF2_9CE4_8422_2325), np.uint64(0x9E37_79B9_7F4A_7C15)  # FNV-1a's; 2^64 / golden ratio
MIX_1, MIX_2, MIX_SHIFT = np.uint64(0xFF51_AFD7_ED55_8CCD), np.uint64(0xC4CE_B9FE_1A85_EC53), np.uint64(33)
FIRST_BITS, LAST_BITS = np.uint64(0x0101_0101_0101_0101), np.uint64(0x8080_8080_8080_8080)
NONE, ONE, TWO, THREE, FOUR = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
SEVEN, EIGHT, HALF, TOP, BYTE = np.uint64(7), np.uint64(8), np.uint64(32), np.uint64(56), np.uint64(0xFF)
SEVEN_BITS, HIGH_BIT = np.uint32(0x7F), np.uint32(0x80)
LARGEST = np.uint32(0xFFFF_FFFF)


def kernel(function: F) -> F:
    """Compiled on first use, kept on disk, and run without the interpreter's lock."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


def utf8(texts: pa.Array) -> tuple[Bytes, I64, Flags]:
    """The bytes of all texts, the n + 1 places where texts begin and end, and which texts are there (not null)."""
    if not pa.types.is_string(texts.type) and not pa.types.is_large_string(texts.type):
        texts = texts.cast(pa.large_string())
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    _, places, data = texts.buffers()
    count = len(texts)
    offsets = np.zeros(count + 1, dtype=np.int64)
    if places is not None and count:
        offsets[:] = np.frombuffer(places, dtype=width)[texts.offset : texts.offset + count + 1]
    content = np.zeros(0, dtype=np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    content.flags.writeable = False  # one type for numba, whoever made the buffer
    return content, offsets, texts.is_valid().to_numpy(zero_copy_only=False)


@kernel
def mix(value: np.uint64) -> np.uint64:
    """MurmurHash3's 64-bit finaliser: a bijection whose every output bit depends on every input bit."""
    value ^= value >> MIX_SHIFT
    value *= MIX_1
    value ^= value >> MIX_SHIFT
    value *= MIX_2
    return value ^ (value >> MIX_SHIFT)


@kernel
def decode(data: Bytes, at: np.uint64, stop: np.uint64) -> tuple[np.uint32, np.uint64]:
    """The code point of more than one byte at `at`, and where the next begins. Never reads at or beyond `stop`."""
    lead = np.uint32(data[at])
    length = TWO if lead < 0xE0 else (THREE if lead < 0xF0 else FOUR)
    if at + length > stop:
        return SPACE, stop
    code = np.uint32(lead & (SEVEN_BITS >> np.uint32(length)))
    for i in range(at + ONE, at + length):
        code = np.uint32((code << np.uint32(6)) | (np.uint32(data[i]) & np.uint32(0x3F)))
    return code, at + length


@kernel
def fold(code: np.uint32, table: U32) -> np.uint32:
    """What the table says, or the rule for code points beyond it."""
    if code < TABLE_SIZE:
        return np.uint32(table[code])
    if code < IDEOGRAPHS_END:
        return np.uint32(code | (table[IDEOGRAPH] & ALONE))
    return DROP if INVISIBLE <= code < INVISIBLE_END else SPACE


@kernel
def put_wide(char: np.uint32, last: np.uint32, out: Bytes, end: np.uint64) -> tuple[np.uint32, np.uint64]:
    """Write a code point of three bytes, between zeros where it is a word of its own; what is last now, and the end."""
    if char >= ALONE and last != SPACE:
        out[end] = 0
        end += ONE
    out[end] = np.uint8(HIGH_BIT | ((char >> np.uint32(14)) & SEVEN_BITS))
    out[end + ONE] = np.uint8(HIGH_BIT | ((char >> np.uint32(7)) & SEVEN_BITS))
    out[end + TWO] = np.uint8(HIGH_BIT | (char & SEVEN_BITS))
    if char < ALONE:
        return char, end + THREE
    out[end + THREE] = 0
    return SPACE, end + FOUR


@kernel
def fold_text(data: Bytes, start: np.uint64, stop: np.uint64, table: U32, out: Bytes) -> np.uint64:
    """Write the folded text and eight zeros to `out` (room: twice the bytes and 16); where the text ends there."""
    at, end, last = start, NONE, SPACE
    while at < stop:
        byte = data[at]
        if byte < 0x80:
            char = np.uint32(table[byte])
            at += ONE
        else:
            code, at = decode(data, at, stop)
            char = fold(code, table)
            if char == DROP:
                continue
            if char >= 0x80:
                last, end = put_wide(char, last, out, end)
                continue
        out[end] = np.uint8(char)
        end += np.uint64((char != last) | (char > ZERO))  # of a run of spaces or zeros, the first stays
        last = char
    if last != SPACE:
        out[end] = 0
        end += ONE
    for i in range(end, end + EIGHT):
        out[i] = 0
    return end


@kernel
def eight_bytes(data: Bytes, at: np.uint64) -> np.uint64:
    """Eight bytes as a number, the first lowest. The compiler makes it one load."""
    return (
        (np.uint64(data[at + np.uint64(0)]) << np.uint64(0))
        | (np.uint64(data[at + np.uint64(1)]) << np.uint64(8))
        | (np.uint64(data[at + np.uint64(2)]) << np.uint64(16))
        | (np.uint64(data[at + np.uint64(3)]) << np.uint64(24))
        | (np.uint64(data[at + np.uint64(4)]) << np.uint64(32))
        | (np.uint64(data[at + np.uint64(5)]) << np.uint64(40))
        | (np.uint64(data[at + np.uint64(6)]) << np.uint64(48))
        | (np.uint64(data[at + np.uint64(7)]) << np.uint64(56))
    )


@kernel
def word_hashes(text: Bytes, end: np.uint64, out: U64) -> np.int64:
    """Hash every word of a folded text; how many there are."""
    count, at, word = NONE, NONE, BASIS
    while at < end:
        chunk = eight_bytes(text, at)
        zeros = (chunk - FIRST_BITS) & ~chunk & LAST_BITS  # its lowest bit is in the first zero byte
        if zeros == NONE:
            word = (word ^ chunk) * RADIX
            word ^= word >> HALF
            at += EIGHT
            continue
        before = ((zeros & (~zeros + ONE)) >> SEVEN) - ONE  # the bits of the bytes before the first zero
        word = (word ^ (chunk & before)) * RADIX
        out[count] = word ^ (word >> HALF)
        count += ONE
        word = BASIS
        at += (((before & FIRST_BITS) * FIRST_BITS) >> TOP) + ONE  # their number, and the zero
    return np.int64(count)


@kernel
def characters(text: Bytes, end: np.uint64, out: U64) -> np.int64:
    """Put every character of a folded text to `out`, a gap between words too; how many there are."""
    count, at = NONE, NONE
    while at + ONE < end:  # the last is a gap
        char = np.uint64(text[at])
        at += ONE
        if char >= 0x80:
            char = (char << np.uint64(16)) | (np.uint64(text[at]) << EIGHT) | np.uint64(text[at + ONE])
            at += TWO
        out[count] = mix(char + ONE)  # mix leaves 0 as it is
        count += ONE
    return np.int64(count)


@kernel
def shingle_hashes(data: Bytes, start: int, stop: int, table: U32, size: int, text: Bytes, out: U64) -> int:
    """Hash every shingle of `size` words of data[start:stop] to `out`; how many. Of `-size` characters, where negative.

    Room in `out`: half the bytes and one for words, the bytes and one for characters.

    `text` is room for the folded text. A shingle's hash takes the place of its first word's, which leaves with it.
    """
    end = fold_text(data, np.uint64(start), np.uint64(stop), table, text)
    if size < 0:
        size, words = -size, int(characters(text, end, out))
    else:
        words = int(word_hashes(text, end, out))
    count, weight, rolling = words - size + 1, ONE, NONE
    for i in range(min(size - 1, words)):
        weight *= RADIX
        rolling = rolling * RADIX + out[i]
    for i in range(count):
        first = out[i]
        rolling = rolling * RADIX + out[i + size - 1]
        out[i] = mix(rolling)
        rolling -= first * weight
    return max(count, 0)


@kernel
def minima(shingles: U64, a: U32, b: U32, lowest: U32) -> None:
    """The least value of each permutation over the shingles; four shingles a turn, so that a and b load once."""
    lowest[:] = LARGEST
    whole = shingles.size - shingles.size % 4
    for s in range(0, whole, 4):
        w, x = np.uint32(shingles[s]), np.uint32(shingles[s + 1])
        y, z = np.uint32(shingles[s + 2]), np.uint32(shingles[s + 3])
        for p in range(a.size):
            left = min(np.uint32(a[p] * w + b[p]), np.uint32(a[p] * x + b[p]))
            right = min(np.uint32(a[p] * y + b[p]), np.uint32(a[p] * z + b[p]))
            lowest[p] = min(min(left, right), lowest[p])
    for s in range(whole, shingles.size):
        x = np.uint32(shingles[s])
        for p in range(a.size):
            lowest[p] = min(np.uint32(a[p] * x + b[p]), lowest[p])


@kernel
def longest(offsets: I64) -> int:
    """Bytes of the longest text."""
    most = 0
    for i in range(offsets.size - 1):
        most = max(most, offsets[i + 1] - offsets[i])
    return most


@kernel
def band_keys(
    data: Bytes, offsets: I64, table: U32, size: int, a: U32, b: U32, rows: int, keys: I64, valid: Flags
) -> None:
    """One key a band of `rows` permutations for each text; `valid` where a text has a shingle."""
    room = longest(offsets)
    text, shingles = np.empty(2 * room + 16, dtype=np.uint8), np.empty(room + 1, dtype=np.uint64)
    lowest = np.empty(a.size, dtype=np.uint32)
    for i in range(offsets.size - 1):
        count = shingle_hashes(data, offsets[i], offsets[i + 1], table, size, text, shingles)
        valid[i] = count > 0
        if count == 0:
            continue
        minima(shingles[:count], a, b, lowest)
        for band in range(keys.shape[1]):
            key = RADIX
            for row in range(band * rows, (band + 1) * rows):
                key = mix(key ^ np.uint64(lowest[row]))
            keys[i, band] = np.int64(key)


@kernel
def sort(values: U64, spare: U64, places: I64) -> None:
    """Sort by eight passes over bytes: no order of values makes it slow. A byte that all share costs no pass."""
    places[:, :] = 0
    for v in values:
        for byte in range(8):
            places[byte, (v >> np.uint64(8 * byte)) & BYTE] += 1
    swapped = False
    for byte in range(8):
        shift, total = np.uint64(8 * byte), 0
        if places[byte, (values[0] >> shift) & BYTE] == values.size:
            continue
        for bucket in range(256):
            total, places[byte, bucket] = total + places[byte, bucket], total
        source, target = (spare, values) if swapped else (values, spare)
        for v in source:
            bucket = (v >> shift) & BYTE
            target[places[byte, bucket]] = v
            places[byte, bucket] += 1
        swapped = not swapped
    if swapped:
        values[:] = spare


@kernel
def distinct(values: U64) -> int:
    """Move the distinct ones of the sorted values to the front; how many there are."""
    count = 1
    for i in range(1, values.size):
        if values[i] != values[i - 1]:
            values[count] = values[i]
            count += 1
    return count


@kernel
def jaccard(left: U64, right: U64) -> float:
    """Shared values over all values of two sorted sets, of which neither is empty."""
    i, j, shared = 0, 0, 0
    while i < left.size and j < right.size:
        u, v = left[i], right[j]
        shared += u == v
        i += u <= v
        j += v <= u
    return shared / (left.size + right.size - shared)


@kernel
def similarities(
    left: Bytes, left_at: I64, right: Bytes, right_at: I64, table: U32, size: int, out: npt.NDArray[np.float64]
) -> None:
    """Jaccard similarity of the shingle sets of aligned texts; 0 where either text has no shingle.

    The set of a text that comes several times in a row on the left is made once.
    """
    room = max(longest(left_at), longest(right_at))
    text, spare = np.empty(2 * room + 16, dtype=np.uint8), np.empty(room + 1, dtype=np.uint64)
    ours, theirs = np.empty(room + 1, dtype=np.uint64), np.empty(room + 1, dtype=np.uint64)
    places = np.empty((8, 256), dtype=np.int64)
    n, known, ordered = 0, -1, False
    for i in range(out.size):
        out[i] = 0.0
        mine = left[left_at[i] : left_at[i + 1]]
        if known < 0 or not np.array_equal(mine, left[left_at[known] : left_at[known + 1]]):
            n, known, ordered = shingle_hashes(left, left_at[i], left_at[i + 1], table, size, text, ours), i, False
        if n == 0:
            continue
        if np.array_equal(mine, right[right_at[i] : right_at[i + 1]]):
            out[i] = 1.0
            continue
        m = shingle_hashes(right, right_at[i], right_at[i + 1], table, size, text, theirs)
        if m == 0:
            continue
        if not ordered:
            sort(ours[:n], spare[:n], places)
            n, ordered = distinct(ours[:n]), True
        sort(theirs[:m], spare[:m], places)
        out[i] = jaccard(ours[:n], theirs[: distinct(theirs[:m])])
