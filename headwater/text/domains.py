"""The top-level domains of the Internet, as the compiled loops look them up."""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

SLOTS = 8192


@cache
def top_level_domains() -> tuple[str, ...]:
    """All of the list in this folder in small letters; one in Punycode also in its own letters."""
    lines = Path(__file__).with_name("top-level-domains.txt").read_text("ascii").splitlines()
    names = [line for line in lines if not line.startswith("#")]
    own = [name[4:].encode().decode("punycode") for name in names if name.startswith("xn--")]
    return tuple(names + own)


@cache
def domains() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """UTF-8 of all domains, where each ends, and a hash table (SLOTS) of their places, -1 for none. Read-only."""
    spelt = [name.encode() for name in top_level_domains()]
    table = np.full(SLOTS, -1, np.int32)
    for place, name in enumerate(spelt):
        at = hashed(name)
        while table[at] >= 0:
            at = (at + 1) % SLOTS
        table[at] = place
    data, ends = np.frombuffer(b"".join(spelt), np.uint8), np.cumsum([len(name) for name in spelt]).astype(np.int32)
    for array in (data, ends, table):
        array.flags.writeable = False
    return data, ends, table


def hashed(name: bytes) -> int:
    """Where to look first for a domain; the compiled loop does the same byte by byte."""
    value = 0
    for byte in name:
        value = (value * 31 + byte) % 2**32
    return value % SLOTS
