"""How many words a text has, how long they are, how many are symbols or stop words, and how often n-grams repeat.

Source: the quality and repetition rules of Gopher (Rae et al. 2021, arXiv 2112.11446, table A1) as datatrove counts
them, because its thresholds are the ones in use: symbols are words too, and shares are taken over all words.

A text is split into words once, by one rule for all languages, close to datatrove's English tokenizer and to UAX #29:

* A word is a run of letters, numbers and marks. An apostrophe, full stop, underscore or hyphen stays inside it between
  two letters or numbers (don't, U.S, snake_case, well-known), a comma, colon, slash or en dash between two numbers
  (1,000 10:30 31/12/2024). spaCy makes a hyphen a word of its own: then `alpha_word_ratio` is under 0.8 for 16 of 107
  clean English articles, with this rule for 12.
* A character of a script written without spaces (Han, Hiragana, Thai, Lao, Khmer, Myanmar, the Tai scripts) is a word
  by itself, with its marks: there is no dictionary. datatrove has a segmenter there and gives longer, fewer words.
* Any other character that is not white space or a control is a symbol; a run of the same one is one word (..., =====).
  datatrove calls only a fixed list of signs symbols, so a bullet, an arrow or a picture counts as a word there.

The split is of Unicode 14 whatever the Python version. Characters are code points; those of a text include white space.
A share of nothing is 0: no column is ever NaN.

* words: all words, symbols included; symbol_free_words: those that are not symbols
* mean_word_chars: mean length of symbol-free words
* hash_ratio, ellipsis_ratio: "#", and "..." or U+2026, per word
* alpha_word_ratio: share of words with a letter (str.isalpha)
* stop_words: how often a stop word stands between white space, in any case (DCLM)
* stop_word_kinds: different stop words in lower case, among all words (datatrove)
* top_N_gram_char_ratio (2 to 4), per character of the text: length of the most frequent n-gram, its words joined by
  spaces, times its count; of several equally frequent the first in the text; an n-gram that occurs once counts too, so
  very short texts score high
* duplicate_N_gram_char_ratio (5 to 10), per character of the text: read in order, an n-gram seen before adds its
  characters (without spaces) and is jumped over; any other is noted and the reading goes on one word later

N-grams are the same when all their words are; datatrove compares the words of longer n-grams glued together, where
"ab c" equals "a bc". DCLM counts differently (each word once, of repeated spans).
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.text.unicode import kinds
from headwater.text.utf8 import longest_bytes, utf8

VERSION = 1
COLUMNS = (
    "words", "symbol_free_words", "mean_word_chars", "hash_ratio", "ellipsis_ratio", "alpha_word_ratio",
    "stop_words", "stop_word_kinds",
    "top_2_gram_char_ratio", "top_3_gram_char_ratio", "top_4_gram_char_ratio",
    "duplicate_5_gram_char_ratio", "duplicate_6_gram_char_ratio", "duplicate_7_gram_char_ratio",
    "duplicate_8_gram_char_ratio", "duplicate_9_gram_char_ratio", "duplicate_10_gram_char_ratio",
)  # fmt: skip
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")


def words(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.signals._word_kernels import measure_words, spellings

    data, offsets = utf8(texts)
    out = np.empty((len(texts), len(COLUMNS)))
    measure_words(data, offsets, kinds(), *spellings(STOP_WORDS), longest_bytes(offsets), out)
    return dict(zip(COLUMNS, out.T.copy(), strict=True))
