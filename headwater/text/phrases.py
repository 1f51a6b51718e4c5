"""Find listed words and phrases in texts: at how many places one stands, and how many different ones.

Whole phrases stand between characters that are no part of a word (letters, numbers, marks and the low line are);
otherwise anywhere. Places may overlap; one place counts once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.text.utf8 import utf8

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """A list of phrases as tables: a filter on the first bytes and a trie. Made by `compile_phrases`."""

    entries: int
    whole: bool
    lower: npt.NDArray[np.uint64]
    inner: npt.NDArray[np.uint8]
    threes: npt.NDArray[np.uint8]
    fours: npt.NDArray[np.uint8]
    keys: npt.NDArray[np.uint64]
    children: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]

    def count(self, texts: pa.Array, rows: Longs | None = None) -> tuple[Longs, Longs]:
        """Places and different phrases of each text; 0 for those not in `rows` (default: all)."""
        from headwater.text._phrase_kernels import count_phrases
        from headwater.text.characters import flags

        data, offsets = utf8(texts)
        places, kinds = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
        rows = np.arange(len(texts), dtype=np.int64) if rows is None else rows
        count_phrases(
            data, offsets, rows, self.whole, self.lower, flags(), self.inner, self.threes, self.fours, self.keys,
            self.children, self.ends, self.entries, places, kinds,
        )  # fmt: skip
        return places, kinds


def compile_phrases(phrases: Iterable[str], *, whole: bool, fold: bool = True) -> Phrases:
    """Tables for a list of phrases; with `fold`, upper and lower case are the same. Empty ones are left out."""
    from headwater.text.characters import SIZE, lower

    table = (lower() if fold else np.arange(SIZE)).astype(np.uint64)
    wanted = sorted({_folded(phrase, table) for phrase in phrases if phrase})
    nodes, ends = _trie(wanted)
    keys, children = _hashed(nodes)
    inner = np.zeros(256, np.uint8)
    if whole:
        inner[[byte for byte in range(128) if chr(byte).isalnum() or chr(byte) == "_"]] = 1
    starts = _starts(wanted, table)
    return Phrases(
        len(wanted), whole, table, inner, _filter(starts, 3, inner), _filter(starts, 4, inner), keys, children, ends
    )  # fmt: skip


def _folded(phrase: str, table: npt.NDArray[np.uint64]) -> tuple[int, ...]:
    return tuple(int(table[ord(char)]) if ord(char) < len(table) else ord(char) for char in phrase)


def _trie(phrases: list[tuple[int, ...]]) -> tuple[dict[tuple[int, int], int], npt.NDArray[np.int32]]:
    """The node after a node by a character, from 0, the root; and by node which phrase ends there, -1 for none."""
    nodes: dict[tuple[int, int], int] = {}
    ends = [-1]
    for number, points in enumerate(phrases):
        node = 0
        for point in points:
            if (node, point) not in nodes:
                nodes[node, point] = len(ends)
                ends.append(-1)
            node = nodes[node, point]
        ends[node] = number
    return nodes, np.array(ends, np.int32)


def _hashed(nodes: dict[tuple[int, int], int]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    from headwater.text.kernels import slot, slots_for

    size = int(slots_for(len(nodes)))
    keys, children = np.zeros(size, np.uint64), np.full(size, -1, np.int32)
    for (node, point), after in nodes.items():
        key = np.uint64(node << 21 | point)
        at = int(slot(key, size))
        while children[at] >= 0:
            at = (at + 1) % size
        keys[at], children[at] = key, after
    return keys, children


def _starts(phrases: list[tuple[int, ...]], table: npt.NDArray[np.uint64]) -> set[bytes]:
    """The first four bytes, or fewer, of every way to write a phrase."""
    spellings: dict[int, list[bytes]] = {}
    for point in np.flatnonzero(np.isin(table, [point for points in phrases for point in points[:4]])).tolist():
        spellings.setdefault(int(table[point]), []).append(chr(point).encode("utf-8", "surrogatepass"))
    found: set[bytes] = set()
    for points in phrases:
        forms = ((spellings.get(point) or [chr(point).encode()]) for point in points[:4])
        found.update(b"".join(chars)[:4] for chars in product(*forms))
    return found


def _filter(starts: set[bytes], length: int, inner: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """1 for the hash of every so many bytes that a phrase may begin with; what follows a short one may be any."""
    from headwater.text._phrase_kernels import MIX, SLOTS, SMALL, TOP

    table = np.zeros(SLOTS, np.uint8)
    small = SMALL & np.uint64((1 << 8 * length) - 1)
    for start in {start[:length] for start in starts}:
        known, rest = 8 * len(start), 8 * (length - len(start))
        if rest > 16:
            return np.ones(SLOTS, np.uint8)
        ends = np.arange(1 << rest, dtype=np.uint64)
        # What comes after a whole phrase is not the inside of a word.
        ends = ends[inner[ends & np.uint64(255)] == 0] << np.uint64(known)
        table[(np.uint64(int.from_bytes(start, "little")) | ends | small) * MIX >> TOP] = 1
    return table
