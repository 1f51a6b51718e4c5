"""Words of scripts that put no spaces between them: the most probable way to cut a stretch into words of a lexicon.

Source: unigram segmentation by dynamic programming over a lexicon with frequencies, as in ICU's dictionary-based break
iterators for Chinese and Japanese (UAX #29 leaves these scripts to a dictionary) and in jieba. A word of price p, an
integer, is as probable as 2 ** (-p / 10): the cheapest cut wins, of equally cheap ones that with the longer first word.

A lexicon is a trie whose edges (node, code point) lie in one open hash table, so that a word is found by comparison
and never by hash alone. Where no word fits, a character is a word by itself in Han and kana; in the South East Asian
scripts characters without a word run together, since a letter alone is none. No cut lies before a mark or within a
stack of consonants. Time is linear in the stretch (times the length of the longest word), memory too.

Compiled code is cached on disk; see headwater/text/kernels.py.
"""

import lzma
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from headwater.text.kernels import Bytes, Hashes, Ints, Longs, lean
from headwater.text.unicode import MARK

FOLDER = Path(__file__).parent / "lexicons"
# Dearer than any word; the price of a character that no word covers.
UNKNOWN = 400
NO_WORD = -1
# From here on a character is Han or kana: it may be a word by itself.
FIRST_EAST_ASIAN = 0x2E80
POINT_BITS = np.uint64(21)
NEWLINE, TAB, SPACE, ZERO = 10, 9, 32, 48
SPREAD, HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


class Lexicon(NamedTuple):
    """A trie: `edges` (node << 21 | code point, plus 1; 0 is free) lead to `nodes`, each with the `prices` of its word.

    `edges` and `nodes` have the same length, a power of two; node 0 is the root.
    """

    edges: Hashes
    nodes: Ints
    prices: Ints


@lean
def point_at(data: Bytes, at: int) -> tuple[int, int]:
    """Code point and width in bytes of the character at `at`; the bytes are UTF-8."""
    byte = int(data[np.uint64(at)])
    if byte < 0x80:
        return byte, 1
    width = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    point = byte & (0xFF >> (width + 1))
    for k in range(1, width):
        point = point << 6 | int(data[np.uint64(at + k)] & 0x3F)
    return point, width


@lean
def _place(edges: Hashes, key: np.uint64) -> np.uint64:
    """Where an edge is, or would be."""
    mask = np.uint64(len(edges) - 1)
    mixed = key * SPREAD
    at = (mixed ^ (mixed >> HALF)) & mask
    while edges[at] != 0 and edges[at] != key:
        at = (at + np.uint64(1)) & mask
    return at


@lean
def _edge(node: int, point: int) -> np.uint64:
    return (np.uint64(node) << POINT_BITS | np.uint64(point)) + np.uint64(1)


@lean
def child(edges: Hashes, nodes: Ints, node: int, point: int) -> int:
    """The node that a code point leads to; 0, the root, where it leads nowhere."""
    place = _place(edges, _edge(node, point))
    return int(nodes[place]) if edges[place] != 0 else 0


@lean
def _grow(data: Bytes, edges: Hashes, nodes: Ints, prices: Ints) -> int:
    """Enter the words of lines `price TAB word SPACE word ...`; returns the number of nodes."""
    count, node, price, at, told = 1, 0, 0, 0, False
    while at < len(data):
        byte = data[at]
        if told and byte != SPACE and byte != NEWLINE:
            point, width = point_at(data, at)
            place = _place(edges, _edge(node, point))
            if edges[place] == 0:
                edges[place], nodes[place] = _edge(node, point), count
                count += 1
            node = nodes[place]
            at += width
            continue
        if told and node > 0:
            prices[node] = price
            node = 0
        if byte == NEWLINE:
            told, price = False, 0
        elif byte == TAB:
            told = True
        elif not told:
            price = price * 10 + byte - ZERO
        at += 1
    return count


def lexicon(lines: bytes) -> Lexicon:
    """A lexicon of lines `price TAB word SPACE word ...` in UTF-8. Of a word that comes twice the last price counts."""
    data = np.frombuffer(lines + b"\n", np.uint8)
    most = len(lines.decode()) + 1
    size = 1 << (2 * most).bit_length()
    edges, nodes, prices = np.zeros(size, np.uint64), np.zeros(size, np.int32), np.full(most, NO_WORD, np.int32)
    count = _grow(data, edges, nodes, prices)
    return _compact(edges, nodes, prices[:count].copy())


def _compact(edges: Hashes, nodes: Ints, prices: Ints) -> Lexicon:
    """The same in a smaller table: words share their beginnings, so that nodes are fewer than characters."""
    size = 1 << (len(prices) * 3 // 2).bit_length()
    kept = edges != 0
    old_edges, old_nodes = edges[kept], nodes[kept]
    edges, nodes = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    _refill(old_edges, old_nodes, edges, nodes)
    for array in (edges, nodes, prices):
        array.flags.writeable = False
    return Lexicon(edges, nodes, prices)


@lean
def _refill(old_edges: Hashes, old_nodes: Ints, edges: Hashes, nodes: Ints) -> None:
    for k in range(len(old_edges)):
        place = _place(edges, old_edges[k])
        edges[place], nodes[place] = old_edges[k], old_nodes[k]


def priced(words: Iterable[tuple[str, int]]) -> bytes:
    """Words and prices as the lines of a lexicon."""
    return "\n".join(f"{price}\t{word}" for word, price in words).encode()


def contents(name: str) -> list[str]:
    """The lines of one lexicon of this folder."""
    return lzma.decompress((FOLDER / f"{name}.txt.xz").read_bytes()).decode().splitlines()


@cache
def embedded() -> Lexicon:
    """The lexicons of this folder: Chinese, Japanese, Thai, Lao, Khmer and Burmese words. Read-only."""
    names = sorted(file.name.removesuffix(".txt.xz") for file in FOLDER.glob("*.txt.xz"))
    return lexicon("\n".join(line for name in names for line in contents(name)).encode())


@lean
def segment(
    data: Bytes,
    start: int,
    stop: int,
    kinds: Bytes,
    edges: Hashes,
    nodes: Ints,
    prices: Ints,
    best: Longs,
    ends: Ints,
    cuts: Ints,
) -> int:
    """Cut data[start:stop], UTF-8 of a script without spaces, into words; returns how many.

    `cuts` is filled with the end of each word in bytes from `start`, the last one stop - start. `best` and `ends` are
    scratch. All three need stop - start + 1 places; only those up to there are written.
    """
    length = stop - start
    best[length], ends[length] = 0, length
    at = stop
    while at > start:
        end = at
        at -= 1
        while at > start and (data[np.uint64(at)] & 0xC0) == 0x80:
            at -= 1
        here = at - start
        point, _ = point_at(data, at)
        if at > start and (kinds[point] == MARK or _is_stacked(data, start, at)):
            # Nothing begins here: it goes with what is before it.
            best[here], ends[here] = -1, end - start
            continue
        after = end - start
        while best[after] < 0:
            after = ends[after]
        best[here], ends[here] = UNKNOWN + best[after], -after
        _cheapest(data, start, stop, at, edges, nodes, prices, best, ends)
    return _follow(data, start, length, ends, cuts)


@lean
def _is_stacked(data: Bytes, start: int, at: int) -> bool:
    """Whether the sign before makes the letter here a part of it: Khmer coeng (U+17D2), Myanmar virama (U+1039)."""
    if at - start < 3 or data[np.uint64(at - 3)] != 0xE1:
        return False
    middle, last = data[np.uint64(at - 2)], data[np.uint64(at - 1)]
    return bool((middle == 0x9F and last == 0x92) or (middle == 0x80 and last == 0xB9))


@lean
def _cheapest(
    data: Bytes,
    start: int,
    stop: int,
    at: int,
    edges: Hashes,
    nodes: Ints,
    prices: Ints,
    best: Longs,
    ends: Ints,
) -> None:
    """Find the word that begins here in the cheapest cut of the rest."""
    here, node = at - start, 0
    while at < stop:
        point, width = point_at(data, at)
        node = child(edges, nodes, node, point)
        if node == 0:
            return
        at += width
        end = at - start
        if prices[node] >= 0 and best[end] >= 0 and prices[node] + best[end] <= best[here]:
            best[here], ends[here] = prices[node] + best[end], end


@lean
def _follow(data: Bytes, start: int, length: int, ends: Ints, cuts: Ints) -> int:
    """The cuts from the first word on; unknown letters (negative ends) next to each other are one word."""
    at = count = 0
    while at < length:
        known = ends[at] >= 0
        joins = not known and count > 0 and cuts[count - 1] < 0
        if joins and point_at(data, start + at)[0] < FIRST_EAST_ASIAN:
            count -= 1
        cuts[count] = ends[at]
        at = abs(ends[at])
        count += 1
    for k in range(count):
        cuts[k] = abs(cuts[k])
    return count
