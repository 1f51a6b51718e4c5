"""What must be true of `span_index`: whatever is remembered can be looked up."""

from expectations._expectation import never_null, within

span_index = (
    *never_null("step", "method", "key", "shard"),
    *within("is_not_negative", 0, None, "step"),
)
