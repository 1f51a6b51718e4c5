"""Stretches that earlier documents have: found across shards and crawls as in one crawl, whoever works on it."""

import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import crawled

LINES = ["alpha beta gamma delta", "one two three four five", "red green blue black white", "x", "Ärger übt König ab"]
METHODS = {
    "lines": [{"lines": {}}],
    "sentences": [{"lines": {"unit": "sentence", "span": 2}}],
    "bloom": [{"bloom_ngram": {"min_ngram": 3, "max_ngram": 3, "expected_ngrams": 5000, "threshold": 0.6}}],
    "bloom_document": [{"bloom_ngram": {"mode": "document", "min_ngram": 2, "max_ngram": 2, "expected_ngrams": 5000}}],
    "substring": [{"substring": {"length": 6}}],
    "chain": ["exact", {"minhash": {"threshold": 0.9}}, {"lines": {}}, {"substring": {"length": 5}}],
    "two": [
        {"bloom_ngram": {"mode": "paragraph", "min_ngram": 3, "max_ngram": 3, "expected_ngrams": 999}},
        {"lines": {}},
    ],
}
texts = st.lists(st.sampled_from(LINES), min_size=1, max_size=5).map("\n".join) | st.lists(
    st.sampled_from(["ab", "cd", "ef"]), min_size=3, max_size=30
).map(" ".join)
corpora = st.lists(texts, min_size=2, max_size=12)


def verdicts(documents, splits, dedup, *, shards=2, workers=1):
    """What `deduped` says of documents that come in crawls that begin at these places."""
    edges = [0, *sorted(splits), len(documents)]
    crawls = [dict(enumerate(documents[a:b], a)) for a, b in pairwise(edges)]
    with (
        tempfile.TemporaryDirectory() as folder,
        crawled.project(Path(folder), crawls, dedup, shards=shards, workers=workers) as project,
    ):
        crawled.deduplicate(project)
        return crawled.said(project)


@pytest.mark.parametrize("method", METHODS)
@given(documents=corpora, data=st.data())
@settings(
    max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
def test_crawls_one_after_another_give_what_one_crawl_gives(method, documents, data):
    splits = data.draw(st.sets(st.integers(1, len(documents) - 1), max_size=3))
    shards = data.draw(st.integers(1, 3))
    assert verdicts(documents, splits, METHODS[method], shards=shards) == verdicts(documents, [], METHODS[method])
