"""What must be true of `proxy_model`: one model that has learned something, and says from which stream."""

from expectations._expectation import facts, never_null, unique_keys, within

proxy_model = (
    unique_keys(),
    facts("there_is_one_model", "expect_column_values_to_be_between", column="rows", min_value=1, max_value=1),
    *never_null("model", "config", "seed", "tokens_seen", "tokenized_version", "checkpoint_digest", "loss"),
    *within("is_positive", 1, None, "tokens_seen", "steps", "parameters"),
    # A uniform guess over the largest vocabulary in use, 2^20, loses 13.9 nats a token.
    *within("is_a_loss", 0, 13.9, "loss"),
)
