"""Crawls one after another give, document for document, what one crawl with all their documents gives."""

import random
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import buckets, comparing
from headwater.stages import minhash_index
from tests import filtered

MINHASH = {"minhash": {"shingle_words": 1, "threshold": 0.6, "permutations": 24, "bands": 8, "rows": 3}}
CHAINS = {
    "exact": ["exact"],
    "url": ["url"],
    "minhash": [MINHASH],
    "semantic": [{"semantic": {"threshold": 0.8, "clusters": 4, "tables": 4}}],
    "url, exact, minhash": ["url", "exact", MINHASH],
    "minhash, url": [MINHASH, "url"],
}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Buckets, ranges and parts so small that a few documents fill many."""
    monkeypatch.setattr(buckets, "LEADERS", 2)
    monkeypatch.setattr(minhash_index, "RANGE_ROWS", 24)
    monkeypatch.setattr(comparing, "PAIRS_TOGETHER", 5)


@st.composite
def corpora(draw):
    """Texts of few origins with words changed, and addresses that repeat; where the crawls are cut; the shards."""
    count = draw(st.integers(6, 24))
    chance = random.Random(draw(st.integers(0, 1 << 32)))
    origins = [[f"{o}{n}" for n in "abcdefghijkl"] for o in "xyz"[: draw(st.integers(1, 3))]]
    ids = sorted(f"{chance.getrandbits(128):032x}" for _ in range(count))
    documents = []
    for doc in ids:
        words = list(chance.choice(origins))
        for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
            words[chance.randrange(len(words))] = chance.choice("abcdef")
        url = f"http://example.org/{chance.randrange(count)}" if chance.random() < 0.8 else None
        documents.append((doc, f"s{chance.randrange(3)}", " ".join(words), url, None))
    cuts = sorted(draw(st.sets(st.integers(1, count - 1), min_size=1, max_size=3)))
    return documents, cuts


def made(documents, cuts, dedup):
    """The verdicts on documents that come in so many crawls, and how many were counted in all."""
    with tempfile.TemporaryDirectory() as folder:
        project = filtered.opened(Path(folder) / "lake", dedup=dedup)
        ends = [0, *cuts, len(documents)]
        counts = []
        for number, (start, stop) in enumerate(pairwise(ends)):
            filtered.add(project, f"C{number}", documents[start:stop])
            counts.append(filtered.deduped(project, f"C{number}"))
        names = ("compared", "accepted", "rejected", "duplicates", "partners_left_out")
        total = {method: {n: sum(c[method][n] for c in counts) for n in names} for method in counts[0]}
        return filtered.decisions(project), total


@pytest.mark.parametrize("dedup", CHAINS.values(), ids=CHAINS)
@settings(max_examples=5)
@given(corpora())
def test_crawls_one_after_another_give_what_one_crawl_of_all_gives(dedup, corpus):
    documents, cuts = corpus
    assert made(documents, cuts, dedup) == made(documents, [], dedup)
