"""Embeddings, clusters and cosine: beside plain Python, exact in every order, crawl after crawl."""

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dedupers import _semantic as semantic
from headwater.errors import UserError
from tests.dedupers import reference

anything = st.text("abc é1٣. \n中한", max_size=40)
whole = st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), max_size=12)


def weights(text, dimensions, buckets, known):
    """A text's sums in plain Python."""
    out = [0] * dimensions
    for value, times in Counter(map(reference.mix, reference.word_hashes(text))).items():
        rarity = round((1 + math.log((1 + known[-1]) / (1 + known[value & (buckets - 1)]))) * 1024)
        drawn = reference.mix(value)
        column = ((drawn >> 32) * dimensions) >> 32
        out[column] += (1 if drawn & 1 else -1) * rarity * round((1 + math.log(times)) * 1024)
    return out


@settings(deadline=None, max_examples=200)
@given(st.lists(st.none() | anything, max_size=5))
def test_embeddings_are_those_of_plain_python(texts):
    batch = pa.array(texts, pa.string())
    known = semantic.frequencies(batch, buckets=16)
    held = [{reference.mix(v) & 15 for v in reference.word_hashes(text or "")} for text in texts]
    assert known.tolist() == [*(sum(b in h for h in held) for b in range(16)), len(texts)]
    for text, row in zip(texts, semantic.tfidf(batch, known, dimensions=8).tolist(), strict=True):
        out = weights(text or "", 8, 16, known.tolist())
        length = math.sqrt(sum(x * x for x in out)) or 1
        assert all(abs(got - x / length * semantic.SCALE) <= 0.501 for got, x in zip(row, out, strict=True))


def test_frequencies_of_batches_add_up():
    texts = pa.array(["a b", "b c", "", "c c c d"])
    parts = semantic.frequencies(texts[:1]) + semantic.frequencies(texts[1:])
    assert parts.tolist() == semantic.frequencies(texts).tolist()


def test_products_of_the_largest_vectors_are_exact_in_32_bits():
    rows = semantic.unit(np.random.default_rng(1).normal(size=(50, semantic.MOST_DIMENSIONS)))
    length = int((rows.astype(np.int64) ** 2).sum(axis=1).max())
    assert length < 2**24
    exact = rows.astype(np.int64) @ rows.astype(np.int64).T
    assert np.array_equal(semantic._dots(rows, rows.astype(np.float32).T), exact)


def cosine_squared(a, b):
    """The sign and the exact square."""
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return (dot > 0) - (dot < 0), Fraction(dot * dot, max(sum(x * x for x in a) * sum(y * y for y in b), 1))


@settings(deadline=None, max_examples=200)
@given(whole, st.sampled_from([0.5, 0.9, 0.99]))
def test_a_duplicate_is_as_similar_as_the_threshold_to_a_kept_one_and_no_kept_one_is(rows, threshold):
    vectors = semantic.unit(np.array(rows, dtype=np.float64).reshape(-1, 3))
    said = semantic.judge(vectors, threshold=threshold)
    kept = []
    for i, row in enumerate(vectors.tolist()):
        near = [(*cosine_squared(row, vectors[k].tolist()), -k) for k in kept]
        sign, square, best = max(near, default=(0, Fraction(0), 1))
        if sign > 0 and math.sqrt(square) >= threshold:
            assert said.representative[i] in kept
            assert said.similarity[i] == pytest.approx(math.sqrt(square))
            assert said.representative[i] == -best
        else:
            assert said.representative[i] == i
            kept.append(i)


@settings(deadline=None, max_examples=100)
@given(whole, st.integers(0, 12))
def test_crawl_after_crawl_gives_what_all_at_once_gives(rows, cut):
    vectors = semantic.unit(np.array(rows, dtype=np.float64).reshape(-1, 3))
    expected = semantic.judge(vectors, threshold=0.9)
    one = semantic.judge(vectors[:cut], threshold=0.9)
    kept = np.flatnonzero(one.representative == np.arange(len(one.representative)))
    other = semantic.judge(vectors[cut:], threshold=0.9, before=vectors[:cut][kept])
    numbers = np.concatenate([kept, np.arange(len(one.representative), len(vectors))]).astype(np.int64)
    assert [*one.representative, *numbers[other.representative]] == expected.representative.tolist()
    assert [*one.similarity, *other.similarity] == expected.similarity.tolist()


def test_verdicts_are_the_same_however_many_rows_a_block_has(monkeypatch):
    random = np.random.default_rng(2)
    rows = np.repeat(random.normal(size=(60, 16)), 5, axis=0) + random.normal(size=(300, 16)) * 0.05
    vectors = semantic.unit(rows)
    expected = semantic.judge(vectors, threshold=0.98)
    monkeypatch.setattr(semantic, "BLOCK", 7)
    found = semantic.judge(vectors, threshold=0.98)
    assert found.representative.tolist() == expected.representative.tolist()
    assert found.similarity.tolist() == expected.similarity.tolist()
    assert 0 < (found.representative != np.arange(300)).sum() < 300


def test_clusters_hold_what_was_drawn_around_their_centers():
    random = np.random.default_rng(3)
    centers = random.normal(size=(4, 32))
    truth = np.repeat(np.arange(4), 100)
    vectors = semantic.unit(centers[truth] + random.normal(size=(400, 32)) * 0.1)
    found = semantic.centroids(vectors, clusters=12)
    cluster = semantic.assigned(vectors, found)
    assert all(len(set(truth[cluster == c])) <= 1 for c in range(len(found)))


def test_the_same_seed_gives_the_same_clusters_and_another_gives_others():
    vectors = semantic.unit(np.random.default_rng(4).normal(size=(200, 8)))
    first = semantic.centroids(vectors, clusters=5)
    assert first.tolist() == semantic.centroids(vectors, clusters=5).tolist()
    assert first.tolist() != semantic.centroids(vectors, clusters=5, seed=2).tolist()


def test_there_are_no_more_clusters_than_distinct_vectors():
    vectors = semantic.unit(np.array([[1.0, 0], [1, 0], [0, 1], [0, 0]]))
    found = semantic.centroids(vectors, clusters=10)
    assert len(found) == 2
    assert semantic.assigned(vectors, found).tolist() in ([0, 0, 1, -1], [1, 1, 0, -1])


def test_far_keeps_the_farthest_from_the_centroid_and_first_the_order():
    vectors = semantic.unit(np.array([[1, 0.0], [1, 0.2], [1, 0.1]]))
    center, cluster = semantic.unit(np.array([[1.0, 0]])), np.zeros(3, dtype=np.int64)
    orders = [semantic.precedence(vectors, center, cluster, keep=keep).tolist() for keep in ("far", "near", "first")]
    assert orders == [[1, 2, 0], [0, 2, 1], [0, 1, 2]]


def test_texts_without_words_are_nobodys_duplicate():
    texts = pa.array(["", None, "...", "a b c", "A, b c!"])
    vectors = semantic.tfidf(texts, semantic.frequencies(texts))
    assert semantic.judge(vectors, threshold=0.9).representative.tolist() == [0, 1, 2, 3, 3]


def test_planted_near_duplicates_of_the_sample_are_more_alike_than_other_pages(sample_pages, sample_texts):
    vectors = semantic.tfidf(sample_texts, semantic.frequencies(sample_texts))
    wide = vectors.astype(np.float64) / semantic.SCALE
    groups = np.array([page["dup_group"] or f"none {i}" for i, page in enumerate(sample_pages)])
    same = (groups[:, None] == groups[None, :]) & ~np.eye(len(groups), dtype=bool)
    near = wide @ wide.T
    assert np.median(near[same]) > 0.95
    assert np.median(near[~same]) < 0.2


@pytest.mark.parametrize(
    ("call", "options"),
    [
        (semantic.judge, {"threshold": 0.0}), (semantic.centroids, {"clusters": 0}),
        (semantic.precedence, {"centers": None, "cluster": None, "keep": "best"}),
    ],
)  # fmt: skip
def test_options_that_cannot_be_met_are_refused(call, options):
    with pytest.raises(UserError, match="semantic: "):
        call(np.zeros((1, 2), dtype=np.int16), **options)


def test_embeddings_that_are_not_finite_are_refused():
    with pytest.raises(UserError, match="finite"):
        semantic.unit(np.array([[1.0, np.nan]]))
