"""What must be true of `filtered`: a document is kept with its text, or dropped with a rule, never both."""

from expectations._expectation import (
    every_drop_has_a_rule,
    facts,
    few_quarantined,
    known_outcomes,
    never_null,
    rows,
    unique_keys,
    where,
)

filtered = (
    unique_keys(),
    *never_null("doc_id", "shard", "outcome"),
    known_outcomes("kept", "dropped", "quarantined", "removed"),
    every_drop_has_a_rule(),
    few_quarantined(),
    facts(
        "all_but_the_removed_name_their_extractor",
        "expect_column_pair_values_to_be_equal",
        column_A="nulls_extractor",
        column_B="outcome_removed",
    ),
    facts(
        "only_the_kept_have_text", "expect_column_pair_values_to_be_equal", column_A="nulls_text", column_B="not_kept"
    ),
    rows(
        "every_drop_says_its_threshold",
        "expect_column_values_to_not_be_null",
        column="threshold",
        row_condition=where("outcome", "==", "dropped"),
    ),
)
