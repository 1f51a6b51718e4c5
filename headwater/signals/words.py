"""How many words a text has, how long they are, how many are symbols or stop words, and how often n-grams repeat.

Source: the quality and repetition rules of Gopher (Rae et al. 2021, arXiv 2112.11446, table A1) as datatrove 0.9.0
counts them (GopherQualityFilter, GopherRepetitionFilter), which is where its thresholds are in use. DCLM's counts are
in dclm_words.py, Dolma's in dolma_words.py.

A text is split into words as datatrove splits English: by the rules of spaCy 3.8 (headwater/text/spacy_words.py),
symbols and punctuation included. Two things differ, on purpose:

* In scripts written without spaces (Han, Hiragana, Thai, Lao, Khmer, Myanmar, the Tai scripts) a stretch is cut into
  words of a lexicon (headwater/text/segment.py); spaCy's English rules make one word of the whole stretch, and
  datatrove's other languages use dictionaries of their own.
* Where spaCy finds a word with rules of its own across a single space, that has no effect on the words beside it.

Characters are code points; those of a text include white space. A share of nothing is 0: no column is ever NaN.

* words: all words, symbols included; symbol_free_words: those with a character that datatrove does not call punctuation
  (a bullet or an arrow is such a character, "#" is not)
* mean_word_chars: mean length of symbol-free words
* hash_ratio, ellipsis_ratio: "#", and "..." or U+2026, per word
* alpha_word_ratio: share of words with a letter (str.isalpha)
* stop_words, stop_word_kinds: how many words are a stop word, in lower case, and how many different ones there are
* top_N_gram_char_ratio (2 to 4), per character of the text: length of the most frequent n-gram, its words joined by
  spaces, times its count; of several equally frequent the first in the text; an n-gram that occurs once counts too, so
  very short texts score high
* duplicate_N_gram_char_ratio (5 to 10), per character of the text: read in order, an n-gram seen before adds its
  characters (without spaces) and is jumped over; any other is noted and the reading goes on one word later. N-grams are
  the same when their words glued together are: "ab c" equals "a bc".
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

VERSION = 2
COLUMNS = (
    "words", "symbol_free_words", "mean_word_chars", "hash_ratio", "ellipsis_ratio", "alpha_word_ratio",
    "stop_words", "stop_word_kinds",
    "top_2_gram_char_ratio", "top_3_gram_char_ratio", "top_4_gram_char_ratio",
    "duplicate_5_gram_char_ratio", "duplicate_6_gram_char_ratio", "duplicate_7_gram_char_ratio",
    "duplicate_8_gram_char_ratio", "duplicate_9_gram_char_ratio", "duplicate_10_gram_char_ratio",
)  # fmt: skip


def words(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.signals._word_kernels import DATATROVE, measured
    from headwater.text.chunks import chunks

    found = chunks(texts)
    return measured(DATATROVE, found, found.english, COLUMNS)
