"""Make headwater/text/lexicons from the word lists named there in NOTICE.md.

`python -m scripts.lexicons ICU JIEBA PYTHAINLP`, three folders: ICU's brkitr/dictionaries as text (cjdict, khmerdict,
laodict, burmesedict: a word, a tab, a value a line), jieba with dict.txt, PyThaiNLP's corpus with words_th.txt and
tnc_freq.txt.
"""

import lzma
import math
import sys
from collections.abc import Mapping
from pathlib import Path

from headwater.text.segment import UNKNOWN
from headwater.text.unicode import MARK, SINGLE, kinds

OUT = Path(__file__).resolve().parent.parent / "headwater" / "text" / "lexicons"
# jieba gives 3 to words that nobody counted; below that a word costs as much space as another and changes few cuts.
MIN_JIEBA, MOST_ICU = 4, 150_000
# ICU's price of Chinese words against -10 log2 of their share in jieba: slope 1.93; plus a handicap, so that a Chinese
# text is cut as by jieba alone, and Japanese as by ICU alone (F1 0.96 and 0.89 for a handicap of 20).
SLOPE, HANDICAP = 1.934, 20
# South East Asian lists: as few words as possible, as maximal matching has it; frequency decides among equals.
WORD, BY_FREQUENCY = 150, 0.2


def unspaced(word: str) -> bool:
    """Whether a word has no character but those of scripts without spaces."""
    table = kinds()
    return bool(word) and all(table[ord(char)] in (SINGLE, MARK) for char in word) and table[ord(word[0])] == SINGLE


def listed(file: Path) -> dict[str, int]:
    """Words and numbers of a file with tabs; 0 where there is no number."""
    rows = (
        line.split("\t") for line in file.read_text("utf-8").splitlines() if line.strip() and line.strip()[0] != "#"
    )
    return {row[0].strip().lstrip("\ufeff"): int(row[1]) if len(row) > 1 else 0 for row in rows}


def price(count: float, total: int) -> int:
    """-10 log2 of a share."""
    return max(1, round(-10 * math.log2(count / total)))


def east_asian(icu: Path, jieba: Path) -> dict[str, int]:
    """Chinese words at jieba's prices, then Japanese and traditional Chinese words of ICU at prices to match."""
    rows = [line.split(" ") for line in (jieba / "dict.txt").read_text("utf-8").splitlines()]
    total = sum(int(row[1]) for row in rows)
    chinese = {row[0]: price(int(row[1]), total) for row in rows if int(row[1]) >= MIN_JIEBA and unspaced(row[0])}
    there = {word: value for word, value in listed(icu / "cjdict.txt").items() if unspaced(word)}
    cheapest = sorted(there.items(), key=lambda pair: (pair[1], pair[0]))[:MOST_ICU]
    return without_idle({word: max(1, round(value * SLOPE + HANDICAP)) for word, value in cheapest} | chinese)


def thai(corpus: Path) -> dict[str, int]:
    """PyThaiNLP's list of words with frequencies of the Thai National Corpus."""
    counts = listed(corpus / "tnc_freq.txt")
    total = sum(counts.values())
    words = [word for word in listed(corpus / "words_th.txt") if unspaced(word)]
    return {w: round(WORD + BY_FREQUENCY * (price(counts.get(w, 0) + 0.5, total) - WORD)) for w in words}


def without_idle(prices: Mapping[str, int]) -> dict[str, int]:
    """Without words that are dearer than their parts, which no cut ever has."""
    return {word: value for word, value in prices.items() if len(word) == 1 or value <= _parts(word, prices)}


def _parts(word: str, prices: Mapping[str, int]) -> int:
    best = [0] + [10**9] * len(word)
    for i in range(len(word)):
        for j in range(i + 1, len(word) + 1):
            if j - i < len(word):
                value = prices.get(word[i:j], UNKNOWN if j == i + 1 else 10**9)
                best[j] = min(best[j], best[i] + value)
    return best[-1]


def write(name: str, prices: Mapping[str, int]) -> None:
    """Lines `price TAB word SPACE word ...`, compressed."""
    by_price: dict[int, list[str]] = {}
    for word, value in sorted(prices.items()):
        by_price.setdefault(value, []).append(word)
    text = "".join(f"{value}\t{' '.join(words)}\n" for value, words in sorted(by_price.items()))
    (OUT / f"{name}.txt.xz").write_bytes(lzma.compress(text.encode(), preset=9))


def main() -> None:
    icu, jieba, corpus = map(Path, sys.argv[1:4])
    OUT.mkdir(parents=True, exist_ok=True)
    write("east-asian", east_asian(icu, jieba))
    write("thai", thai(corpus))
    for name in ("khmer", "lao", "burmese"):
        write(name, {word: WORD for word in listed(icu / f"{name}dict.txt") if unspaced(word)})


if __name__ == "__main__":
    main()
