"""What must be true of `raw`: every record is there once, with a pointer to its bytes and an outcome."""

from expectations._expectation import (
    every_drop_has_a_rule,
    few_quarantined,
    known_outcomes,
    never_null,
    rows,
    unique_keys,
    within,
)

raw = (
    unique_keys(),
    *never_null("doc_id", "shard", "offset", "length", "record_type", "outcome"),
    known_outcomes("kept", "dropped", "quarantined", "removed"),
    every_drop_has_a_rule(),
    few_quarantined(),
    *within("is_not_negative", 0, None, "offset", "length", "payload_bytes"),
    *within("is_a_status", 100, 999, "http_status"),
    rows("doc_ids_are_hashes", "expect_column_values_to_match_regex", column="doc_id", regex="^[0-9a-f]{32}$"),
    rows(
        "payloads_have_their_digest",
        "expect_column_values_to_be_in_set",
        column="payload_digest_ok",
        value_set=[True],
        mostly=0.99,
        blocking=False,
    ),
)
