"""Finding windows of text in any bytes by their hashes: Rabin-Karp over a stream, confirmed by SHA-256.

Karp and Rabin, "Efficient randomized pattern-matching algorithms" (1987). The rolling hash is a polynomial modulo 2^64;
that two windows share one costs a SHA-256 and decides nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping

import numba
import numpy as np
import numpy.typing as npt

from headwater.takedown import WINDOW

BASE = 1_099_511_628_211
MASK = (1 << 64) - 1
MIX = 0x9E3779B97F4A7C15
# Bits of the first look at a hash: a table that fits the cache.
BITS = 20
HITS = 4_096
# A window that stands in so many places is nobody's own: it is not looked for any further.
COMMON = 256

Octets = npt.NDArray[np.uint8]


def rolling(window: bytes) -> int:
    """The rolling hash of one window."""
    value = 0
    for octet in window:
        value = (value * BASE + octet + 1) & MASK
    return value


class Finder:
    """Looks for windows by their hashes: `wanted` maps a rolling hash to the SHA-256s of windows that have it."""

    def __init__(self, wanted: Mapping[int, frozenset[str]]) -> None:
        self._wanted = dict(wanted)
        self._seen: dict[bytes, str] = {}
        self._counts: dict[str, int] = {}
        self._prepare()

    def _prepare(self) -> None:
        self._sorted = np.array(sorted(self._wanted), dtype=np.uint64)
        self._table = np.zeros(1 << BITS, dtype=np.bool_)
        for value in self._wanted:
            self._table[((value * MIX) & MASK) >> (64 - BITS)] = True

    def find(self, data: Octets) -> Iterator[tuple[int, str]]:
        """Where a window begins and its SHA-256, for every one that is in the data."""
        start = 0
        while start + WINDOW <= data.size and self._sorted.size:
            places = np.empty(HITS, dtype=np.int64)
            count, start = _search(data, start, self._sorted, self._table, places)
            for place in places[:count].tolist():
                window = data[place : place + WINDOW].tobytes()
                digest = self._seen.get(window) or hashlib.sha256(window).hexdigest()
                if window in self._seen or digest in self._wanted.get(rolling(window), ()):
                    self._seen[window] = digest
                    self._counts[digest] = self._counts.get(digest, 0) + 1
                    yield place, digest
            self._leave_out_common()

    def _leave_out_common(self) -> None:
        common = {digest for digest, count in self._counts.items() if count > COMMON}
        left = {value: digests - common for value, digests in self._wanted.items()}
        if any(digests != self._wanted[value] for value, digests in left.items()):
            self._wanted = {value: digests for value, digests in left.items() if digests}
            self._prepare()


@numba.njit(cache=True, nogil=True)
def _search(
    data: Octets,
    start: int,
    wanted: npt.NDArray[np.uint64],
    table: npt.NDArray[np.bool_],
    places: npt.NDArray[np.int64],
) -> tuple[int, int]:
    """Fills `places` with beginnings of windows whose hash is wanted; gives their number and where to go on."""
    base, mix = np.uint64(1_099_511_628_211), np.uint64(0x9E3779B97F4A7C15)
    shift, one = np.uint64(64 - 20), np.uint64(1)
    top = one
    for _ in range(47):
        top *= base
    value = np.uint64(0)
    for i in range(start, start + 48):
        value = value * base + np.uint64(data[i]) + one
    count = 0
    end = data.size - 48
    place = start
    while True:
        if table[(value * mix) >> shift]:
            at = np.searchsorted(wanted, value)
            if at < wanted.size and wanted[at] == value:
                places[count] = place
                count += 1
        if place == end:
            return count, data.size
        if count == places.size:
            return count, place + 1
        value = (value - (np.uint64(data[place]) + one) * top) * base + np.uint64(data[place + 48]) + one
        place += 1
