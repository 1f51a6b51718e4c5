"""What must be true of `sources`: every WARC file is described; one that is not whole is worth a warning."""

from expectations._expectation import never_null, rows, some_rows, unique_keys, within

STATES = ["complete", "truncated", "corrupt", "empty", "unreadable"]

sources = (
    some_rows(),
    unique_keys(),
    *never_null("shard", "path", "bytes", "sha256", "records", "documents", "state"),
    *within("is_not_negative", 0, None, "bytes", "records", "documents"),
    rows("states_are_known", "expect_column_values_to_be_in_set", column="state", value_set=STATES),
    rows(
        "files_are_whole", "expect_column_values_to_be_in_set", column="state", value_set=["complete"], blocking=False
    ),
    rows(
        "no_more_documents_than_records",
        "expect_column_pair_values_a_to_be_greater_than_b",
        column_A="records",
        column_B="documents",
        or_equal=True,
    ),
)
