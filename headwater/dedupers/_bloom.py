"""BFF, the n-gram Bloom filter of DCLM, as functions over batches: sizes, n-grams, verdicts, and its state as a table.

Li et al., "DataComp-LM" (2024, arXiv:2406.11794), section 4 and its tool `bff`. A unit is a paragraph (between
newlines) or, in mode `document`, a text. Its words are those between the boundaries of UAX #29 that are not white
space; its n-grams have `max_ngram` words, or are all its words where these are fewer but at least `min_ngram`. A unit
of which more than `threshold` of the n-grams are in the filter is removed; the n-grams of any other are added. In modes
`both` and `old-both` a document goes altogether where that share of the n-grams of all its paragraphs was in the
filter: `both` then tells of one stretch, the text, `old-both` of the paragraphs.

The n-grams depend on nothing but the text and may be hashed anywhere; the verdicts are one walk through the documents
in order of crawl and doc_id. So they are the same however many work on the hashes, and a filter that is kept after one
crawl goes on with the next as if both had been read at once.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.document import Bits, Edits, Ngrams, Screened
from headwater.errors import UserError

Mode = Literal["document", "paragraph", "both", "old-both"]
Flags = npt.NDArray[np.bool_]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

BLOCK_BYTES, BLOCK_BITS = 4096, 32768
MOST_WORDS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Size:
    """Of a filter: blocks of 4 KiB, and bits set for an n-gram."""

    blocks: int
    hashes: int


def size(*, ngrams: int, fp_rate: float) -> Size:
    """The smallest filter that, with `ngrams` distinct n-grams in it, takes a new one for seen in `fp_rate` of cases.

    BFF's formulas: k = ceil(m / n * ln 2) hash functions and a rate of (1 - (1 - 1/m)^(k n))^k, here for one block of m
    bits and averaged over the number of n-grams that fall into it, which is Poisson distributed.
    """
    if ngrams < 1:
        raise UserError(f"bloom_ngram: {ngrams} n-grams are expected; give 1 or more")
    if not 0 < fp_rate < 1:
        raise UserError(f"bloom_ngram: fp_rate is {fp_rate}; give a share between 0 and 1")
    low, high = 0, 1
    while _rate(high, ngrams) > fp_rate:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _rate(middle, ngrams) > fp_rate else (low, middle)
    if high > 2**32:
        raise UserError(f"bloom_ngram: a filter for {ngrams} n-grams has {high} blocks, at most 2^32 work: use shards")
    return Size(high, _hashes(high, ngrams))


def _hashes(blocks: int, ngrams: int) -> int:
    # BFF's optimum lies below 64 for any rate that floating point can tell from 0.
    return min(max(math.ceil(blocks * BLOCK_BITS / ngrams * math.log(2)), 1), 64)


def _rate(blocks: int, ngrams: int) -> float:
    mean, k = ngrams / blocks, _hashes(blocks, ngrams)
    spread = 10 * math.sqrt(mean) + 20
    if mean - spread > 2 * BLOCK_BITS:
        return 1.0
    counts = np.arange(max(0, int(mean - spread)), int(mean + spread) + 1)
    weights = np.exp([c * math.log(mean) - mean - math.lgamma(c + 1) for c in counts.tolist()])
    rates = (1 - (1 - 1 / BLOCK_BITS) ** (k * counts)) ** k
    return float((weights * rates).sum() / weights.sum())


def empty(of: Size) -> U64:
    """The bits of a filter that has seen nothing. Raises UserError where the machine has no room for it."""
    try:
        return np.zeros(of.blocks * BLOCK_BYTES // 8, dtype=np.uint64)
    except MemoryError as error:
        raise UserError(
            f"bloom_ngram: a filter of {of.blocks * BLOCK_BYTES:,} bytes does not fit into memory; lower "
            "expected_ngrams or raise fp_rate"
        ) from error


@cache
def white_space() -> npt.NDArray[np.uint8]:
    """1 for characters with the Unicode property White_Space, which the separators U+001C to U+001F lack."""
    from headwater.text.cases import WHITE, traits

    table = (traits() & WHITE).astype(np.uint8)
    table[0x1C:0x20] = 0
    table.flags.writeable = False
    return table


@cache
def _ascii() -> npt.NDArray[np.uint8]:
    """What each ASCII character is to the kernel: by Word_Break property, seen from its ASCII neighbours."""
    from headwater.dedupers._bloom_kernels import JOINER, LETTER, REST, SIGN, WHITE
    from headwater.text.uax29 import CLASSES, word_breaks

    kinds = {"ALetter": LETTER, "WSegSpace": WHITE, "CR": WHITE, "LF": WHITE, "MidLetter": JOINER}
    # A comma joins numbers only, double quotes Hebrew letters only: beside letters and signs of ASCII both stand alone.
    kinds |= {"Other": SIGN, "Double_Quote": SIGN, "MidNum": SIGN, "MidNumLet": JOINER, "Single_Quote": JOINER}
    table = np.array([kinds.get(CLASSES[code & 31], REST) for code in word_breaks()[:128]], dtype=np.uint8)
    table[ord("\t")] = WHITE
    table.flags.writeable = False
    return table


def check(mode: str, min_ngram: int, max_ngram: int) -> None:
    """Raises UserError for a mode or sizes that cannot be."""
    if mode not in get_args(Mode):
        raise UserError(f"bloom_ngram: no mode {mode!r}; have {', '.join(get_args(Mode))}")
    if not 1 <= min_ngram <= max_ngram <= MOST_WORDS:
        raise UserError(
            f"bloom_ngram: min_ngram is {min_ngram}, max_ngram {max_ngram}; give 1 <= min <= max <= {MOST_WORDS}"
        )


def ngrams(texts: pa.Array, *, mode: Mode = "old-both", min_ngram: int = 13, max_ngram: int = 13) -> Ngrams:
    """The n-grams of every unit of the texts, hashed. A missing text is one without words."""
    from headwater.dedupers import _bloom_kernels as kernels
    from headwater.text.uax29 import word_breaks
    from headwater.text.utf8 import utf8

    check(mode, min_ngram, max_ngram)
    data, offsets = utf8(texts)
    whole = mode == "document"
    count = kernels.units_in(data, offsets, whole)
    ends, starts, stops = (np.zeros(count, dtype=np.int64) for _ in range(3))
    units = np.zeros(len(texts), dtype=np.int64)
    hashes = np.empty(int(offsets[-1] - offsets[0]), dtype=np.uint64)  # touched only as far as there are words
    used = kernels.ngrams(
        data,
        offsets,
        _ascii(),
        word_breaks(),
        white_space(),
        min_ngram,
        max_ngram,
        whole,
        hashes,
        ends,
        starts,
        stops,
        units,
    )
    return Ngrams(hashes[:used].copy(), ends, starts, stops, units)


def screen(bits: U64, of: Size, found: Ngrams, *, mode: Mode = "old-both", threshold: float = 0.8) -> Screened:
    """Judge texts in order and add what is new to `bits`, in place."""
    from headwater.dedupers import _bloom_kernels as kernels

    if len(bits) * 8 != of.blocks * BLOCK_BYTES:
        raise UserError(f"bloom_ngram: the filter has {len(bits) * 8} bytes, its size says {of.blocks * BLOCK_BYTES}")
    contained = np.zeros(len(found.ends), dtype=np.int64)
    removed = np.zeros(len(found.ends), dtype=np.bool_)
    kernels.screen(bits, of.hashes, found.hashes, found.ends, found.units, threshold, contained, removed)
    total, seen = _by_text(np.diff(found.ends, prepend=0), found.units), _by_text(contained, found.units)
    if mode == "document":
        return Screened(total, seen, removed, removed.copy())
    if mode == "paragraph":
        return Screened(total, seen, removed, np.zeros(len(total), dtype=np.bool_))
    return Screened(total, seen, removed, (total > 0) & (seen / np.maximum(total, 1) > threshold))


def add(bits: Bits, of: Size, found: Ngrams, removed: Flags) -> None:
    """Add the n-grams of the units that are not flagged to `bits`, in place. The order changes nothing."""
    from headwater.dedupers import _bloom_kernels as kernels

    kernels.add(bits, of.hashes, found.hashes, found.ends, removed)


def held(bits: Bits, of: Size) -> tuple[int, float]:
    """About how many n-grams a filter has, and the share of new ones that it takes for seen: by the bits set."""
    filled = np.bitwise_count(bits.reshape(of.blocks, -1)).sum(axis=1, dtype=np.int64) / BLOCK_BITS
    ngrams = -np.log1p(-np.minimum(filled, 1 - 1 / BLOCK_BITS)).sum() * BLOCK_BITS / of.hashes
    return round(float(ngrams)), float((filled**of.hashes).mean())


def _by_text(values: I64, units: I64) -> I64:
    """Sums over the units of each text."""
    sums: I64 = np.concatenate([[0], np.cumsum(values)])[np.concatenate([[0], units])]
    return sums[1:] - sums[:-1]


def stretches(found: Ngrams, said: Screened, *, mode: Mode = "old-both") -> Edits:
    """What goes, as edits; a document that goes altogether is one edit but in `old-both`, which names paragraphs."""
    text = np.searchsorted(found.units, np.arange(len(found.ends)), side="right")
    kept = said.units.copy()
    if mode == "both":
        kept &= ~said.documents[text]
        last = found.units - 1
        kept[last[said.documents]] = True
    kept &= found.starts < found.stops
    start, stop = found.starts[kept], found.stops[kept]
    if mode == "both":
        start = np.where(said.documents[text[kept]], 0, start)
    zeros = np.zeros(len(start), dtype=np.int64)
    return Edits(text[kept], start, stop, zeros, zeros - 1, ("repeated_ngrams",))
