"""MinHash: parameters, statistics, hostile texts, and the duplicates planted in the sample."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dedupers.minhash import minhash
from headwater.errors import UserError
from tests.dedupers import reference

STANDARD_ERRORS = 4
PAIRS_OF_WORDS = minhash(shingle_words=2, bands=16, rows=8)


def edited(random, words, share):
    return [random.integers(1 << 40) if random.random() < share else word for word in words]


def families(count, size, seed):
    """Texts in families: one of random words, then copies with 0 to 12 % of the words replaced."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        words = random.integers(1 << 40, size=random.integers(60, 200)).tolist()
        copies = [words] + [edited(random, words, random.uniform(0, 0.12)) for _ in range(size - 1)]
        yield from (" ".join("w" + np.base_repr(int(word), 26).translate(LETTERS) for word in copy) for copy in copies)


LETTERS = str.maketrans("0123456789", "qrstuvwxyz")


def candidates(keys, valid):
    """All pairs that share a key in a column."""
    buckets = defaultdict(list)
    for i in np.flatnonzero(valid).tolist():
        for column, key in enumerate(keys[i].tolist()):
            buckets[column, key].append(i)
    return {pair for bucket in buckets.values() for pair in combinations(bucket, 2)}


def overlapping(texts):
    """Brute force: the true similarity of every pair of texts that share a shingle."""
    sets, holders = [set(reference.shingles(text, 5)) for text in texts], defaultdict(list)
    for i, shingles in enumerate(sets):
        for shingle in shingles:
            holders[shingle].append(i)
    pairs = {pair for held in holders.values() for pair in combinations(held, 2)}
    return {(i, j): len(sets[i] & sets[j]) / len(sets[i] | sets[j]) for i, j in pairs}


@pytest.mark.parametrize(("bands", "rows"), [(14, 8), (16, 8), (20, 5)])
def test_candidates_follow_the_s_curve(bands, rows):
    texts = list(families(500, 3, seed=bands))
    truth = overlapping(texts)
    found = candidates(*minhash(bands=bands, rows=rows).keys(pa.array(texts)))
    assert found <= truth.keys()
    for low in np.arange(0, 1, 0.1):
        pairs = [pair for pair, s in truth.items() if low <= s < low + 0.1]
        chance = np.array([1 - (1 - truth[pair] ** rows) ** bands for pair in pairs])
        error = STANDARD_ERRORS * np.sqrt((chance * (1 - chance)).sum())
        assert abs(len(found.intersection(pairs)) - chance.sum()) <= error + 1


def test_recall_and_precision_on_5000_documents_are_those_of_the_s_curve():
    texts, deduper = list(families(1000, 5, seed=9)), minhash(bands=14, rows=8)
    truth = overlapping(texts)
    found = candidates(*deduper.keys(pa.array(texts)))
    chance = {pair: 1 - (1 - s**8) ** 14 for pair, s in truth.items()}
    alike = [pair for pair, s in truth.items() if s >= deduper.threshold]
    error = STANDARD_ERRORS * np.sqrt(sum(p * (1 - p) for p in chance.values()))
    hit, expected = len(found.intersection(alike)), sum(chance[pair] for pair in alike)
    print(f"recall {hit / len(alike):.3f} ({expected / len(alike):.3f} expected), precision {hit / len(found):.3f}")
    assert abs(hit - expected) <= STANDARD_ERRORS * np.sqrt(sum(chance[p] * (1 - chance[p]) for p in alike))
    assert abs(len(found) - sum(chance.values())) <= error
    left, right = (pa.array([texts[i] for i in side]) for side in zip(*sorted(found), strict=True))
    proven = deduper.similarity(left, right) >= deduper.threshold
    assert {pair for pair, yes in zip(sorted(found), proven, strict=True) if yes} == found.intersection(alike)


def test_signatures_estimate_as_well_as_independent_permutations_would():
    texts = list(families(1500, 2, seed=3))
    deduper = minhash(bands=128, rows=1)
    keys, _ = deduper.keys(pa.array(texts))
    truth = deduper.similarity(pa.array(texts[::2]), pa.array(texts[1::2]))
    error = (keys[::2] == keys[1::2]).mean(axis=1) - truth
    expected = (truth * (1 - truth) / 128).sum()
    assert abs(error.mean()) <= STANDARD_ERRORS * np.sqrt(expected) / len(error)
    assert 0.9 <= (error**2).sum() / expected <= 1.1


def test_by_default_19_of_20_pairs_at_the_threshold_are_proposed():
    keys, _ = minhash().keys(pa.array([""]))
    assert keys.shape == (1, 16)
    assert 1 - (1 - 0.8**8) ** 16 > 0.94


def test_the_same_options_give_the_same_keys_and_another_seed_gives_others():
    texts = pa.array(list(families(5, 2, seed=1)))
    first = minhash().keys(texts)[0]
    assert first.tolist() == minhash().keys(texts)[0].tolist()
    assert not (first == minhash(seed=2).keys(texts)[0]).any()


@settings(deadline=None)
@given(st.lists(st.none() | st.text("ab ", max_size=40), max_size=8), st.integers(0, 8))
def test_batches_do_not_matter(texts, cut):
    whole = pa.array(texts, pa.string())
    keys, valid = PAIRS_OF_WORDS.keys(whole)
    parts = [PAIRS_OF_WORDS.keys(part) for part in (whole[:cut], whole[cut:])]
    assert keys.tolist() == [row for part in parts for row in part[0].tolist()]
    assert valid.tolist() == [flag for part in parts for flag in part[1].tolist()]


def test_short_empty_and_missing_texts_match_nothing():
    texts = pa.array(["", None, "four words are few", "... !!!"])
    keys, valid = minhash().keys(texts)
    assert not valid.any()
    assert not keys.any()
    assert minhash().similarity(texts, texts).tolist() == [0.0] * 4


def test_no_texts_have_no_keys():
    keys, valid = minhash().keys(pa.array([], pa.large_string()))
    assert keys.shape == (0, 16)
    assert valid.shape == (0,)
    assert minhash().similarity(pa.array([], pa.string()), pa.array([], pa.string())).size == 0


@pytest.mark.timeout(60)
def test_hostile_texts_cost_no_more_than_their_bytes():
    unlike = " ".join(map("w{:x}".format, range(10**12, 10**12 + 300_000))).translate(LETTERS)
    texts = pa.array(["spam " * 1_000_000, "a" * 5_000_000, unlike, "中" * 2_000_000, "\u0301" * 2_000_000])
    _, valid = minhash().keys(texts)
    assert valid.tolist() == [True, False, True, True, False]
    assert minhash().similarity(texts, pa.array(["spam " * 5] * 5)).tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "options",
    [
        {"bands": 4},
        {"bands": 20, "rows": 7},
        {"threshold": 0.0},
        {"shingle_words": 0},
        {"shingle_characters": 0},
        {"permutations": 1},
    ],
)
def test_options_that_cannot_be_met_are_refused(options):
    with pytest.raises(UserError, match="minhash: "):
        minhash(**options)


def test_pairs_that_are_not_aligned_are_refused():
    with pytest.raises(ValueError, match="aligned"):
        minhash().similarity(pa.array(["a"]), pa.array(["a", "b"]))


def test_planted_duplicates_of_the_sample_are_found(sample_pages, sample_texts):
    deduper = minhash()
    groups = defaultdict(list)
    for i, page in enumerate(sample_pages):
        groups[page["dup_group"]].append(i)
    pairs = [pair for name, group in groups.items() if name for pair in combinations(group, 2)]
    left, right = (sample_texts.take(pa.array(side)) for side in zip(*pairs, strict=True))
    alike = deduper.similarity(left, right) >= deduper.threshold
    found = candidates(*deduper.keys(sample_texts))
    hit = sum(pair in found for pair, same in zip(pairs, alike, strict=True) if same)
    print(f"planted pairs {len(pairs)}, at {deduper.threshold} or above {alike.sum()}, proposed {hit}")
    assert alike.sum() > 0
    assert hit >= 0.97 * alike.sum()
