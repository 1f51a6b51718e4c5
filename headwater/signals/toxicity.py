"""How many bad words a text has, by the list of its language.

Source: the bad-words rule of C4 and mC4 (Raffel et al. 2020, arXiv 1910.10683; arXiv 2010.11934) with their lists, the
"List of Dirty, Naughty, Obscene, and Otherwise Bad Words" in 27 languages (headwater/bad_words/NOTICE.md). A list says
nothing of how a word is meant: pages on health, law and minorities have them too.

* bad_words: places where an entry stands, in any case: between characters that are no part of a word, and anywhere in
  Japanese, Thai and Chinese; a place where several entries stand counts once
* bad_word_kinds: how many different entries
* bad_word_list: 1 where there is a list for the document's language, else 0, and then the other two are 0

As in mC4, entries that are everyday words in Japanese or Chinese are left out. datatrove leaves them out of all lists,
does not find entries that are listed with capitals, and takes a combining mark, as in Hindi, for a border.
"""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.text.labels import language_of
from headwater.text.phrases import Phrases, compile_phrases

VERSION = 1
READS = ("text", "language")
COLUMNS = ("bad_words", "bad_word_kinds", "bad_word_list")
LISTS = Path(__file__).parent.parent / "bad_words"
WITHOUT_BORDERS = ("ja", "th", "zh")
EVERYDAY = {"ja": {"sm", "グロ", "女の子"}, "zh": {"性"}}


def toxicity(texts: pa.Array, languages: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    found = np.zeros((3, len(texts)))
    for label in pc.unique(languages).to_pylist():
        phrases = None if label is None else _phrases(language_of(label))
        if phrases is None:
            continue
        rows = np.flatnonzero(np.asarray(pc.fill_null(pc.equal(languages, label), False)))
        places, kinds = phrases.count(texts, rows)
        found[0] += places
        found[1] += kinds
        found[2, rows] = 1
    return dict(zip(COLUMNS, found, strict=True))


@cache
def _lists() -> dict[str, str]:
    """The list of each language, by its code in ISO 639-3."""
    return {language_of(path.stem): path.stem for path in sorted(LISTS.glob("*.txt"))}


@cache
def _phrases(language: str) -> Phrases | None:
    if language not in _lists():
        return None
    name = _lists()[language]
    lines = (LISTS / f"{name}.txt").read_text("utf-8").split("\n")
    entries = {line.strip() for line in lines} - EVERYDAY.get(name, set())
    return compile_phrases(entries, whole=name not in WITHOUT_BORDERS)
