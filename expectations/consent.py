"""What must be true of `consent`: every document once, and no claim where nothing is known."""

from expectations._expectation import never_null, rows, unique_keys, where

STATES = ["read", "missing", "unreachable", "too_large", "undecodable", "redirected", "unknown"]
NOTHING_KNOWN = ("unknown", "redirected", "undecodable")

consent = (
    unique_keys(),
    *never_null("doc_id", "shard", "robots_state", "signals"),
    rows("states_are_known", "expect_column_values_to_be_in_set", column="robots_state", value_set=STATES),
    *(
        rows(
            f"{state}_denies_and_allows_nobody",
            "expect_column_values_to_be_null",
            column="denied_agents",
            row_condition=where("robots_state", "==", state),
        )
        for state in NOTHING_KNOWN
    ),
    rows(
        "missing_denies_nobody",
        "expect_column_values_to_be_in_set",
        column="denied_agents",
        value_set=["[]"],
        row_condition=where("robots_state", "==", "missing"),
    ),
    rows("signals_are_a_list", "expect_column_values_to_match_regex", column="signals", regex=r"^\[.*\]$"),
)
