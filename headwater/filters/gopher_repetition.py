"""Drop texts that repeat themselves: paragraphs, lines, short n-grams, long n-grams.

Source: the repetition rules of Gopher (Rae et al. 2021, arXiv 2112.11446, table A1). `mode` says whose counting and
order: datatrove's (headwater/signals/words.py and lines.py), DCLM's (dclm_words.py, dclm_lines.py), where a
text without lines breaks the rules on lines and paragraphs with the value NaN, or Dolma's (dolma_words.py,
dolma_lines.py), which has none on paragraphs. Thresholds are the same for all but
`max_duplicate_line_char_ratio`, which is 0.3 in Dolma's mixers (configs/dolma-v1_6/mixing): "mode" stands for the
mode's own. Those mixers spell the names of the top n-grams wrong, so that these rules never drop anything there.

A rule whose option is None is off, one that the mode does not have is passed over; 0 is a threshold like any other. A
value equal to the threshold passes.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from headwater.document import Columns, Finding, above

VERSION = 2
Mode = Literal["datatrove", "dclm", "dolma"]
PREFIXES: Mapping[Mode, str] = {"datatrove": "", "dclm": "dclm_", "dolma": "dolma_"}
# DCLM's order.
LINES_FIRST = (
    "duplicate_line_ratio", "duplicate_paragraph_ratio", "duplicate_line_char_ratio", "duplicate_paragraph_char_ratio",
)  # fmt: skip
LINE_CHARS: Mapping[Mode, float] = {"datatrove": 0.2, "dclm": 0.2, "dolma": 0.3}


def gopher_repetition(
    columns: Columns,
    *,
    mode: Mode = "datatrove",
    max_duplicate_paragraph_ratio: float | None = 0.3,
    max_duplicate_paragraph_char_ratio: float | None = 0.2,
    max_duplicate_line_ratio: float | None = 0.3,
    max_duplicate_line_char_ratio: float | Literal["mode"] | None = "mode",
    max_top_2_gram_char_ratio: float | None = 0.20,
    max_top_3_gram_char_ratio: float | None = 0.18,
    max_top_4_gram_char_ratio: float | None = 0.16,
    max_duplicate_5_gram_char_ratio: float | None = 0.15,
    max_duplicate_6_gram_char_ratio: float | None = 0.14,
    max_duplicate_7_gram_char_ratio: float | None = 0.13,
    max_duplicate_8_gram_char_ratio: float | None = 0.12,
    max_duplicate_9_gram_char_ratio: float | None = 0.11,
    max_duplicate_10_gram_char_ratio: float | None = 0.10,
) -> list[Finding]:
    """Findings of the rules that are not None, in the order of the options."""
    line_chars = LINE_CHARS[mode] if max_duplicate_line_char_ratio == "mode" else max_duplicate_line_char_ratio
    thresholds = {
        "duplicate_paragraph_ratio": max_duplicate_paragraph_ratio,
        "duplicate_paragraph_char_ratio": max_duplicate_paragraph_char_ratio,
        "duplicate_line_ratio": max_duplicate_line_ratio,
        "duplicate_line_char_ratio": line_chars,
        "top_2_gram_char_ratio": max_top_2_gram_char_ratio,
        "top_3_gram_char_ratio": max_top_3_gram_char_ratio,
        "top_4_gram_char_ratio": max_top_4_gram_char_ratio,
        "duplicate_5_gram_char_ratio": max_duplicate_5_gram_char_ratio,
        "duplicate_6_gram_char_ratio": max_duplicate_6_gram_char_ratio,
        "duplicate_7_gram_char_ratio": max_duplicate_7_gram_char_ratio,
        "duplicate_8_gram_char_ratio": max_duplicate_8_gram_char_ratio,
        "duplicate_9_gram_char_ratio": max_duplicate_9_gram_char_ratio,
        "duplicate_10_gram_char_ratio": max_duplicate_10_gram_char_ratio,
    }
    if mode != "datatrove":
        thresholds = {column: thresholds[column] for column in LINES_FIRST} | thresholds
    if mode == "dolma":
        thresholds = {column: value for column, value in thresholds.items() if "paragraph" not in column}
    return [
        _finding(columns, mode, column, threshold) for column, threshold in thresholds.items() if threshold is not None
    ]


def _finding(columns: Columns, mode: Mode, column: str, threshold: float) -> Finding:
    name = f"{PREFIXES[mode]}{column}"
    if mode == "dclm" and ("line" in column or "paragraph" in column):
        # DCLM drops a text without any line, but not one without any word.
        value = np.where(np.asarray(columns["dclm_lines"]) == 0, np.nan, np.asarray(columns[name], dtype=np.float64))
        return above({name: value}, name, threshold, f"max_{column}")
    return above(columns, name, threshold, f"max_{column}")
