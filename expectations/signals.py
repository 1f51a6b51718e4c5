"""What must be true of `signals`: shares lie between 0 and 1, every text has been measured, few could not be."""

from expectations._expectation import (
    every_drop_has_a_rule,
    facts,
    few_quarantined,
    known_outcomes,
    never_null,
    unique_keys,
    within,
)
from headwater.lake.tables import SIGNALS

MEASURED = SIGNALS
# Signs may outnumber words, the copies of a top n-gram may overlap, and Dolma's lines have white space that it does not
# count below the line: these ratios can be above 1.
TOPS = ("top_2_gram_char_ratio", "top_3_gram_char_ratio", "top_4_gram_char_ratio")
ABOVE_ONE = (
    "hash_ratio", "ellipsis_ratio", "dclm_symbol_ratio", "dolma_duplicate_line_char_ratio",
    *(f"{mode}{top}" for mode in ("", "dclm_", "dolma_") for top in TOPS),
)  # fmt: skip
SHARES = tuple(s for s in MEASURED if s.endswith("_ratio") and s not in ABOVE_ONE)
COUNTS = tuple(s for s in MEASURED if not s.endswith("_ratio"))

signals = (
    unique_keys(),
    *never_null("doc_id", "shard", "outcome"),
    known_outcomes("kept", "quarantined", "removed"),
    every_drop_has_a_rule(),
    few_quarantined(),
    facts(
        "every_text_is_measured",
        "expect_column_pair_values_to_be_equal",
        column_A="nulls_words",
        column_B="not_kept",
    ),
    *within("is_a_share", 0, 1, *SHARES),
    *within("is_not_negative", 0, None, *COUNTS, *ABOVE_ONE),
)
