"""Write, or compare, what headwater/text knows of the words of spaCy 3.8 and of UAX #29. Needs these peers, which
Headwater itself never imports:

    python -m scripts.word_tables spacy > headwater/text/spacy-english-characters.txt
    python -m scripts.word_tables uniseg > headwater/text/word-break-16.txt
    python -m scripts.word_tables compare FILE...

`spacy` asks spaCy's patterns about every character (and this Python's Unicode what a digit and a letter is: 3.11 has
14.0.0); `uniseg` asks uniseg 0.10.1 (Unicode 16.0.0); `compare` compares the list of words with rules of their own, and
how both splitters and their peers split every piece of the files between white space.
"""

import re
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from headwater.text._english_tables import entries
from headwater.text.spacy_words import english, split_english
from headwater.text.uax29 import CLASSES, split_uax29, word_breaks

SPACY = f"""\
# What each character is to the English tokenizer of spaCy 3.8: class, then code points or ranges (first-last, or
# first-last/2 for every other one). Written by scripts/word_tables.py from the classes in spaCy's own patterns;
# decimal and word are what \\d and \\w match in Unicode {unicodedata.unidata_version}."""
UNISEG = """\
# Word_Break and Extended_Pictographic of Unicode 16.0.0 (https://www.unicode.org/reports/tr29/tr29-45.html): value,
# then code points or ranges (first-last, or first-last/2 for every other one); the rest are Other. Written by
# scripts/word_tables.py from the Unicode Character Database as uniseg 0.10.1 carries it."""
Points = dict[str, set[int]]


def spacy_classes() -> Points:
    """Code points by class, found by asking spaCy's patterns about every character."""
    from spacy.lang import char_classes as spacy

    def matched(characters: str) -> set[int]:
        pattern = re.compile(f"[{characters}]")
        return {point for point in range(0x110000) if pattern.match(chr(point))}

    def singles(pieces: Iterable[str]) -> set[int]:
        return {ord(piece[-1]) for piece in pieces if len(piece.replace("\\", "")) == 1}

    return {
        "letter": matched(spacy.ALPHA),
        "lower": matched(spacy.ALPHA_LOWER),
        "upper": matched(spacy.ALPHA_UPPER),
        "quote": matched(spacy.CONCAT_QUOTES),
        "icon": matched(spacy.CONCAT_ICONS),
        "punctuation": singles(spacy.LIST_PUNCT),
        "currency": singles(spacy.LIST_CURRENCY),
        "decimal": matched(r"\d"),
        "word": matched(r"\w"),
    }


def uniseg_classes() -> Points:
    """Code points by value of Word_Break, and those that are pictographic."""
    from uniseg.emoji import extended_pictographic
    from uniseg.wordbreak import word_break

    points: Points = {name: set() for name in CLASSES[1:-1]}
    for point in range(0x110000):
        if (value := word_break(chr(point)).value) != "Other":
            points[value].add(point)
    return points | {"Extended_Pictographic": {p for p in range(0x110000) if extended_pictographic(chr(p))}}


def ranges(points: set[int]) -> Iterator[str]:
    """The points as a table writes them."""
    runs: list[list[int]] = []
    for _, run in groupby(enumerate(sorted(points)), lambda pair: pair[1] - pair[0]):
        first, *rest = (point for _, point in run)
        last = rest[-1] if rest else first
        if runs and first == last == runs[-1][1] + 2 and runs[-1][2] in (0, 2):
            runs[-1][1:] = last, 2
        else:
            runs.append([first, last, 1 if rest else 0])
    for first, last, step in runs:
        yield f"{first:X}" if first == last else f"{first:X}-{last:X}" + "/2" * (step == 2)


def write(head: str, classes: Points) -> None:
    """A table on standard output."""
    sys.stdout.write(head + "\n")
    for name, points in classes.items():
        for line in textwrap.wrap(" ".join(ranges(points)), 119 - len(name), break_on_hyphens=False):
            sys.stdout.write(f"{name} {line}\n")


def compare_entries() -> int:
    """How many words with rules of their own differ from spaCy's."""
    import spacy
    from spacy.symbols import ORTH

    rules = spacy.blank("en").tokenizer.rules
    peer = {text: tuple(piece[ORTH] for piece in pieces) for text, pieces in rules.items() if not text.isspace()}
    own = entries()
    wrong = sorted(text for text in peer.keys() | own.keys() if peer.get(text) != own.get(text))
    for text in wrong:
        sys.stdout.write(f"{text!r}: spaCy {peer.get(text)}, here {own.get(text)}\n")
    return len(wrong)


def compare(name: str, peer: Callable[[str], list[str]], own: Callable[[str], list[str]], pieces: list[str]) -> int:
    """How many pieces are split differently."""
    wrong = [piece for piece in pieces if peer(piece) != own(piece)]
    for piece in wrong:
        sys.stdout.write(f"{piece!r}: {name} {peer(piece)}, here {own(piece)}\n")
    sys.stdout.write(f"{len(wrong)} of {len(pieces)} pieces differ from {name}\n")
    return len(wrong)


def compare_files(paths: list[str]) -> int:
    """How many different pieces of the files are split differently by either splitter."""
    import spacy
    from uniseg.wordbreak import words

    def own(split: Callable[..., int], rules: object) -> Callable[[str], list[str]]:
        def split_text(text: str) -> list[str]:
            data = np.frombuffer(text.encode(), np.uint8)
            cuts = np.empty(len(data), np.int32)
            count = split(data, 0, len(data), rules, cuts)
            return [data[start:stop].tobytes().decode() for start, stop in pairwise([0, *cuts[:count].tolist()])]

        return split_text

    pieces = sorted({piece for path in paths for piece in Path(path).read_text("utf-8").split()})
    tokenizer = spacy.blank("en").tokenizer
    wrong = compare(
        "spaCy", lambda text: [str(word) for word in tokenizer(text)], own(split_english, english()), pieces
    )
    return wrong + compare("uniseg", lambda text: list(words(text)), own(split_uax29, word_breaks()), pieces)


if __name__ == "__main__":
    if sys.argv[1] == "spacy":
        write(SPACY, spacy_classes())
    elif sys.argv[1] == "uniseg":
        write(UNISEG, uniseg_classes())
    else:
        sys.exit(bool(compare_entries() + compare_files(sys.argv[2:])))
