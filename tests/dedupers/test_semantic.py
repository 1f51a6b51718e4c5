"""Texts of one meaning: vectors beside plain Python, exact products, cells that find what brute force finds."""

import math
import random
from collections import Counter
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import embedding
from headwater.dedupers import _semantic
from headwater.dedupers.semantic import semantic
from headwater.embedders import hashed_tfidf as tfidf
from headwater.errors import UnknownName, UserError
from scripts import word_rarity
from tests.dedupers import reference

anything = st.text("abc é1٣. \n中한", max_size=40)


def weights(text, dimensions):
    """A text's sums in plain Python."""
    out, rarity = [0] * dimensions, tfidf.RARITY.read_bytes()
    for value, times in Counter(map(reference.mix, reference.word_hashes(text))).items():
        drawn = reference.mix(value)
        column = ((drawn >> 32) * dimensions) >> 32
        weight = rarity[value & (len(rarity) - 1)] * round((1 + math.log(times)) * tfidf.UNIT)
        out[column] += weight if drawn & 1 else -weight
    return out


@settings(max_examples=200)
@given(st.lists(st.none() | anything, max_size=5))
def test_vectors_are_those_of_plain_python(texts):
    found = tfidf.hashed_tfidf(pa.array(texts, pa.string()), dimensions=8)
    assert found.tolist() == [weights(text or "", 8) for text in texts]


@given(st.lists(anything, min_size=1, max_size=5))
def test_how_rare_a_word_is_is_counted_as_in_plain_python(texts):
    held = [{reference.mix(v) & (word_rarity.BUCKETS - 1) for v in reference.word_hashes(text)} for text in texts]
    found = word_rarity.table(texts)
    for bucket in set().union(*held, {0}):
        often = sum(bucket in words for words in held)
        assert found[bucket] == round((1 + math.log((1 + len(texts)) / (1 + often))) * tfidf.STEPS)


def test_products_of_the_largest_vectors_are_exact_in_32_bits():
    rows = _semantic.unit(np.random.default_rng(1).normal(size=(50, _semantic.MOST_DIMENSIONS)))
    assert int((rows.astype(np.int64) ** 2).sum(axis=1).max()) < 2**24
    exact = rows.astype(np.int64) @ rows.astype(np.int64).T
    assert np.array_equal(_semantic.dots(rows, rows.astype(np.float32).T), exact)


@settings(max_examples=200)
@given(st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=1, max_size=6))
def test_a_cosine_is_that_of_the_directions(rows):
    vectors = _semantic.unit(np.array(rows, dtype=np.float64))
    found = _semantic.cosines(vectors, vectors[::-1])
    for a, b, cosine in zip(vectors.tolist(), vectors[::-1].tolist(), found.tolist(), strict=True):
        dot = sum(x * y for x, y in zip(a, b, strict=True))
        square = Fraction(dot * dot, max(sum(x * x for x in a) * sum(y * y for y in b), 1))
        assert cosine == pytest.approx(math.sqrt(square) if dot > 0 else 0.0)


def test_keys_and_similarities_do_not_depend_on_the_batch():
    deduper = embedding.made(("semantic", {}))
    texts = pa.array([f"one two three {n} {n * 7} {n % 3}" for n in range(50)] + [None, "", "..."])
    whole, valid = deduper.keys(texts)
    parts = [deduper.keys(texts.slice(n, 1)) for n in range(len(texts))]
    assert np.array_equal(whole, np.concatenate([keys for keys, _ in parts]))
    assert valid.tolist() == [bool(flag[0]) for _, flag in parts] == [True] * 50 + [False] * 3
    turned = texts.take(pa.array(range(len(texts))[::-1]))
    one_by_one = [deduper.similarity(texts.slice(n, 1), turned.slice(n, 1))[0] for n in range(len(texts))]
    assert deduper.similarity(texts, turned).tolist() == one_by_one


def planted(count):
    """Texts of words drawn at random, and copies of them with some words changed."""
    chance = random.Random(5)
    # Letters alone: any number is one word to the vectors.
    words = ["".join(chance.choices("abcdefghijklmnop", k=8)) for _ in range(5_000)]
    texts = []
    for _ in range(count):
        page = chance.choices(words, k=200)
        texts.append(" ".join(page))
        for place in chance.sample(range(200), chance.randrange(1, 16)):
            page[place] = chance.choice(words)
        texts.append(" ".join(page))
    return texts


def test_cells_propose_nearly_all_pairs_that_brute_force_finds():
    texts = pa.array(planted(500))
    deduper = embedding.made(("semantic", {"threshold": 0.95}))
    vectors = _semantic.unit(tfidf.hashed_tfidf(texts))
    near = vectors.astype(np.int64) @ vectors.astype(np.int64).T
    lengths = np.sqrt(np.diag(near).astype(np.float64))
    alike = np.argwhere(np.triu(near / lengths[:, None] / lengths[None, :] >= 0.95, 1))
    keys, _ = deduper.keys(texts)
    proposed = (keys[alike[:, 0]] == keys[alike[:, 1]]).any(axis=1)
    print(f"{len(alike)} pairs of cosine 0.95 and more, {proposed.mean():.1%} proposed")
    assert len(alike) > 300
    assert proposed.mean() >= 0.97
    strangers = np.random.default_rng(1).integers(0, len(texts), (20_000, 2))
    assert (keys[strangers[:, 0]] == keys[strangers[:, 1]]).any(axis=1).mean() < 0.2
    pairs = [texts.take(pa.array(alike[:, side])) for side in (0, 1)]
    assert deduper.similarity(*pairs).min() >= deduper.threshold


def test_another_seed_gives_other_cells():
    texts = pa.array(planted(5))
    first, second = (embedding.made(("semantic", {"seed": seed})).keys(texts)[0] for seed in (1, 2))
    assert not (first == second).any()


def test_an_embedder_that_is_not_there_is_refused_by_name():
    with pytest.raises(UnknownName, match="no embedder 'nope'; have: hashed_tfidf"):
        embedding.made(("semantic", {"embedder": "nope"}))


@pytest.mark.parametrize("options", [{"threshold": 0.0}, {"threshold": 1.1}, {"tables": 0}, {"clusters": 1}])
def test_impossible_options_are_refused(options):
    with pytest.raises(UserError, match="semantic: "):
        semantic(**options)


@pytest.mark.parametrize("bad", [[[math.nan, 1.0]], [[math.inf, 1.0]]])
def test_a_vector_that_is_not_finite_is_refused(bad):
    with pytest.raises(UserError, match="not finite"):
        _semantic.unit(np.array(bad))
