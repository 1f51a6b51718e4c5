"""Drop texts that do not look like prose: too short or long, odd words, too many symbols, bullets or ellipses.

Source: the quality rules of Gopher (Rae et al. 2021, arXiv 2112.11446, table A1), with datatrove's defaults and order,
which are DCLM's and Dolma's too. `mode` says whose counting (headwater/signals/words.py, dclm_words.py, dolma_words.py
and the same of lines):

* datatrove: words without symbols for the length rules; `max_hash_ratio` and `max_ellipsis_ratio` each by itself;
  different stop words in lower case
* dclm: `max_symbol_ratio` is of both together; stop words each time and in any case; a text without words breaks every
  rule on what its words are, with the value NaN
* dolma: the median length of words, not the mean; `max_symbol_ratio` is the share of words with a symbol; stop words
  each time

A rule whose option is None is off, one that the mode does not have is passed over; 0 is a threshold like any other. A
value equal to the threshold passes.

`stop_words` are those of another language (languages/FOLDER/LANG.yaml), counted in the text itself: how many different
ones are among its words, in this case (headwater/text/stop_words.py).
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

from headwater.document import Columns, Finding, above, below

VERSION = 2


Mode = Literal["datatrove", "dclm", "dolma"]
COLUMNS: Mapping[Mode, Mapping[str, str]] = {
    "datatrove": {
        "min_words": "symbol_free_words", "max_words": "symbol_free_words",
        "min_mean_word_chars": "mean_word_chars", "max_mean_word_chars": "mean_word_chars",
        "max_hash_ratio": "hash_ratio", "max_ellipsis_ratio": "ellipsis_ratio",
        "max_bullet_line_ratio": "bullet_line_ratio", "max_ellipsis_line_ratio": "ellipsis_line_ratio",
        "min_alpha_word_ratio": "alpha_word_ratio", "min_stop_words": "stop_word_kinds",
    },
    "dclm": {
        "min_words": "dclm_words", "max_words": "dclm_words",
        "min_mean_word_chars": "dclm_mean_word_chars", "max_mean_word_chars": "dclm_mean_word_chars",
        "max_symbol_ratio": "dclm_symbol_ratio",
        "max_bullet_line_ratio": "dclm_bullet_line_ratio", "max_ellipsis_line_ratio": "dclm_ellipsis_line_ratio",
        "min_alpha_word_ratio": "dclm_alpha_word_ratio", "min_stop_words": "dclm_stop_words",
    },
    "dolma": {
        "min_words": "split_words", "max_words": "split_words",
        "min_mean_word_chars": "dolma_median_word_chars", "max_mean_word_chars": "dolma_median_word_chars",
        "max_symbol_ratio": "dolma_symbol_ratio",
        "max_bullet_line_ratio": "dolma_bullet_line_ratio", "max_ellipsis_line_ratio": "dolma_ellipsis_line_ratio",
        "min_alpha_word_ratio": "dolma_alpha_word_ratio", "min_stop_words": "dolma_stop_words",
    },
}  # fmt: skip
OF_WORDS = ("dclm_mean_word_chars", "dclm_symbol_ratio", "dclm_alpha_word_ratio")


def gopher_quality(
    columns: Columns,
    *,
    mode: Mode = "datatrove",
    min_words: float | None = 50,
    max_words: float | None = 100_000,
    min_mean_word_chars: float | None = 3,
    max_mean_word_chars: float | None = 10,
    max_hash_ratio: float | None = 0.1,
    max_ellipsis_ratio: float | None = 0.1,
    max_symbol_ratio: float | None = 0.1,
    max_bullet_line_ratio: float | None = 0.9,
    max_ellipsis_line_ratio: float | None = 0.3,
    min_alpha_word_ratio: float | None = 0.8,
    stop_words: tuple[str, ...] | None = None,
    min_stop_words: float | None = 2,
) -> list[Finding]:
    """Findings of the rules that are not None, in the order of the options."""
    measured = COLUMNS[mode]
    rules = (
        ("min_words", below, min_words),
        ("max_words", above, max_words),
        ("min_mean_word_chars", below, min_mean_word_chars),
        ("max_mean_word_chars", above, max_mean_word_chars),
        ("max_hash_ratio", above, max_hash_ratio),
        ("max_ellipsis_ratio", above, max_ellipsis_ratio),
        ("max_symbol_ratio", above, max_symbol_ratio),
        ("max_bullet_line_ratio", above, max_bullet_line_ratio),
        ("max_ellipsis_line_ratio", above, max_ellipsis_line_ratio),
        ("min_alpha_word_ratio", below, min_alpha_word_ratio),
    )
    given = {rule: _column(columns, measured[rule], mode) for rule, _, t in rules if rule in measured and t is not None}
    findings = [
        compare(given, rule, threshold, rule)
        for rule, compare, threshold in rules
        if rule in given and threshold is not None
    ]
    if min_stop_words is not None:
        kinds = _stop_words(columns, stop_words, measured["min_stop_words"])
        findings.append(Finding("min_stop_words", kinds, min_stop_words, kinds < min_stop_words))
    return findings


def _column(columns: Columns, name: str, mode: Mode) -> npt.NDArray[np.float64]:
    value = np.asarray(columns[name], dtype=np.float64)
    if mode == "dclm" and name in OF_WORDS:
        return np.where(np.asarray(columns["split_words"]) == 0, np.nan, value)
    return value


def _stop_words(columns: Columns, stop_words: tuple[str, ...] | None, name: str) -> npt.NDArray[np.float64]:
    if stop_words is None:
        return np.asarray(columns[name], dtype=np.float64)
    from headwater.text.stop_words import different

    return different(columns["text"], stop_words)
