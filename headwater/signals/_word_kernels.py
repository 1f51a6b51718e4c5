"""The compiled loops behind words, dclm_words and dolma_words: sums over the chunks of a text, then its n-grams.

Each kernel fills a row of `out` a text, a column a column of its signal. As in headwater/text/kernels.py: linear in
time and memory, unsigned indexes where it is hot.
"""

import numpy as np
import numpy.typing as npt

from headwater.signals._n_gram_kernels import (
    FIRST_N,
    LARGEST_MARKS,
    LAST_N,
    LAST_TOP,
    POWERS,
    all_summed,
    covered,
    fill_powers,
    glue_hashes,
    glued_candidates,
    glued_copies,
    longer,
    maybe_repeated,
    pairs,
    summed,
    top_n_gram,
)
from headwater.text._chunk_traits import (
    ALPHA_WORDS,
    ELLIPSES,
    FOLDED_STOPS,
    HASHES,
    PLAIN_CHARS,
    SIGN_WORDS,
    SPLIT_ALPHA,
    SPLIT_CHARS,
    SPLIT_STOPS,
    SPLIT_WORDS,
    STOP_KINDS,
    STOPS,
    SUMS,
    SYMBOL_FREE,
    TOKENS,
    WORDS,
)
from headwater.text.chunks import Chunks, Way, seed
from headwater.text.kernels import Bytes, Floats, Hashes, Ints, Longs, compiled, lean, slots_for

Rows = npt.NDArray[np.uint64]
# Lengths of words that are counted one by one; longer ones are few, and sorted.
COUNTED_CHARS = 1024
LOW = np.uint64(0xFFFFFFFF)
DATATROVE, DCLM, DOLMA = range(3)


@lean
def add_up(chunks: Ints, sums: Rows, total: Hashes) -> None:
    """Fill `total` with the sums over the chunks of one text, and with all their stop words."""
    a = b = c = d = e = f = g = stops = np.uint64(0)
    for k in range(len(chunks)):
        i = np.uint64(chunks[np.uint64(k)])
        a += sums[i, 0]
        b += sums[i, 1]
        c += sums[i, 2]
        d += sums[i, 3]
        e += sums[i, 4]
        f += sums[i, 5]
        g += sums[i, 6]
        stops |= sums[i, 7]
    total[0], total[1], total[2], total[3], total[4], total[5], total[6] = a, b, c, d, e, f, g
    total[STOP_KINDS] = stops


@lean
def one(total: Hashes, which: int) -> int:
    """One of the counts."""
    return int(np.int64(total[which >> 1] >> np.uint64(32 * (which & 1)) & LOW))


@lean
def set_bits(value: np.uint64) -> int:
    """How many bits are set."""
    count = 0
    while value:
        count += 1
        value &= value - np.uint64(1)
    return count


@lean
def datatrove_counts(chunks: Ints, sums: Rows, total: Hashes, out: Floats) -> None:
    """Fill the first columns of words."""
    add_up(chunks, sums, total)
    words, plain = one(total, WORDS), one(total, SYMBOL_FREE)
    out[0], out[1], out[2] = words, plain, one(total, PLAIN_CHARS) / max(plain, 1)
    out[3], out[4] = one(total, HASHES) / max(words, 1), one(total, ELLIPSES) / max(words, 1)
    out[5] = one(total, ALPHA_WORDS) / max(words, 1)
    out[6], out[7] = one(total, STOPS), set_bits(total[STOP_KINDS])


@lean
def dclm_counts(chunks: Ints, sums: Rows, loose: int, dots: int, total: Hashes, out: Floats) -> None:
    """Fill the first columns of dclm_words."""
    add_up(chunks, sums, total)
    words = one(total, SPLIT_WORDS)
    signs = one(total, HASHES) + one(total, ELLIPSES) + dots
    out[0], out[1], out[2] = one(total, TOKENS) - loose, words, one(total, SPLIT_CHARS) / max(words, 1)
    out[3], out[4], out[5] = signs / max(words, 1), one(total, SPLIT_ALPHA) / max(words, 1), one(total, FOLDED_STOPS)


@lean
def dolma_counts(chunks: Ints, sums: Rows, ends: Ints, lengths: Ints, total: Hashes, out: Floats) -> None:
    """Fill the first columns of dolma_words."""
    add_up(chunks, sums, total)
    words = one(total, SPLIT_WORDS)
    out[0], out[1] = median(ends, lengths), one(total, SIGN_WORDS) / max(words, 1)
    out[2], out[3] = one(total, SPLIT_ALPHA) / max(words, 1), one(total, SPLIT_STOPS)


@compiled
def median(ends: Ints, lengths: Ints) -> float:
    """Of the lengths of words; 0 where there are none. `lengths` is scratch."""
    count = len(ends) - 1
    if count == 0:
        return 0.0
    lengths[:] = 0
    long = 0
    for k in range(count):
        chars = ends[k + 1] - ends[k]
        lengths[min(chars, COUNTED_CHARS)] += 1
        long += chars >= COUNTED_CHARS
    if long > (count - 1) // 2 or long > count // 2 - 1:
        every = np.sort(ends[1:] - ends[:-1])
        return float((every[(count - 1) // 2] + every[count // 2]) / 2)
    low = high = -1
    seen = 0
    for chars in range(COUNTED_CHARS):
        seen += lengths[chars]
        if low < 0 and seen > (count - 1) // 2:
            low = chars
        if seen > count // 2:
            high = chars
            break
    return (low + high) / 2


@lean
def lay_out(
    chunks: Ints, bounds: Ints, ids: Ints, chars: Ints, sizes: Ints, words: Ints, ends: Ints, places: Ints
) -> int:
    """Fill the words of one text, the characters up to each one's end, and where each begins among the glued bytes."""
    count, length, place = 0, 0, 0
    ends[0] = places[0] = 0
    for k in range(len(chunks)):
        chunk = np.uint64(chunks[np.uint64(k)])
        for t in range(bounds[chunk], bounds[chunk + np.uint64(1)]):
            word = ids[np.uint64(t)]
            words[np.uint64(count)] = word
            count += 1
            length += chars[np.uint64(word)]
            place += sizes[np.uint64(word)]
            ends[np.uint64(count)], places[np.uint64(count)] = length, place
    return count


@lean
def follow(
    mode: int,
    words: Ints,
    ends: Ints,
    size: int,
    seed: np.uint64,
    marks: Bytes,
    same_as: Ints,
    active: Ints,
    keys: Hashes,
    counts: Ints,
    slots: Ints,
    out: Floats,
) -> None:
    """Fill the columns of n-grams: of the most frequent ones, and in the modes dclm and dolma of the repeated ones."""
    count = len(words)
    same_as[: count + 1] = -1
    found = maybe_repeated(words, seed, marks, active)
    found = pairs(words, seed, same_as, active, found, keys, counts, slots)
    for n in range(FIRST_N, min(count, LAST_TOP if mode == DATATROVE else LAST_N) + 1):
        if n > FIRST_N:
            found = longer(seed, same_as, active, found, keys, counts, slots)
        if n <= LAST_TOP:
            chars, times = top_n_gram(n, mode == DCLM, same_as, active, found, counts, ends)
            if mode == DATATROVE:
                chars += n - 1
            elif mode == DCLM and times == 1:
                chars = 0
            out[n - FIRST_N] = chars * times / size
        elif mode == DCLM:
            out[n - FIRST_N] = covered(n, active, found, ends) / size
        else:
            out[n - FIRST_N] = summed(n, active, found, ends) / max(all_summed(n, ends), 1)


@lean
def follow_glued(
    glued: Bytes,
    words: Ints,
    places: Ints,
    ends: Ints,
    size: int,
    seed: np.uint64,
    word_hashes: Hashes,
    powers: Hashes,
    marks: Bytes,
    active: Ints,
    marked: Bytes,
    hashes: Hashes,
    keys: Hashes,
    slots: Ints,
    out: Floats,
) -> None:
    """Fill the columns of repeated n-grams in mode datatrove."""
    found = glued_candidates(glued, places, seed, marks, active, marked)
    glue_hashes(words, places, word_hashes, powers, hashes)
    for n in range(LAST_TOP + 1, min(len(words), LAST_N) + 1):
        copied = glued_copies(n, glued, places, ends, hashes, powers, active, marked, found, keys, slots)
        out[n - FIRST_N] = copied / size


@compiled
def measure(
    mode: int,
    numbers: Ints,
    text_bounds: Longs,
    glued: Bytes,
    glued_bounds: Longs,
    loose: Ints,
    dots: Ints,
    text_chars: Longs,
    sums: Rows,
    bounds: Ints,
    ids: Ints,
    chars: Ints,
    sizes: Ints,
    word_hashes: Hashes,
    seed: np.uint64,
    room: int,
    out: Floats,
) -> None:
    """Fill `out`. `room` is the number of words of the text that has most."""
    words, ends, places = np.empty(room, np.int32), np.empty(room + 1, np.int32), np.empty(room + 1, np.int32)
    same_as, active, counts = np.empty(room + 1, np.int32), np.empty(room + 1, np.int32), np.empty(room, np.int32)
    keys, slots, marks = (
        np.empty(room, np.uint64),
        np.empty(slots_for(room), np.int32),
        np.empty(LARGEST_MARKS, np.uint8),
    )
    total, lengths = np.zeros(SUMS, np.uint64), np.empty(COUNTED_CHARS + 1, np.int32)
    marked, hashes, powers = np.empty(room, np.uint8), np.empty(room + 1, np.uint64), np.empty(POWERS + 1, np.uint64)
    fill_powers(seed, powers)
    own = 8 if mode == DATATROVE else 6 if mode == DCLM else 4
    for d in range(len(out)):
        mine = numbers[text_bounds[d] : text_bounds[d + 1]]
        count = lay_out(mine, bounds, ids, chars, sizes, words, ends, places)
        size = ends[count]
        if mode == DATATROVE:
            datatrove_counts(mine, sums, total, out[d])
            size = text_chars[d]
        elif mode == DCLM:
            dclm_counts(mine, sums, loose[d], dots[d], total, out[d])
        else:
            dolma_counts(mine, sums, ends[: count + 1], lengths, total, out[d])
        if count < FIRST_N:
            continue
        follow(
            mode, words[:count], ends[: count + 1], max(size, 1), seed, marks, same_as, active, keys, counts, slots,
            out[d, own:],
        )  # fmt: skip
        if mode == DATATROVE:
            follow_glued(
                glued[glued_bounds[d] :], words[:count], places[: count + 1], ends[: count + 1], max(size, 1), seed,
                word_hashes, powers, marks, active, marked, hashes, keys, slots, out[d, own:],
            )  # fmt: skip


@lean
def most_words(numbers: Ints, text_bounds: Longs, bounds: Ints) -> int:
    """Words of the text that has most."""
    most = 0
    for d in range(len(text_bounds) - 1):
        count = 0
        for chunk in numbers[text_bounds[d] : text_bounds[d + 1]]:
            count += bounds[chunk + 1] - bounds[chunk]
        most = max(most, count)
    return most


def measured(mode: int, found: Chunks, way: Way, columns: tuple[str, ...]) -> dict[str, Floats]:
    """The columns of one mode."""
    out = np.zeros((len(found.text_chars), len(columns)))
    room = most_words(found.numbers, found.bounds, way.bounds)
    measure(
        mode, found.numbers, found.bounds, found.glued, found.glued_bounds, found.loose, found.dots, found.text_chars,
        found.sums, way.bounds, way.ids, found.chars, found.sizes, found.hashes, seed(), room, out,
    )  # fmt: skip
    return dict(zip(columns, out.T.copy(), strict=True))
