"""What must be true of `minhash_index`: a document falls into each band of a method once."""

from expectations._expectation import never_null, unique_keys, within

minhash_index = (
    unique_keys(),
    *never_null("doc_id", "shard", "method", "band", "bucket", "split", "rank"),
    *within("is_not_negative", 0, None, "band"),
)
