"""What must be true of `mixed`: weights are shares, a document enters as often as its outcome says, and of each the
class of its licence is known, with the evidence."""

from expectations._expectation import every_drop_has_a_rule, facts, known_outcomes, never_null, rows, where, within

CLASSES = ["commercial", "unspecified", "non-commercial", "academic-only", "reserved"]

mixed = (
    *never_null("doc_id", "shard", "crawl", "group", "tokens_estimate", "copies", "order_key", "outcome"),
    known_outcomes("kept", "withheld", "left_out", "removed"),
    every_drop_has_a_rule(),
    *(
        facts(
            f"only_the_removed_have_no_{column}",
            "expect_column_pair_values_to_be_equal",
            column_A=f"nulls_{column}",
            column_B="outcome_removed",
        )
        for column in ("licence_class", "evidence", "cluster_size")
    ),
    rows("classes_are_known", "expect_column_values_to_be_in_set", column="licence_class", value_set=CLASSES),
    rows(
        "the_withheld_name_policy_and_rule",
        "expect_column_values_to_match_regex",
        column="rule",
        regex=r"^[A-Za-z0-9._-]+\.[a-z_]+$",
        row_condition=where("outcome", "==", "withheld"),
    ),
    *within("is_a_share", 0, 1, "weight"),
    *within("is_not_negative", 0, None, "tokens_estimate", "copies", "order_key"),
    *within("counts_the_document_itself", 1, None, "cluster_size"),
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
