"""What must be true of `duplicate_pairs`: no pair is accepted below its threshold or rejected above it."""

from expectations._expectation import never_null, rows, where, within

duplicate_pairs = (
    *never_null("doc_id", "shard", "other", "other_crawl", "other_shard", "method", "similarity", "threshold"),
    *never_null("accepted", "chosen"),
    *within("is_a_share", 0, 1, "similarity", "threshold"),
    rows(
        "accepted_pairs_reach_the_threshold",
        "expect_column_pair_values_a_to_be_greater_than_b",
        column_A="similarity",
        column_B="threshold",
        or_equal=True,
        row_condition=where("accepted", "==", True),
    ),
    rows(
        "chosen_pairs_are_accepted",
        "expect_column_values_to_be_in_set",
        column="accepted",
        value_set=[True],
        row_condition=where("chosen", "==", True),
    ),
    rows(
        "rejected_pairs_do_not",
        "expect_column_pair_values_a_to_be_greater_than_b",
        column_A="threshold",
        column_B="similarity",
        row_condition=where("accepted", "==", False),
    ),
)
