"""What must be true of `mixed`: weights are shares, and a document enters as often as its outcome says."""

from expectations._expectation import every_drop_has_a_rule, known_outcomes, never_null, rows, where, within

mixed = (
    *never_null("doc_id", "shard", "crawl", "group", "tokens_estimate", "copies", "order_key", "outcome"),
    known_outcomes("kept", "withheld", "left_out"),
    every_drop_has_a_rule(),
    *within("is_a_share", 0, 1, "weight"),
    *within("is_not_negative", 0, None, "tokens_estimate", "copies", "order_key"),
    rows(
        "kept_documents_have_copies",
        "expect_column_values_to_be_between",
        column="copies",
        min_value=1,
        row_condition=where("outcome", "==", "kept"),
    ),
    rows(
        "other_documents_have_none",
        "expect_column_values_to_be_between",
        column="copies",
        max_value=0,
        row_condition=where("outcome", "!=", "kept"),
    ),
)
