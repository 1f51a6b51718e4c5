"""The compiled loop that finds marks of citations, once and for nested ones too, in linear time.

Each open bracket has a state: what its content can still become. A mark inside that goes leaves the state as it was.
"""

import numpy as np

from headwater.text.cases import DECIMAL
from headwater.text.kernels import Bytes, Longs, compiled, lean
from headwater.text.lines import seek, trait
from headwater.text.splicing import START, TEXT, with_edit

OPEN, CLOSE = 91, 93
NUMBER, EDIT, NEEDED = range(3)
WORDS = np.frombuffer(b"editcitation needed", np.uint8)
FIRST, LAST = np.array([0, 4]), np.array([4, 19])
# States: EMPTY, DIGITS, OTHER, and from WITHIN on how far into WORDS the content is.
EMPTY, DIGITS, OTHER, WITHIN = 0, 1, 2, 3


@lean
def after(state: int, data: Bytes, at: int, stop: int, traits: Bytes) -> tuple[int, int]:
    """The state after the character here, and its width."""
    what, width = trait(data, at, stop, traits)
    if what & DECIMAL and state <= DIGITS:
        return DIGITS, width
    if state == EMPTY:
        for k in range(2):
            if data[at] == WORDS[FIRST[k]]:
                return WITHIN + FIRST[k] + 1, width
    elif state > DIGITS:
        k = state - WITHIN
        if k != LAST[0] and k != LAST[1] and data[at] == WORDS[k]:
            return state + 1, width
    return OTHER, width


@lean
def rule_of(state: int) -> int:
    """The rule by which brackets go whose content ends in this state, -1 where they stay."""
    if state <= DIGITS:
        return NUMBER
    return EDIT if state == WITHIN + LAST[0] else NEEDED if state == WITHIN + LAST[1] else -1


@lean
def seek_bracket(data: Bytes, at: int, end: int) -> int:
    """Where the next bracket is, `end` where there is none."""
    while at < end and data[np.uint64(at)] != OPEN and data[np.uint64(at)] != CLOSE:
        at += 1
    return at


@compiled
def around(found: Longs, count: int, text: int, start: int, stop: int, rule: int) -> tuple[Longs, int]:
    """`found` and its length with an edit in the stead of those inside it."""
    while count and found[count - 1, TEXT] == text and found[count - 1, START] >= start:
        count -= 1
    return with_edit(found, count, text, start, stop, rule, -1)


@compiled
def find_citations(data: Bytes, offsets: Longs, traits: Bytes) -> Longs:
    """The edits (m, 5) of a batch; rules are places in remove_citations.RULES."""
    found, count = np.empty((64, 5), np.int64), 0
    places, states = np.empty(64, np.int64), np.empty(64, np.int64)
    for d in range(len(offsets) - 1):
        begin, end = offsets[d], offsets[d + 1]
        at, deep = begin, 0
        while at < end:
            if deep == 0:
                at = seek(data, at, end, OPEN)
            elif states[deep - 1] == OTHER:
                at = seek_bracket(data, at, end)
            if at >= end:
                break
            byte = data[at]
            if byte == OPEN:
                if deep == len(places):
                    places, states = np.append(places, places), np.append(states, states)
                places[deep], states[deep] = at, EMPTY
                deep += 1
                at += 1
            elif byte != CLOSE:
                states[deep - 1], width = after(states[deep - 1], data, at, end, traits)
                at += width
            else:
                deep -= 1
                at += 1
                rule = rule_of(states[deep])
                if rule >= 0:
                    found, count = around(found, count, d, places[deep] - begin, at - begin, rule)
                elif deep:
                    states[deep - 1] = OTHER
    return found[:count]
