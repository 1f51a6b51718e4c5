"""How long the words of a text are, how many are signs or stop words, and how often n-grams repeat, as Dolma counts.

Source: Dolma's taggers gopher_v1 and gopher_v2 (Soldaini et al. 2024, arXiv 2402.00159; dolma 1.2.1,
dolma/taggers/gopher.py), which count words alike. Words are those of str.split: how many there are is `split_words` of
dclm_words.

* dolma_median_word_chars: median length of the words
* dolma_symbol_ratio: share of words with "#" or U+2026 in them; "..." is no symbol
* dolma_alpha_word_ratio: share of words with a letter
* dolma_stop_words: how many are a stop word in lower case, repeats counted
* dolma_top_N_gram_char_ratio (2 to 4): characters of the most frequent n-gram times its count, per character of all
  words; of several equally frequent the first; an n-gram that comes once counts too
* dolma_duplicate_N_gram_char_ratio (5 to 10): characters of all n-grams that come more than once, added up, per
  character of all n-grams, added up

A share of nothing is 0.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

VERSION = 1
COLUMNS = (
    "dolma_median_word_chars", "dolma_symbol_ratio", "dolma_alpha_word_ratio", "dolma_stop_words",
    "dolma_top_2_gram_char_ratio", "dolma_top_3_gram_char_ratio", "dolma_top_4_gram_char_ratio",
    "dolma_duplicate_5_gram_char_ratio", "dolma_duplicate_6_gram_char_ratio", "dolma_duplicate_7_gram_char_ratio",
    "dolma_duplicate_8_gram_char_ratio", "dolma_duplicate_9_gram_char_ratio", "dolma_duplicate_10_gram_char_ratio",
)  # fmt: skip


def dolma_words(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.signals._word_kernels import DOLMA, measured
    from headwater.text.chunks import chunks

    found = chunks(texts)
    return measured(DOLMA, found, found.split, COLUMNS)
