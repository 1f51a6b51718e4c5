"""What must be true of `eval_scores`: accuracies are shares, and every score says how far to trust it."""

from expectations._expectation import never_null, rows, some_rows, unique_keys, where, within

eval_scores = (
    some_rows(),
    unique_keys(),
    *never_null("model", "task", "metric", "score", "standard_error", "n", "shots", "scorer_version"),
    *within("is_not_negative", 0, None, "standard_error", "shots"),
    *within("is_positive", 1, None, "n"),
    rows(
        "accuracies_are_shares",
        "expect_column_values_to_be_between",
        column="score",
        min_value=0,
        max_value=1,
        row_condition=where("metric", "==", "accuracy"),
    ),
    rows(
        "bits_per_byte_are_positive",
        "expect_column_values_to_be_between",
        column="score",
        min_value=0,
        strict_min=True,
        row_condition=where("metric", "==", "bits_per_byte"),
    ),
)
