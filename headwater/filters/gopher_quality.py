"""Drop texts that do not look like prose: too short or long, odd words, too many symbols, bullets or ellipses.

Source: the quality rules of Gopher (Rae et al. 2021, arXiv 2112.11446, table A1), with datatrove's defaults, order and
counting: words without symbols for the length rules, different stop words in lower case for `min_stop_words`. A rule
whose option is None is off; 0 is a threshold like any other. A value equal to the threshold passes.
"""

from headwater.document import Columns, Finding, above, below

VERSION = 1


def gopher_quality(
    columns: Columns,
    *,
    min_words: float | None = 50,
    max_words: float | None = 100_000,
    min_mean_word_chars: float | None = 3,
    max_mean_word_chars: float | None = 10,
    max_hash_ratio: float | None = 0.1,
    max_ellipsis_ratio: float | None = 0.1,
    max_bullet_line_ratio: float | None = 0.9,
    max_ellipsis_line_ratio: float | None = 0.3,
    min_alpha_word_ratio: float | None = 0.8,
    min_stop_words: float | None = 2,
) -> list[Finding]:
    """Findings of the rules that are not None, in the order of the options."""
    rules = (
        ("min_words", below, "symbol_free_words", min_words),
        ("max_words", above, "symbol_free_words", max_words),
        ("min_mean_word_chars", below, "mean_word_chars", min_mean_word_chars),
        ("max_mean_word_chars", above, "mean_word_chars", max_mean_word_chars),
        ("max_hash_ratio", above, "hash_ratio", max_hash_ratio),
        ("max_ellipsis_ratio", above, "ellipsis_ratio", max_ellipsis_ratio),
        ("max_bullet_line_ratio", above, "bullet_line_ratio", max_bullet_line_ratio),
        ("max_ellipsis_line_ratio", above, "ellipsis_line_ratio", max_ellipsis_line_ratio),
        ("min_alpha_word_ratio", below, "alpha_word_ratio", min_alpha_word_ratio),
        ("min_stop_words", below, "stop_word_kinds", min_stop_words),
    )
    return [
        compare(columns, column, threshold, rule) for rule, compare, column, threshold in rules if threshold is not None
    ]
