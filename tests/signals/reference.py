"""The signals in plain Python, written for reading: what the compiled kernels must give, to the last bit."""

import re
import unicodedata
from collections import Counter

from headwater.text.unicode import KINDS, kinds

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
WITHOUT_SPACES = (
    "CJK UNIFIED IDEOGRAPH-", "CJK COMPATIBILITY IDEOGRAPH-", "HIRAGANA LETTER ", "THAI CHARACTER ", "LAO ", "KHMER ",
    "MYANMAR ", "TAI LE ", "NEW TAI LUE ", "TAI THAM ", "TAI VIET ",
)  # fmt: skip


def kind(char):
    """The rule from which headwater/text/unicode-14.txt was written."""
    category = unicodedata.category(char)
    if char.isspace():
        return "space"
    if category == "Cc" or char == "\u200b":
        return "gap"
    if char in "'\u2019._-\u2010\u2011":
        return "middle"
    if char in ",:/\u2013":
        return "divider"
    if category[0] == "M" or category == "Cf":
        return "mark"
    if category[0] == "N":
        return "number"
    if category == "Lo" and unicodedata.name(char, "").startswith(WITHOUT_SPACES):
        return "single"
    return "letter" if category[0] == "L" else "symbol"


def _classes():
    """One regular expression class for each kind, from the table."""
    table, found = kinds(), {}
    for number, name in enumerate(KINDS):
        points = [p for p in (table == number).nonzero()[0].tolist() if not 0xD800 <= p < 0xE000]
        runs, start = [], None
        for point, following in zip(points, [*points[1:], None], strict=True):
            start = point if start is None else start
            if following != point + 1:
                runs.append(f"\\U{start:08x}-\\U{point:08x}")
                start = None
        found[name] = "[" + "".join(runs) + "]"
    return found


_C = _classes()
_ANY = f"(?:{_C['letter']}|{_C['number']})"
_JOIN = f"{_C['middle']}(?={_ANY})"
# A divider joins two numbers; marks may stand between the number and the divider.
_NUMBERS = f"{_C['number']}{_C['mark']}*(?:{_C['divider']}(?={_C['number']}){_C['number']}{_C['mark']}*)*"
WORD = f"(?:{_NUMBERS}|{_C['letter']}{_C['mark']}*)(?:{_NUMBERS}|{_C['letter']}{_C['mark']}*|{_JOIN})*"
SYMBOL = f"(?P<sign>(?!{_C['space']}|{_C['gap']}).)(?P=sign)*{_C['mark']}*"
TOKEN = re.compile(f"{WORD}|{_C['single']}{_C['mark']}*|{SYMBOL}", re.DOTALL)
IS_WORD = re.compile(f"{_ANY}|{_C['single']}")


def tokens(text):
    return [match.group() for match in TOKEN.finditer(text)]


def share(part, whole):
    return part / whole if whole else 0.0


def words(text):
    every = tokens(text)
    return counted(text, every) | followed(text, every)


def counted(text, every):
    plain = [w for w in every if IS_WORD.match(w)]
    return {
        "words": len(every),
        "symbol_free_words": len(plain),
        "mean_word_chars": share(sum(map(len, plain)), len(plain)),
        "hash_ratio": share(text.count("#"), len(every)),
        "ellipsis_ratio": share(text.count("...") + text.count("…"), len(every)),
        "alpha_word_ratio": share(sum(any(c.isalpha() for c in w) for w in every), len(every)),
        "stop_words": sum(w.lower() in STOP_WORDS for w in text.split()),
        "stop_word_kinds": len(STOP_WORDS.intersection(every)),
    }


def copies(pieces):
    seen, count, chars = set(), 0, 0
    for piece in pieces:
        count, chars = (count + 1, chars + len(piece)) if piece in seen else (count, chars)
        seen.add(piece)
    return count, chars


def lines(text):
    shown, pieces = text.splitlines(), re.split("\n+", text)
    paragraphs = re.split("\n{2,}", text.strip()) if text.strip() else []
    line_copies, line_chars = copies(pieces)
    paragraph_copies, paragraph_chars = copies(paragraphs)
    return {
        "lines": len(shown),
        "paragraphs": len(paragraphs),
        "bullet_line_ratio": share(sum(s.lstrip().startswith(("•", "-")) for s in shown), len(shown)),
        "ellipsis_line_ratio": share(sum(s.rstrip().endswith(("...", "…")) for s in shown), len(shown)),
        "duplicate_line_ratio": share(line_copies, len(pieces)),
        "duplicate_paragraph_ratio": share(paragraph_copies, len(paragraphs)),
        "duplicate_line_char_ratio": share(line_chars, len(text)),
        "duplicate_paragraph_char_ratio": share(paragraph_chars, len(text)),
    }


def top_n_gram(every, n):
    grams = Counter(tuple(every[i : i + n]) for i in range(len(every) - n + 1))
    if not grams:
        return 0
    gram, count = grams.most_common(1)[0]
    return len(" ".join(gram)) * count


def repeated_n_grams(every, n):
    seen, at, chars = set(), 0, 0
    while at + n <= len(every):
        gram = tuple(every[at : at + n])
        if gram in seen:
            chars, at = chars + sum(map(len, gram)), at + n
        else:
            seen.add(gram)
            at += 1
    return chars


def followed(text, every):
    top = {f"top_{n}_gram_char_ratio": share(top_n_gram(every, n), len(text)) for n in (2, 3, 4)}
    repeated = {f"duplicate_{n}_gram_char_ratio": share(repeated_n_grams(every, n), len(text)) for n in range(5, 11)}
    return top | repeated
