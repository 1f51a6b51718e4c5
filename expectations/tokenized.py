"""What must be true of `tokenized`: a stream that has a place for every token and none twice."""

from expectations._expectation import never_null, some_rows, unique_keys, within

tokenized = (
    some_rows(),
    unique_keys(),
    *never_null("shard", "position", "doc_id", "copy", "first_token", "tokens"),
    *within("is_not_negative", 0, None, "position", "copy", "first_token"),
)
