"""What the compiled loops of this folder ask of single characters and of words."""

import numpy as np

from headwater.text.cases import WORD
from headwater.text.kernels import Bytes, lean
from headwater.text.lines import before, trait

DOT, DASH, AT, PLUS, SLASH, SPACE = 46, 45, 64, 43, 47, 32


def among(signs: bytes) -> Bytes:
    """A table of the bytes that are ASCII letters, digits or one of these."""
    table = np.zeros(256, np.uint8)
    for byte in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + signs:
        table[byte] = 1
    return table


ALNUM = among(b"")


@lean
def is_digit(byte: int) -> bool:
    """Whether a byte is 0 to 9."""
    return 48 <= byte <= 57


@lean
def past_digits(data: Bytes, at: int, end: int) -> int:
    """Past the digits here."""
    while at < end and is_digit(data[np.uint64(at)]):
        at += 1
    return at


@lean
def word_before(data: Bytes, floor: int, at: int, traits: Bytes) -> bool:
    """Whether a letter, digit or underscore stands before `at`."""
    return at > floor and (trait(data, before(data, floor, at), at, traits)[0] & WORD) != 0


@lean
def word_here(data: Bytes, at: int, end: int, traits: Bytes) -> bool:
    """Whether a letter, digit or underscore is here."""
    return at < end and (trait(data, at, end, traits)[0] & WORD) != 0


@lean
def digit_here(data: Bytes, at: int, end: int) -> bool:
    """Whether a digit is here, before the end."""
    return at < end and is_digit(data[at])


@lean
def joint(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """SPACE or DASH and its width in bytes, if one is here (U+00A0 and U+2009, U+2011 and U+2013 too), or 0, 0."""
    if at >= end:
        return 0, 0
    if data[at] == SPACE or data[at] == DASH:
        return int(data[at]), 1
    if at + 1 < end and data[at] == 0xC2 and data[at + 1] == 0xA0:
        return SPACE, 2
    if at + 2 < end and data[at] == 0xE2 and data[at + 1] == 0x80:
        if data[at + 2] == 0x89:
            return SPACE, 3
        if data[at + 2] == 0x91 or data[at + 2] == 0x93:
            return DASH, 3
    return 0, 0
