"""What must be true of `extracted`: each document has a text or a reason why not, and few have none."""

from expectations._expectation import (
    every_drop_has_a_rule,
    facts,
    few_quarantined,
    known_outcomes,
    never_null,
    unique_keys,
    within,
)

extracted = (
    unique_keys(),
    *never_null("doc_id", "shard", "outcome"),
    known_outcomes("kept", "quarantined", "removed"),
    every_drop_has_a_rule(),
    few_quarantined(),
    facts(
        "most_pages_have_text",
        "expect_column_max_to_be_between",
        blocking=False,  # an extractor may look for articles where there are few
        column="nothing_found_share",
        max_value=0.5,
    ),
    facts(
        "only_the_kept_have_text",
        "expect_column_pair_values_to_be_equal",
        column_A="nulls_text",
        column_B="not_kept",
    ),
    facts(
        "every_text_has_a_language",
        "expect_column_pair_values_to_be_equal",
        blocking=False,  # a text may be none in any language, and identification can be switched off
        column_A="nulls_language",
        column_B="nulls_text",
    ),
    *within("is_a_share", 0, 1.001, "language_score"),
    *within("is_not_negative", 0, None, "chars"),
)
