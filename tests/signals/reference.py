"""The signals in plain Python, written for reading: what the compiled kernels must give, to the last bit."""

import re
import statistics
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from headwater.text import segment
from headwater.text.unicode import MARK, SINGLE, kinds
from tests.text.reference import english_words, uax29_words
from tests.text.test_segment import reference as cut

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


# datatrove's PUNCTUATION and TERMINAL_PUNCTUATION are in tests/signals/datatrove-punctuation.txt, as code points.
PUNCTUATION = frozenset(
    chr(point)
    for line in Path(__file__).with_name("datatrove-punctuation.txt").read_text("ascii").splitlines()
    if not line.startswith("#")
    for first, _, last in [line.partition("-")]
    for point in range(int(first, 16), int(last or first, 16) + 1)
)


def share(part, whole):
    return part / whole if whole else 0.0


def tokens(text):
    """Words as datatrove's English tokenizer has them, but for scripts without spaces."""
    return [word for chunk in text.split() for word in _tokens(chunk)]


@cache
def lexicon():
    """Prices of the words of all lexicons."""
    files = sorted(file.name.removesuffix(".txt.xz") for file in segment.FOLDER.glob("*.txt.xz"))
    lines = (line.split("\t") for file in files for line in segment.contents(file))
    return {word: int(price) for price, words in lines for word in words.split(" ")}


@lru_cache(200_000)
def _tokens(chunk):
    return [piece for word in english_words(chunk) for piece in _alone(word)]


def _alone(word):
    """Stretches of a script without spaces in a word, cut into words of the lexicon, and what lies between."""
    pieces = _apart(word)
    runs = groupby(pieces, lambda piece: kinds()[ord(piece[0])] == SINGLE)
    return [word for single, run in runs for word in (cut("".join(run), lexicon()) if single else run)]


def _apart(word):
    """The characters of a script without spaces in a word, each with the marks after it, and what lies between."""
    pieces = []
    for char in word:
        kind = kinds()[ord(char)]
        if not pieces or (kind != MARK and (kind == SINGLE or kinds()[ord(pieces[-1][0])] == SINGLE)):
            pieces.append(char)
        else:
            pieces[-1] += char
    return pieces


@lru_cache(200_000)
def _universal(chunk):
    return [word for word in uax29_words(chunk) if word[0].isalnum()]


def universal(text):
    """Words between boundaries of UAX #29 that begin with a letter or number. White space is a boundary, U+202F is
    not."""
    chunks = text.replace("\u202f", "\ue000").split()
    return [word for chunk in chunks for word in _universal(chunk.replace("\ue000", "\u202f"))]


def fasttext_tokens(text):
    return re.split("[ \n\r\t\v\f\0]+", text)


def words(text):
    every = tokens(text)
    plain = [w for w in every if set(w) - PUNCTUATION]
    counts = {
        "words": len(every),
        "symbol_free_words": len(plain),
        "mean_word_chars": share(sum(map(len, plain)), len(plain)),
        "hash_ratio": share(text.count("#"), len(every)),
        "ellipsis_ratio": share(text.count("...") + text.count("…"), len(every)),
        "alpha_word_ratio": share(sum(any(c.isalpha() for c in w) for w in every), len(every)),
        "stop_words": sum(w in STOP_WORDS for w in every),
        "stop_word_kinds": len(STOP_WORDS.intersection(every)),
    }
    top = {f"top_{n}_gram_char_ratio": share(top_n_gram(every, n), len(text)) for n in (2, 3, 4)}
    repeated = {f"duplicate_{n}_gram_char_ratio": share(repeated_n_grams(every, n), len(text)) for n in range(5, 11)}
    return counts | top | repeated


def n_grams(every, n):
    return [tuple(every[i : i + n]) for i in range(len(every) - n + 1)]


def top_n_gram(every, n):
    grams = Counter(map(" ".join, n_grams(every, n)))
    if not grams:
        return 0
    gram, count = grams.most_common(1)[0]
    return len(gram) * count


def repeated_n_grams(every, n):
    seen, at, chars = set(), 0, 0
    while at + n <= len(every):
        gram = "".join(every[at : at + n])
        if gram in seen:
            chars, at = chars + len(gram), at + n
        else:
            seen.add(gram)
            at += 1
    return chars


def dclm_words(text):
    split, every = text.split(), universal(text)
    chars = sum(map(len, every))
    counts = {
        "dclm_words": sum(w[:1].isalnum() for w in fasttext_tokens(text)),
        "split_words": len(split),
        "dclm_mean_word_chars": share(sum(map(len, split)), len(split)),
        "dclm_symbol_ratio": share(sum(text.count(sign) for sign in ("#", "...", ". . .", "…")), len(split)),
        "dclm_alpha_word_ratio": share(sum(any(c.isalpha() for c in w) for w in split), len(split)),
        "dclm_stop_words": sum(w.lower() in STOP_WORDS for w in split),
    }
    top = {f"dclm_top_{n}_gram_char_ratio": share(dclm_top(every, n), chars) for n in (2, 3, 4)}
    repeated = {f"dclm_duplicate_{n}_gram_char_ratio": share(dclm_repeated(every, n), chars) for n in range(5, 11)}
    return counts | top | repeated


def dclm_top(every, n):
    grams = Counter(n_grams(every, n))
    most = max(grams.values(), default=0)
    if most < 2:
        return 0
    return most * max(len("".join(gram)) for gram, count in grams.items() if count == most)


def dclm_repeated(every, n):
    grams = n_grams(every, n)
    counts = Counter(grams)
    places = {i + k for i, gram in enumerate(grams) if counts[gram] > 1 for k in range(n)}
    return sum(len(every[i]) for i in places)


def dolma_words(text):
    split = text.split()
    chars = sum(map(len, split))
    counts = {
        "dolma_median_word_chars": statistics.median(map(len, split)) if split else 0,
        "dolma_symbol_ratio": share(sum("#" in w or "…" in w for w in split), len(split)),
        "dolma_alpha_word_ratio": share(sum(any(c.isalpha() for c in w) for w in split), len(split)),
        "dolma_stop_words": sum(w in STOP_WORDS for w in split),
    }
    top = {f"dolma_top_{n}_gram_char_ratio": share(dolma_top(split, n), chars) for n in (2, 3, 4)}
    repeated = {f"dolma_duplicate_{n}_gram_char_ratio": dolma_repeated(split, n) for n in range(5, 11)}
    return counts | top | repeated


def dolma_top(split, n):
    grams = Counter(n_grams(split, n))
    if not grams:
        return 0
    gram, count = grams.most_common(1)[0]
    return count * len("".join(gram))


def dolma_repeated(split, n):
    grams = [(count, count * len("".join(gram))) for gram, count in Counter(n_grams(split, n)).items()]
    return share(sum(chars for count, chars in grams if count > 1), sum(chars for _, chars in grams))


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


def all_copies(pieces):
    counts = Counter(pieces)
    return sum(c for c in counts.values() if c > 1), sum(len(p) * c for p, c in counts.items() if c > 1)


def dclm_lines(text):
    parts = {"line": text.split("\n"), "paragraph": text.split("\n\n")}
    parts = {name: [s for piece in pieces if (s := piece.strip())] for name, pieces in parts.items()}
    shown = parts["line"]
    out = {
        "dclm_lines": len(shown),
        "dclm_paragraphs": len(parts["paragraph"]),
        "dclm_bullet_line_ratio": share(sum(s.startswith(("●", "•", "*", "-")) for s in shown), len(shown)),
        "dclm_ellipsis_line_ratio": share(sum(s.endswith(("...", ". . .", "…")) for s in shown), len(shown)),
    }
    for name, pieces in parts.items():
        count, chars = all_copies(pieces)
        out[f"dclm_duplicate_{name}_ratio"] = share(count, len(pieces))
        out[f"dclm_duplicate_{name}_char_ratio"] = share(chars, sum(map(len, pieces)))
    return out


def dolma_lines(text):
    shown = text.split("\n")
    count, chars = all_copies(shown)
    return {
        "dolma_bullet_line_ratio": share(sum(s.startswith(("*", "-")) for s in shown), len(shown)),
        "dolma_ellipsis_line_ratio": share(sum(s.endswith("…") for s in shown), len(shown)),
        "dolma_duplicate_line_ratio": share(count, len(shown)),
        "dolma_duplicate_line_char_ratio": share(chars, sum(map(len, text.split())) or 1),
    }
