"""What must be true of `signals`: shares lie between 0 and 1, and every text has been measured."""

from expectations._expectation import facts, known_outcomes, never_null, unique_keys, within
from headwater.lake.tables import SIGNALS

MEASURED = SIGNALS
# Signs may outnumber words, and the copies of a top n-gram may overlap: these ratios can be above 1.
ABOVE_ONE = ("hash_ratio", "ellipsis_ratio", "top_2_gram_char_ratio", "top_3_gram_char_ratio", "top_4_gram_char_ratio")
SHARES = tuple(s for s in MEASURED if s.endswith("_ratio") and s not in ABOVE_ONE)
COUNTS = ("words", "symbol_free_words", "stop_words", "stop_word_kinds", "lines", "paragraphs")

signals = (
    unique_keys(),
    *never_null("doc_id", "shard", "outcome"),
    known_outcomes("kept", "quarantined", "removed"),
    facts(
        "every_text_is_measured",
        "expect_column_pair_values_to_be_equal",
        column_A="nulls_words",
        column_B="not_kept",
    ),
    *within("is_a_share", 0, 1, *SHARES),
    *within("is_not_negative", 0, None, *COUNTS, *ABOVE_ONE, "mean_word_chars"),
)
