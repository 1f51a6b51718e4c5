"""Phrases as the compiled loops look them up: code points, ends, and a hash table."""

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.int32]


class Phrases(NamedTuple):
    """Code points of all phrases (total,), where each ends (n,), a hash table of their places, -1 for none;
    read-only."""

    points: Points
    ends: Points
    table: Points


@cache
def phrase_table(phrases: tuple[str, ...]) -> Phrases:
    """The table of phrases in lower case, each once."""
    size = 1
    while size < 4 * len(phrases):
        size *= 2
    table = np.full(size, -1, np.int32)
    for place, phrase in enumerate(phrases):
        value = 0
        for char in phrase:
            value = (value * 31 + ord(char)) % 2**32
        at = value % size
        while table[at] >= 0:
            at = (at + 1) % size
        table[at] = place
    points = np.array([ord(char) for phrase in phrases for char in phrase], np.int32)
    found = Phrases(points, np.cumsum([len(p) for p in phrases], dtype=np.int32), table)
    for array in found:
        array.flags.writeable = False
    return found
