"""What must be true of `deduped`: a duplicate names its representative and proves its similarity."""

from expectations._expectation import (
    every_drop_has_a_rule,
    facts,
    known_outcomes,
    never_null,
    rows,
    unique_keys,
    within,
    within_ceiling,
)

deduped = (
    unique_keys(),
    *never_null("doc_id", "shard", "outcome"),
    known_outcomes("kept", "duplicate", "removed"),
    every_drop_has_a_rule(),
    facts(
        "only_duplicates_have_a_method",
        "expect_column_pair_values_to_be_equal",
        column_A="nulls_method",
        column_B="not_duplicate",
    ),
    *(
        facts(
            f"only_the_removed_and_those_seen_in_spans_have_no_{column}",
            "expect_column_pair_values_to_be_equal",
            column_A=f"nulls_{column}",
            column_B="owe_no_cluster",
        )
        for column in ("cluster", "representative")
    ),
    within_ceiling(
        "no_cluster_is_too_large", "largest_cluster", "largest_cluster_ceiling", said="largest_cluster_said"
    ),
    within_ceiling("no_source_loses_too_much", "most_removed_share", "most_removed_ceiling", said="most_removed_said"),
    *within("is_a_share", 0, 1, "similarity"),
    rows(
        "duplicates_reach_the_threshold",
        "expect_column_pair_values_a_to_be_greater_than_b",
        column_A="similarity",
        column_B="threshold",
        or_equal=True,
        ignore_row_if="either_value_is_missing",
    ),
)
