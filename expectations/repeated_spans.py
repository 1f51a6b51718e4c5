"""What must be true of `repeated_spans`: a method tells once of a document, and how much of it came earlier."""

from expectations._expectation import never_null, rows, unique_keys, where, within

repeated_spans = (
    unique_keys(),
    *never_null("doc_id", "shard", "step", "method", "dropped", "value", "threshold", "edits", "units"),
    *within("is_a_share", 0, 1, "value", "threshold"),
    rows(
        "what_is_dropped_reaches_the_threshold",
        "expect_column_pair_values_a_to_be_greater_than_b",
        column_A="value",
        column_B="threshold",
        or_equal=True,
        row_condition=where("dropped", "==", True),
    ),
)
