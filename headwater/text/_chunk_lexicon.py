"""Stretches of scripts without spaces in the chunks of texts, cut into the words of a lexicon."""

import numpy as np

from headwater.text._chunk_traits import ALONE, CHARACTER, JOINED
from headwater.text.kernels import Bytes, Hashes, Ints, Longs, lean, look
from headwater.text.segment import embedded, segment
from headwater.text.unicode import kinds

# The kinds of characters, a lexicon (headwater/text/segment.py) and its scratch.
Lexicon = tuple[Bytes, Hashes, Ints, Ints, Longs, Ints, Ints]


@lean
def alone(data: Bytes, marks: Bytes, begin: int, start: int, stop: int, cuts: Ints, lexicon: Lexicon) -> int:
    """Cut a word that has characters of a script without spaces: stretches of them into words of the lexicon."""
    kinds, edges, nodes, prices, best, ends, found = lexicon
    count, at, run = 0, start, -1
    while at < stop:
        first = marks[at - begin]
        run = at if first & ALONE and run < 0 else run
        at += 1
        while at < stop:
            bits = marks[at - begin]
            if bits & CHARACTER and (first | bits) & ALONE and not bits & JOINED:
                break
            at += 1
        if run < 0:
            cuts[count] = at
            count += 1
        elif at == stop or not marks[at - begin] & ALONE:
            for k in range(segment(data, run, at, kinds, edges, nodes, prices, best, ends, found)):
                cuts[count] = run + found[k]
                count += 1
            run = -1
    return count


@lean
def has_alone(data: Bytes, starts: Longs, stops: Longs, traits: Bytes) -> bool:
    """Whether a character of a script without spaces is in any of the stretches."""
    for k in range(len(starts)):
        for at in range(starts[k], stops[k]):
            if data[np.uint64(at)] >= 0xE0 and look(data, at, stops[k], traits)[0] & ALONE:
                return True
    return False


def lexicon(needed: bool, longest: int) -> Lexicon:
    """The lexicons, which take a while to load, and what the kernel needs besides; empty where no text asks for
    them."""
    nothing = (np.empty(0, np.uint64), np.empty(0, np.int32), np.empty(0, np.int32))
    for array in nothing:
        array.flags.writeable = False
    words = embedded() if needed else nothing
    room = longest + 1 if needed else 0
    return kinds(), *words, np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.int32)
