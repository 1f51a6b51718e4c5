"""The compiled loops that look for C4's phrases in a line and at how it ends, in any case of letters."""

import numpy as np

from headwater.text.cases import DECIMAL, WHITE
from headwater.text.kernels import Bytes, lean
from headwater.text.lines import before, trait

PHRASES = (
    b"javascript", b"terms of use", b"privacy policy", b"cookie policy", b"uses cookies", b"use of cookies",
    b"use cookies",
)  # fmt: skip
SPELT = np.frombuffer(b"".join(PHRASES), np.uint8)
ENDS = np.cumsum([len(phrase) for phrase in PHRASES])
# One letter of each phrase that few words have, and how far into the phrase it is.
ANCHORS = b"vmvkkkk"
AHEAD = np.array([phrase.index(letter) for phrase, letter in zip(PHRASES, ANCHORS, strict=True)])
WORDS_IN_MARKS = np.frombuffer(b"edit]citation needed]", np.uint8)
OPEN, CLOSE, DOT = 91, 93, 46


def _anchors() -> Bytes:
    table = np.zeros(256, np.uint8)
    for letter in ANCHORS:
        table[letter] = table[letter - 32] = letter
    return table


ANCHOR = _anchors()


@lean
def is_special(data: Bytes, start: int, stop: int) -> bool:
    """Whether a stretch may have a citation mark, or a letter outside ASCII that is a form of one inside."""
    found = 0
    for at in range(start, stop):
        byte = data[np.uint64(at)]
        found += byte == OPEN or byte == 0xC4 or byte == 0xC5 or byte == 0xE2
    return found > 0


@lean
def mark_end(data: Bytes, at: int, stop: int, traits: Bytes) -> int:
    """Where the citation mark that begins here ends: [, digits, ], or one of the words; `at` where there is none."""
    k = at + 1
    while k < stop:
        what, width = trait(data, k, stop, traits)
        if not what & DECIMAL:
            break
        k += width
    if k < stop and data[k] == CLOSE:
        return k + 1
    for first, last in ((0, 5), (5, 21)):
        k = first
        while k < last and at + 1 + k - first < stop and data[at + 1 + k - first] == WORDS_IN_MARKS[k]:
            k += 1
        if k == last:
            return at + 1 + last - first
    return at


@lean
def plain_letter(data: Bytes, at: int, stop: int, dclm: bool) -> tuple[int, int]:
    """The ASCII letter that the character here is in lower case, and its width; 0 where it is none.

    K (kelvin) is one for both peers; the long s and the dotted and dotless i only where re.IGNORECASE compares.
    """
    byte, following = data[at], data[at + 1] if at + 1 < stop else 0
    if byte == 0xE2 and following == 0x84 and at + 2 < stop and data[at + 2] == 0xAA:
        return 107, 3
    if dclm and byte == 0xC5 and following == 0xBF:
        return 115, 2
    if dclm and byte == 0xC4 and (following == 0xB0 or following == 0xB1):
        return 105, 2
    return 0, 1


@lean
def plain_copy(data: Bytes, start: int, stop: int, traits: Bytes, dclm: bool, out: Bytes) -> int:
    """Copy a stretch without citation marks (not where `dclm`) and with plain letters; returns its bytes."""
    at, size = start, 0
    while at < stop:
        if data[at] == OPEN and not dclm:
            after = mark_end(data, at, stop, traits)
            if after > at:
                at = after
                continue
        letter, width = plain_letter(data, at, stop, dclm)
        out[size] = letter if letter else data[at]
        size += 1
        at += width
    return size


@lean
def ends_well(data: Bytes, start: int, stop: int, traits: Bytes, dclm: bool) -> bool:
    """Whether a line ends as a sentence does: see c4_lines."""
    if dclm:
        while stop > start:
            at = before(data, start, stop)
            if not trait(data, at, stop, traits)[0] & WHITE:
                break
            stop = at
    if stop == start:
        return False
    byte = data[stop - 1]
    if byte == DOT:
        return not (stop - start >= 3 and data[stop - 2] == DOT and data[stop - 3] == DOT)
    return byte == 33 or byte == 63 or byte == 34 or (byte == 39 and not dclm)


@lean
def seek_anchor(data: Bytes, at: int, stop: int) -> int:
    """Where the next letter of ANCHORS is, `stop` where there is none."""
    while at < stop and ANCHOR[data[np.uint64(at)]] == 0:
        at += 1
    return at


@lean
def spelt_at(data: Bytes, start: int, stop: int, phrase: int) -> bool:
    """Whether a phrase begins here, in any case of ASCII letters."""
    first = ENDS[phrase - 1] if phrase else 0
    length = ENDS[phrase] - first
    if stop - start < length:
        return False
    for k in range(length):
        byte = data[start + k]
        byte += 32 * (65 <= byte <= 90)
        if byte != SPELT[first + k]:
            return False
    return True


@lean
def phrases_in(data: Bytes, start: int, stop: int, javascript: bool, policy: bool) -> int:
    """1 where the stretch has "javascript" and that is asked for, else 2 where it has a phrase of policy, else 0."""
    at, found = seek_anchor(data, start, stop), 0
    while at < stop:
        letter = ANCHOR[data[at]]
        for phrase in range(len(AHEAD)):
            first = at - AHEAD[phrase]
            if SPELT[(ENDS[phrase - 1] if phrase else 0) + AHEAD[phrase]] != letter or first < start:
                continue
            if (javascript if phrase == 0 else policy and not found) and spelt_at(data, first, stop, phrase):
                found = 2
                if phrase == 0:
                    return 1
        at = seek_anchor(data, at + 1, stop)
    return found
