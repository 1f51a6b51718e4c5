"""Compiled loops over lines and sentences: where they are, what digest each has once normalised, which were before.

numba's cache does not notice a change in headwater/text/lines.py: save this file too.
"""

import numpy as np
import numpy.typing as npt

from headwater.text.cases import WHITE
from headwater.text.kernels import Bytes, Hashes, Longs, compiled, slot, slots_for
from headwater.text.lines import NEWLINE, point, trait

Flags = npt.NDArray[np.bool_]
Table = npt.NDArray[np.uint32]

BASIS, RADIX = np.uint64(0xCBF2_9CE4_8422_2325), np.uint64(0x9E37_79B9_7F4A_7C15)  # FNV-1a's; 2^64 / golden ratio
MIX_1, MIX_2, MIX_SHIFT = np.uint64(0xFF51_AFD7_ED55_8CCD), np.uint64(0xC4CE_B9FE_1A85_EC53), np.uint64(33)
HALF, FREE = np.uint64(32), -1
DROP = 0xFFFF_FFFF
FIRST_ENDS, LAST_ENDS = (0x2E, 0x21, 0x3F), (0x3002, 0xFF01, 0xFF1F)  # . ! ? and the ideographic ones


@compiled
def mix(value: np.uint64) -> np.uint64:
    """MurmurHash3's 64-bit finaliser: a bijection whose every output bit depends on every input bit."""
    value ^= value >> MIX_SHIFT
    value *= MIX_1
    value ^= value >> MIX_SHIFT
    value *= MIX_2
    return value ^ (value >> MIX_SHIFT)


@compiled
def sentence_end(data: Bytes, at: int, end: int, traits: Bytes) -> int:
    """Where the sentence ends that this character closes, else 0. Ideographic ends need no white space behind them."""
    found, width = point(data, at, end)
    if found in LAST_ENDS:
        return at + width
    if found in FIRST_ENDS and (at + width >= end or trait(data, at + width, end, traits)[0] & WHITE):
        return at + width
    return 0


@compiled
def units_in(data: Bytes, offsets: Longs) -> int:
    """More than the lines and sentences of all texts."""
    count = len(offsets) - 1
    for at in range(offsets[0], offsets[-1]):
        byte = data[np.uint64(at)]
        # A sentence ends at an ASCII sign or at the last byte of an ideographic one: E3 80 82, EF BC 81, EF BC 9F.
        ends = byte == NEWLINE or byte == 0x2E or byte == 0x21 or byte == 0x3F
        count += ends or byte == 0x82 or byte == 0x81 or byte == 0x9F
    return count


@compiled
def digest(data: Bytes, start: int, stop: int, table: Table) -> np.uint64:
    """Of the normalised stretch; 0 where nothing is left of it. What the table calls a gap is no gap within a word."""
    value, chunk, filled, gap, some = BASIS, np.uint64(0), 0, False, False
    at = start
    while at < stop:
        found, width = point(data, at, stop)
        what = np.uint64(table[found]) if found < 0x110000 else np.uint64(found)
        at += width
        if what == np.uint64(DROP):
            continue
        if what == np.uint64(32):
            gap = some
            continue
        for step in range(2 if gap else 1):
            char = np.uint64(32) if gap and step == 0 else what
            chunk = chunk << HALF | char
            filled += 1
            if filled == 2:
                value = mix(value ^ chunk) * RADIX
                chunk, filled = np.uint64(0), 0
        gap, some = False, True
    if not some:
        return np.uint64(0)
    return mix(value ^ chunk ^ np.uint64(filled) << np.uint64(63))


@compiled
def units(
    data: Bytes, offsets: Longs, table: Table, traits: Bytes, sentences: bool,
    text: Longs, start: Longs, stop: Longs, out: Hashes,
) -> int:  # fmt: skip
    """Fill text, bytes in the text and digest of each line or sentence that has one; returns how many."""
    count = 0
    for t in range(len(offsets) - 1):
        begin, end = offsets[t], offsets[t + 1]
        first = at = begin
        while first < end:
            after = 0
            if at < end:
                byte = data[np.uint64(at)]
                if byte == NEWLINE:
                    after = at + 1
                elif sentences and (byte >= 0x80 or byte < 0x40):
                    after = sentence_end(data, at, end, traits)
            else:
                after = end
            if after == 0:
                at += 1
                continue
            value = digest(data, first, after, table)
            if value != np.uint64(0):
                text[count], start[count], stop[count], out[count] = t, first - begin, after - begin, value
                count += 1
            first = at = after
    return count


@compiled
def spans(text: Longs, digests: Hashes, length: int, out: Hashes) -> None:
    """Digest of each run of `length` units of one text, at its first; 0 where the text has too few behind it."""
    for i in range(len(text)):
        out[i] = np.uint64(0)
        last = i + length - 1
        if last >= len(text) or text[last] != text[i]:
            continue
        value = np.uint64(length)
        for k in range(i, last + 1):
            value = mix(value * RADIX + digests[k])
        out[i] = value if value != np.uint64(0) else RADIX


@compiled
def before(values: Hashes, known: Hashes, again: Flags) -> None:
    """Flag each value that is among `known` or was met earlier in `values`; 0 is never flagged."""
    size = slots_for(len(values) + len(known))
    table = np.full(size, FREE, np.int64)
    for i in range(len(known) + len(values)):
        value = known[i] if i < len(known) else values[i - len(known)]
        if value == np.uint64(0):
            continue
        at = slot(value, size)
        while table[at] != FREE:
            held = table[at]
            other = known[held] if held < len(known) else values[held - len(known)]
            if other == value:
                break
            at = (at + np.uint64(1)) & np.uint64(size - 1)
        if table[at] == FREE:
            table[at] = i
        elif i >= len(known):
            again[i - len(known)] = True
