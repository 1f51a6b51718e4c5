"""The word splitters in plain Python, written for reading: what the compiled ones must give. Takes quadratic time."""

import re
from functools import cache
from itertools import pairwise

import numpy as np

from headwater.text import _english_tables as tables
from headwater.text.uax29 import CLASSES, PICTOGRAPHIC, word_breaks

DIGITS = "0123456789"
DASHES = ("-", "–", "—", "--", "---", "——", "~")


def english_words(text):
    """The words of a piece of text without white space, by the rules of spaCy's English tokenizer."""
    return _rejoined(_affixed(text, tables.entries()))


def _is(flag, char):
    return bool(char) and bool(tables.characters()[ord(char)] & flag)


def _affixed(text, words):
    prefixes, suffixes = [], []
    while text and text not in words:
        prefix = _prefix(text)
        rest = text[len(prefix) :]
        suffix = "" if prefix and rest in words else _suffix(rest)
        if suffix and text.removesuffix(suffix) in words:
            prefix, rest = "", text
        if not prefix + suffix:
            break
        prefixes += [prefix] * bool(prefix)
        suffixes += [suffix] * bool(suffix)
        text = rest.removesuffix(suffix)
    middle = list(words[text]) if text in words else _middle(text)
    return prefixes + middle + suffixes[::-1]


def _prefix(text):
    if text.startswith(("US$", "C$", "A$")):
        return text[: text.index("$") + 1]
    if text[0] == "." and text[1:2] == ".":
        return re.match(r"\.+", text)[0]
    if text[0] == "+":
        return "" if text[1:2] in tuple(DIGITS) else "+"
    return text[0] if _is(tables.PREFIX, text[0]) else ""


def _suffix(text):
    """The longest that a rule cuts off."""
    if not text:
        return ""
    found = [""]
    before, last = text[-2:-1], text[-1]
    if last != ".":
        found += [last] * _is(tables.SUFFIX, last)
        found += [last] * (before in tuple(DIGITS) and (last == "+" or _is(tables.CURRENCY, last)))
    elif before == ".":
        found.append(re.search(r"\.+$", text)[0])
    elif (
        _is(tables.BEFORE_DOT, before)
        or (_is(tables.UPPER, before) and _is(tables.UPPER, text[-3:-2]))
        or (text[-3:-2] == "°" and before in tuple("FfCcKk"))
    ):
        found.append(".")
    found += [end for end in ("……", "'s", "'S", "’s", "’S") if text.endswith(end)]
    found += [unit for unit in tables.units() if text.endswith(unit) and text[: -len(unit)][-1:] in tuple(DIGITS)]
    return max(found, key=len)


def _middle(text):
    cuts = [cut for start, stop in _infixes(text) if start for cut in (start, stop)]
    if not cuts or _address().fullmatch(text):
        return [text] * bool(text)
    bounds = sorted({0, *cuts, len(text)})
    return [text[start:stop] for start, stop in pairwise(bounds)]


def _infixes(text):
    at = 0
    while at < len(text):
        length = _infix(text, at)
        if length:
            yield at, at + length
        at += length or 1


def _infix(text, at):
    char, before, after = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if char == "." and after == ".":
        return len(re.match(r"\.+", text[at:])[0])
    if char == "…" or _is(tables.ICON, char):
        return 1
    if char in "+-*^" and before in tuple(DIGITS) and after in tuple(DIGITS + "-"):
        return 1
    if char == ".":
        return int(_is(tables.LOWER | tables.QUOTE, before) and _is(tables.UPPER | tables.QUOTE, after))
    if char == ",":
        return int(_is(tables.LETTER, before) and _is(tables.LETTER, after))
    if not _is(tables.LETTER | tables.DIGIT, before):
        return 0
    if char in ":<>=/":
        return int(_is(tables.LETTER, after))
    for dash in DASHES:
        if text.startswith(dash, at) and _is(tables.LETTER, text[at + len(dash) :][:1]):
            return len(dash)
    return 0


def _rejoined(words):
    """Neighbours that are as affix rules alone would split a word with rules of its own get that word's pieces."""
    found = []
    for first in range(len(words)):
        for stop in range(first + 2, min(len(words), first + tables.LONGEST) + 1):
            spelling = "".join(words[first:stop])
            if spelling in tables.entries() and _affixed(spelling, {}) == words[first:stop]:
                found.append((first - stop, first, stop, tables.entries()[spelling]))
    seen, pieces = set(), {}
    for _, first, stop, made in sorted(found):
        if not {first, stop - 1} & seen:
            pieces |= {first: made} | dict.fromkeys(range(first + 1, stop), ())
        seen |= set(range(first, stop))
    return [piece for number, word in enumerate(words) for piece in pieces.get(number, (word,))]


def _one_of(flag):
    """A regular expression class of the characters with a flag."""
    points = np.flatnonzero(np.diff(np.concatenate([[0], tables.characters() & flag > 0, [0]]).astype(int)))
    pairs = zip(points[::2].tolist(), points[1::2].tolist(), strict=True)
    return "".join(f"\\U{first:08x}-\\U{stop - 1:08x}" for first, stop in pairs)


@cache
def _address():
    """The pattern of a web address, from the same parts as spaCy's."""
    host, digit = f"[{_one_of(tables.HOST)}]", f"[{_one_of(tables.DECIMAL)}]"
    label = rf"(?:{host}|{host}[{host[1:-1]}_-]{{0,62}}{host})"
    octet = rf"\.{digit}{{1,3}}"
    private = rf"(?!(?:10|127){octet}{octet}{octet}|(?:169\.254|192\.168){octet}{octet}"
    private += rf"|172\.(?:1[6-9]|2{digit}|3[01]){octet}{octet})"
    first = rf"(?:[1-9]{digit}?|1{digit}{digit}|2[01]{digit}|22[0-3])"
    inner = rf"\.(?:1?{digit}{{1,2}}|2[0-4]{digit}|25[0-5])"
    final = rf"\.(?:[1-9]{digit}?|1{digit}{digit}|2[0-4]{digit}|25[0-4])"
    domain = rf"(?:{label}\.)+[{_one_of(tables.LOWER)}]{{2,63}}"
    scheme, user = rf"(?:[{_one_of(tables.WORD)}+.-]{{2,}}://)?", "(?:.+@)?"
    place = rf"(?:{private}{first}{inner}{inner}{final}|{domain})"
    return re.compile(rf"{scheme}{user}{place}(?::{digit}{{2,5}})?(?:[/?#].*)?", re.DOTALL)


LETTERS = ("ALetter", "Hebrew_Letter")
WORDLIKE = (*LETTERS, "Numeric", "Katakana")
BREAKS = ("CR", "LF", "Newline")
IGNORED = ("Extend", "Format", "ZWJ")
BETWEEN_LETTERS = ("MidLetter", "MidNumLet", "Single_Quote")
BETWEEN_NUMBERS = ("MidNum", "MidNumLet", "Single_Quote")


def uax29_words(text):
    """The words of a text by the rules of UAX #29, named as there."""
    values = [int(word_breaks()[ord(char)]) for char in text]
    classes = [CLASSES[value & ~PICTOGRAPHIC] for value in values]
    words, start = [], 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _joined(classes, values, at):
            words.append(text[start:at])
            start = at
    return words


def _joined(classes, values, at):
    left, right = classes[at - 1], classes[at]
    if left in BREAKS or right in BREAKS:
        return (left, right) == ("CR", "LF")  # WB3, WB3a, WB3b
    if left == "ZWJ" and values[at] & PICTOGRAPHIC:
        return True  # WB3c
    if left == right == "WSegSpace" or right in IGNORED:
        return True  # WB3d, WB4
    earlier = [name for name in classes[:at] if name not in IGNORED]
    later = [name for name in classes[at + 1 :] if name not in IGNORED]
    before, left = ["", "", *earlier][-2:]
    after = [*later, ""][0]
    if left in LETTERS and right in LETTERS:
        return True  # WB5
    if left in LETTERS and right in BETWEEN_LETTERS and after in LETTERS:
        return True  # WB6
    if before in LETTERS and left in BETWEEN_LETTERS and right in LETTERS:
        return True  # WB7
    if left == "Hebrew_Letter" and (right == "Single_Quote" or (right, after) == ("Double_Quote", "Hebrew_Letter")):
        return True  # WB7a, WB7b
    if (before, left, right) == ("Hebrew_Letter", "Double_Quote", "Hebrew_Letter"):
        return True  # WB7c
    if left in (*LETTERS, "Numeric") and right in (*LETTERS, "Numeric"):
        return True  # WB8, WB9, WB10
    if before == right == "Numeric" and left in BETWEEN_NUMBERS:
        return True  # WB11
    if left == after == "Numeric" and right in BETWEEN_NUMBERS:
        return True  # WB12
    if left == right == "Katakana":
        return True  # WB13
    if left in (*WORDLIKE, "ExtendNumLet") and right == "ExtendNumLet":
        return True  # WB13a
    if left == "ExtendNumLet" and right in WORDLIKE:
        return True  # WB13b
    if left == right == "Regional_Indicator":
        run = 0
        while run < len(earlier) and earlier[-1 - run] == "Regional_Indicator":
            run += 1
        return run % 2 == 1  # WB15, WB16
    return False
