"""What must be true of `robots`: each fetch once, of a known kind and in a known state."""

from expectations._expectation import never_null, rows, unique_keys, within

KINDS = ["robots_txt", "ai_txt", "tdmrep", "rsl"]
STATES = ["read", "missing", "unreachable", "too_large", "undecodable", "redirected"]

robots = (
    unique_keys(),
    *never_null("host", "kind", "url", "shard", "offset", "digest", "state"),
    rows("kinds_are_known", "expect_column_values_to_be_in_set", column="kind", value_set=KINDS),
    rows("states_are_known", "expect_column_values_to_be_in_set", column="state", value_set=STATES),
    *within("is_a_status", 100, 999, "http_status"),
)
