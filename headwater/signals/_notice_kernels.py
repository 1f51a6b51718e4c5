"""The compiled loops behind line_kinds that look for C4's phrases, in any case.

They are looked for by three letters in the middle of each, in blocks of which the compiler compares many bytes at once.
"""

import numpy as np

from headwater.text.kernels import Bytes, lean

NEWLINE = 10
BLOCK = 64
SMALL = np.uint8(32)


def _ascii(text: str) -> Bytes:
    return np.frombuffer(text.encode("ascii"), np.uint8).copy()


LOREM_IPSUM, JAVASCRIPT_WORD, COOKIE = _ascii("lorem ipsum"), _ascii("javascript"), _ascii("cookie")
TERMS, PRIVACY, COOKIE_POLICY = _ascii("terms of use"), _ascii("privacy policy"), _ascii("cookie policy")
USE, USES, USE_OF = _ascii("use cookies"), _ascii("uses cookies"), _ascii("use of cookies")


@lean
def says(data: Bytes, at: int, begin: int, end: int, phrase: Bytes) -> bool:
    """Whether a phrase in small letters stands at `at`, in whatever case."""
    if at < begin or at + len(phrase) > end:
        return False
    for k in range(len(phrase)):
        byte = data[at + k]
        if byte + (32 if 65 <= byte <= 90 else 0) != phrase[k]:
            return False
    return True


@lean
def may_say(data: Bytes, block: int) -> bool:
    """Whether a place of a whole block could be the heart of a phrase: "kie", "vac", "jav", "ms ", "psu".

    The two bytes after the block are read as well. Written so that it becomes vector instructions: the sum is a bool.
    """
    found = False
    for k in range(BLOCK):
        at = np.uint64(block) + np.uint64(k)
        a, b, c = data[at] | SMALL, data[at + np.uint64(1)] | SMALL, data[at + np.uint64(2)] | SMALL
        found |= (
            ((a == 107) & (b == 105) & (c == 101))
            | ((a == 118) & (b == 97) & (c == 99))
            | ((a == 106) & (b == 97) & (c == 118))
            | ((a == 109) & (b == 115) & (c == 32))
            | ((a == 112) & (b == 115) & (c == 117))
        )
    return found


@lean
def policy_at(data: Bytes, at: int, begin: int, end: int) -> bool:
    """Whether a phrase on terms or cookies has its heart at `at`."""
    letter = data[at] | SMALL
    if letter == 109:
        return says(data, at - 3, begin, end, TERMS)
    if letter == 118:
        return says(data, at - 3, begin, end, PRIVACY)
    if letter != 107 or not says(data, at - 3, begin, end, COOKIE):
        return False
    if says(data, at - 3, begin, end, COOKIE_POLICY) or says(data, at - 7, begin, end, USE):
        return True
    return says(data, at - 8, begin, end, USES) or says(data, at - 10, begin, end, USE_OF)


@lean
def another_line(data: Bytes, last: int, at: int) -> bool:
    """Whether a line ends between the last find (-1: there is none) and this one."""
    while 0 <= last < at and data[last] != NEWLINE:
        last += 1
    return last != at


@lean
def find_phrases(data: Bytes, begin: int, end: int) -> tuple[int, int, int]:
    """How often "lorem ipsum" comes; lines with "javascript"; lines with a phrase on terms or cookies."""
    lorem = script_lines = policy_lines = 0
    script = policy = -1
    block = begin
    while block + 2 < end:
        stop = min(block + BLOCK, end - 2)
        if stop < block + BLOCK or may_say(data, block):
            for at in range(block, stop):
                letter = data[np.uint64(at)] | SMALL
                if letter == 112:
                    lorem += says(data, at - 7, begin, end, LOREM_IPSUM)
                elif letter == 106 and says(data, at, begin, end, JAVASCRIPT_WORD):
                    script_lines += another_line(data, script, at)
                    script = at
                elif policy_at(data, at, begin, end):
                    policy_lines += another_line(data, policy, at)
                    policy = at
        block = stop
    return lorem, script_lines, policy_lines
