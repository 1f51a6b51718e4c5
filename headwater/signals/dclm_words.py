"""How many words a text has, how long they are, and how often n-grams repeat, as DCLM counts.

Source: DCLM's mappers (Li et al. 2024, arXiv 2406.11794; mlfoundations/dclm, baselines/mappers/filters), its
`dclm_baseline_refinedweb.yaml`. It cuts a text in three ways:

* dclm_words: tokens between ASCII white space and NUL, as fastText's, that begin with a letter or number (str.isalnum)
* split_words: words of str.split. dclm_mean_word_chars: their mean length; dclm_alpha_word_ratio: share with a letter;
  dclm_stop_words: how many are a stop word in any case, punctuation not taken off
* n-grams of the words between the word boundaries of UAX #29 that begin with a letter or number

* dclm_symbol_ratio: "#", "...", ". . ." and U+2026, each counted by itself, per word of str.split
* dclm_top_N_gram_char_ratio (2 to 4): characters of the most frequent n-gram times its count; of several equally
  frequent the longest; 0 where none repeats
* dclm_duplicate_N_gram_char_ratio (5 to 10): characters of all words that are in a repeated n-gram, each word once

Both are per character of those words, white space and punctuation left out. Python's lower and isalnum are those of
Unicode 14, boundaries of Unicode 16 (uniseg 0.10.1). A share of nothing is 0; DCLM drops a text without words.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

VERSION = 1
COLUMNS = (
    "dclm_words", "split_words", "dclm_mean_word_chars", "dclm_symbol_ratio", "dclm_alpha_word_ratio",
    "dclm_stop_words",
    "dclm_top_2_gram_char_ratio", "dclm_top_3_gram_char_ratio", "dclm_top_4_gram_char_ratio",
    "dclm_duplicate_5_gram_char_ratio", "dclm_duplicate_6_gram_char_ratio", "dclm_duplicate_7_gram_char_ratio",
    "dclm_duplicate_8_gram_char_ratio", "dclm_duplicate_9_gram_char_ratio", "dclm_duplicate_10_gram_char_ratio",
)  # fmt: skip


def dclm_words(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.signals._word_kernels import DCLM, measured
    from headwater.text.chunks import chunks

    found = chunks(texts)
    return measured(DCLM, found, found.universal, COLUMNS)
