"""Drop texts that repeat themselves: paragraphs, lines, short n-grams, long n-grams.

Source: the repetition rules of Gopher (Rae et al. 2021, arXiv 2112.11446, table A1), with datatrove's order and
counting, which see headwater/signals/lines.py and words.py. A rule whose option is None is off; 0 is a threshold
like any other. A value equal to the threshold passes.
"""

from headwater.document import Columns, Finding, above

VERSION = 1


def gopher_repetition(
    columns: Columns,
    *,
    max_duplicate_paragraph_ratio: float | None = 0.3,
    max_duplicate_paragraph_char_ratio: float | None = 0.2,
    max_duplicate_line_ratio: float | None = 0.3,
    max_duplicate_line_char_ratio: float | None = 0.2,
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
    thresholds = {
        "duplicate_paragraph_ratio": max_duplicate_paragraph_ratio,
        "duplicate_paragraph_char_ratio": max_duplicate_paragraph_char_ratio,
        "duplicate_line_ratio": max_duplicate_line_ratio,
        "duplicate_line_char_ratio": max_duplicate_line_char_ratio,
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
    return [
        above(columns, column, threshold, f"max_{column}")
        for column, threshold in thresholds.items()
        if threshold is not None
    ]
