"""What must be true of `document_index`: each document once under its key, and keys are hashes."""

from expectations._expectation import never_null, rows, unique_keys

document_index = (
    unique_keys(),
    *never_null("key", "doc_id", "shard"),
    rows("keys_are_hashes", "expect_column_values_to_match_regex", column="key", regex="^[0-9a-f]{32}$"),
)
