"""Words of scripts without spaces: F1 of boundaries against segmenters of single languages, and megabytes a second.

Run: python -m benchmarks.segment FOLDER, the folder with lingua_sentences.jsonl.gz and udhr.jsonl.gz. The segmenters
are asked where they are installed: jieba, sudachipy with sudachidict_core, pythainlp, khmer-nltk, laonlp. Only
boundaries within stretches of such characters count; the ends of a stretch are everybody's.
"""

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import numpy as np

from headwater.text.segment import embedded, segment
from headwater.text.unicode import MARK, SINGLE, kinds

Segmenter = Callable[[str], list[str]]
SCRIPTS = {"Chinese": ("zh", "Hans"), "traditional": ("", "Hant"), "Japanese": ("ja", "Jpan"), "Thai": ("th", "Thai"),
           "Khmer": ("", "Khmr"), "Lao": ("", "Laoo"), "Burmese": ("", "Mymr")}  # fmt: skip


def peers() -> Iterator[tuple[str, Segmenter]]:
    """The segmenters that are installed, by the language they are for."""
    for language, module, make in (
        ("Chinese", "jieba", lambda m: lambda text: list(m.cut(text))),
        ("traditional", "jieba", lambda m: lambda text: list(m.cut(text))),
        ("Japanese", "sudachipy", _sudachi),
        ("Thai", "pythainlp", lambda m: lambda text: m.word_tokenize(text, engine="newmm")),
        ("Khmer", "khmernltk", lambda m: m.word_tokenize),
        ("Lao", "laonlp.tokenize", lambda m: m.word_tokenize),
    ):
        try:
            yield language, make(import_module(module))
        except ImportError:
            print(f"{language}: {module} is not installed")


def _sudachi(module: object) -> Segmenter:
    tokenizer = module.Dictionary(dict="core").create()  # type: ignore[attr-defined]
    mode = module.SplitMode.A  # type: ignore[attr-defined]
    return lambda text: [word.surface() for word in tokenizer.tokenize(text, mode)]


def texts(folder: Path, language: str) -> list[str]:
    """Sentences and paragraphs of a language."""
    code, script = SCRIPTS[language]
    found = [row["text"] for row in _rows(folder / "lingua_sentences.jsonl.gz") if row["lang"] == code]
    main = {"Hans": "cmn", "Hant": "cmn", "Jpan": "jpn", "Thai": "tha", "Khmr": "khm", "Laoo": "lao", "Mymr": "mya"}
    rows = _rows(folder / "udhr.jsonl.gz")
    return found + [r["text"] for r in rows if (r["iso639_3"], r["script"]) == (main[script], script)]


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where characters of scripts without spaces stand together."""
    table, at = kinds(), 0
    while at < len(text):
        end = at
        while end < len(text) and table[ord(text[end])] in ((SINGLE,) if end == at else (SINGLE, MARK)):
            end += 1
        if end > at:
            yield at, end
        at = max(end, at + 1)


def ours(text: str) -> list[str]:
    """The words of one stretch."""
    data = np.frombuffer(text.encode(), np.uint8)
    room = len(data) + 1
    best, ends, cuts = np.zeros(room, np.int64), np.zeros(room, np.int32), np.zeros(room, np.int32)
    count = segment(data, 0, len(data), kinds(), *embedded(), best, ends, cuts)
    bounds = [0, *cuts[:count]]
    return [bytes(data[a:b]).decode() for a, b in pairwise(bounds)]


def boundaries(words: Sequence[str], text: str) -> set[int]:
    """Where words end, as places in the text; what a segmenter left out is looked over."""
    found, at = set(), 0
    for word in words:
        place = text.find(word, at)
        if word and place >= 0:
            found |= {place, place + len(word)}
            at = place + len(word)
    return found


def f1(some: Sequence[str], peer: Segmenter) -> float:
    """F1 of our boundaries against a peer's."""
    right = given = wanted = 0
    for text in some:
        theirs = boundaries(peer(text), text)
        for start, end in stretches(text):
            mine = {start + place for place in boundaries(ours(text[start:end]), text[start:end])} - {start, end}
            of_peer = {place for place in theirs if start < place < end}
            right, given, wanted = right + len(mine & of_peer), given + len(mine), wanted + len(of_peer)
    return 2 * right / max(given + wanted, 1)


def speed(some: Sequence[str]) -> float:
    """Megabytes a second over the stretches of the texts, one after another."""
    data = np.frombuffer("".join(text[a:b] for text in some for a, b in stretches(text)).encode(), np.uint8)
    room = len(data) + 1
    best, ends, cuts = np.zeros(room, np.int64), np.zeros(room, np.int32), np.zeros(room, np.int32)
    spent = []
    for _ in range(20):
        before = time.process_time()
        segment(data, 0, len(data), kinds(), *embedded(), best, ends, cuts)
        spent.append(time.process_time() - before)
    return len(data) / 1e6 / float(np.median(spent))


def main() -> None:
    folder = Path(sys.argv[1])
    known = dict(peers())
    for language in SCRIPTS:
        some = texts(folder, language)
        against = f"F1 {f1(some, known[language]):.3f}" if language in known else "no segmenter to compare with"
        print(f"{language}: {len(some)} texts, {against}, {speed(some):.0f} MB/s")


if __name__ == "__main__":
    main()
