"""Compiled loops of hashed TF-IDF: in how many texts each bucket of words is, and a text's sum of signed words.

Sums are of whole numbers, so that their order does not matter. numba's cache does not notice a change in
text/shingles.py: save this file too.
"""

import numpy as np
import numpy.typing as npt

from headwater.text.shingles import I64, U32, U64, Bytes, fold_text, kernel, longest, mix, sort, word_hashes

I32 = npt.NDArray[np.int32]

HIGH, ONE = np.uint64(32), np.uint64(1)


@kernel
def sorted_words(data: Bytes, start: int, stop: int, table: U32, text: Bytes, out: U64, spare: U64, places: I64) -> int:
    """Hashes of the folded words of data[start:stop], mixed and in order; how many."""
    end = fold_text(data, np.uint64(start), np.uint64(stop), table, text)
    count = int(word_hashes(text, end, out))
    for i in range(count):
        out[i] = mix(out[i])
    if count:
        sort(out[:count], spare[:count], places)
    return count


@kernel
def frequencies(data: Bytes, offsets: I64, table: U32, out: I64) -> None:
    """Add to each bucket, a power of two in all, the number of texts that have a word in it."""
    room, last = longest(offsets), np.uint64(out.size - 1)
    text, words = np.empty(2 * room + 16, dtype=np.uint8), np.empty(room + 1, dtype=np.uint64)
    spare, places = np.empty(room + 1, dtype=np.uint64), np.empty((8, 256), dtype=np.int64)
    met = np.full(out.size, -1, dtype=np.int64)
    for t in range(offsets.size - 1):
        count = sorted_words(data, offsets[t], offsets[t + 1], table, text, words, spare, places)
        for i in range(count):
            bucket = words[i] & last
            out[bucket] += met[bucket] != t
            met[bucket] = t


@kernel
def sums(data: Bytes, offsets: I64, table: U32, rarity: I32, often: I32, out: I64) -> None:
    """Add each distinct word to one of the columns of its text, by its hash: rarity times often, with a sign.

    `rarity` is for each bucket of words, `often` for each number of times, its last for that many and more.
    """
    room, last, columns = longest(offsets), np.uint64(rarity.size - 1), np.uint64(out.shape[1])
    text, words = np.empty(2 * room + 16, dtype=np.uint8), np.empty(room + 1, dtype=np.uint64)
    spare, places = np.empty(room + 1, dtype=np.uint64), np.empty((8, 256), dtype=np.int64)
    for t in range(offsets.size - 1):
        count = sorted_words(data, offsets[t], offsets[t + 1], table, text, words, spare, places)
        first = 0
        while first < count:
            after = first + 1
            while after < count and words[after] == words[first]:
                after += 1
            times = min(after - first, often.size - 1)
            weight = np.int64(rarity[words[first] & last]) * np.int64(often[times])
            drawn = mix(words[first])
            column = ((drawn >> HIGH) * columns) >> HIGH
            out[t, column] += weight if drawn & ONE else -weight
            first = after
