"""The table behind spacy_words.py: what each character is, and the words that have rules of their own.

Read from spacy-english-characters.txt and spacy-english-words.txt, which say where they come from. Words and units are
kept in one trie over their bytes, so that no look-up takes longer than the longest word. All of it is one array: numba
would count references, with locks, whenever it took an array out of a tuple.
"""

from collections.abc import Mapping
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from headwater.text._ranges import ranges

Table = npt.NDArray[np.uint32]

LETTER, LOWER, UPPER, QUOTE, ICON, CURRENCY, DECIMAL, WORD = (1 << bit for bit in range(8))
PREFIX, SUFFIX, BEFORE_DOT, INSIDE, SIGN, LINK, HOST, DIGIT = (1 << bit for bit in range(8, 16))
CLASSES = {
    "letter": LETTER,
    "lower": LOWER | BEFORE_DOT,
    "upper": UPPER,
    "quote": QUOTE | PREFIX | SUFFIX | BEFORE_DOT,
    "icon": ICON | PREFIX | SUFFIX | INSIDE,
    "punctuation": PREFIX | SUFFIX | BEFORE_DOT,
    "currency": CURRENCY | PREFIX,
    "decimal": DECIMAL,
    "word": WORD,
}
MORE = {
    "§%=—–": PREFIX,
    "—–": SUFFIX,
    "0123456789%²+-|": BEFORE_DOT,
    ".…,–—~": INSIDE,
    "+-*^": INSIDE | SIGN,
    ":<>=/": INSIDE | LINK,
    "0123456789": DIGIT,
}

# Where the parts of the table begin. What every code point is, as a union of the flags above, comes first; then
SLOTS, NODES, LONGEST, LONGEST_UNIT, PRIME = 1 << 13, 1 << 12, 32, 10, 0x9E3779B1
EDGES = 0x110000  # hash table of the trie: pairs of node << 8 | byte and the node it leads to; 0 is no node
PIECES = EDGES + 2 * SLOTS  # by node: how the word that ends here is split, a bit for each byte that ends a piece; or 0
AFFIXES = PIECES + NODES  # by node: how affix rules alone would split it, if they would; or 0
FIRST = AFFIXES + NODES  # by first byte: the lengths of the words that begin so, less one, as bits
LAST = FIRST + 256  # the same by last byte
JOINTS = LAST + 256  # bits, by two bytes: whether a word that affix rules split otherwise has its first cut there
SIZE = JOINTS + 256 * 8
WORDS, AFTER_DIGIT = 1, 2  # the nodes where words and units begin


@cache
def characters() -> Table:
    """What every code point is. Read-only."""
    made = np.zeros(0x110000, np.uint32)
    for name, points in ranges("spacy-english-characters.txt"):
        made[points] |= CLASSES[name]
    for members, flag in MORE.items():
        made[[ord(character) for character in members]] |= flag
    for first, last in (("0", "9"), ("A", "Z"), ("a", "z"), ("\xa1", "\uffff")):
        made[ord(first) : ord(last) + 1] |= HOST
    made.flags.writeable = False
    return made


@cache
def entries() -> dict[str, tuple[str, ...]]:
    """The words that have rules of their own, and their pieces."""
    words: dict[str, tuple[str, ...]] = {}
    for line in Path(__file__).with_name("spacy-english-words.txt").read_text("utf-8").splitlines():
        if line.startswith(("# ", "+ ")):
            continue
        if line.startswith("- "):
            for word in line.split()[1:]:
                del words[word]
            continue
        capital = line.startswith("^ ")
        for first, *rest in product(*(group.split() for group in line.removeprefix("^ ").split(" + "))):
            for start in (first, first.capitalize()) if capital else (first,):
                for quote in "'’":
                    pieces = tuple(piece.replace("'", quote) for piece in (start, *rest))
                    words["".join(pieces)] = pieces
    return words


@cache
def units() -> tuple[str, ...]:
    """What is cut off after a digit."""
    lines = Path(__file__).with_name("spacy-english-words.txt").read_text("utf-8").splitlines()
    return tuple(unit for line in lines if line.startswith("+ ") for unit in line.split()[1:])


def table(words: Mapping[str, int], affixes: Mapping[str, int]) -> Table:
    """The whole table. Both have a bit for each byte that ends a piece: by rules of its own, by affixes."""
    made = np.zeros(SIZE, np.uint32)
    made[:EDGES] = characters()
    for unit in units():
        made[PIECES + grow(made, AFTER_DIGIT, unit.encode())] = 1
    for word, pieces in words.items():
        text, cuts = word.encode(), affixes.get(word, 0)
        node = grow(made, WORDS, text)
        made[[PIECES + node, AFFIXES + node]] = pieces, cuts
        made[[FIRST + text[0], LAST + text[-1]]] |= np.uint32(1 << len(text) - 1)
        if cuts not in (0, pieces):
            cut = (cuts & -cuts).bit_length()
            joint = text[cut - 1] << 8 | text[cut]
            made[JOINTS + (joint >> 5)] |= np.uint32(1 << (joint & 31))
    made[PIECES] = 0
    made.flags.writeable = False
    return made


def grow(made: Table, node: int, text: bytes) -> int:
    """The node of a text, with what is missing on the way there. While growing, the entry of no node counts them."""
    for byte in text:
        key = node << 8 | byte
        at = key * PRIME >> 9 & SLOTS - 1
        while made[EDGES + 2 * at] not in (0, key):
            at = at + 1 & SLOTS - 1
        if not made[EDGES + 2 * at]:
            made[PIECES] = max(made[PIECES], AFTER_DIGIT) + 1
            made[[EDGES + 2 * at, EDGES + 2 * at + 1]] = key, made[PIECES]
        node = int(made[EDGES + 2 * at + 1])
    return node
