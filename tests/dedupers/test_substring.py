"""Repeated spans: the suffix array, spans beside brute force, and seeds that miss no repeated window."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dedupers import _substring as substring
from headwater.dedupers._suffix_array import common, suffix_array
from headwater.errors import UserError

few = st.lists(st.sampled_from(["a", "b", "c.", "é", "\n"]), max_size=30).map(" ".join)


def numbers(values):
    return np.array(values, dtype=np.int32)


@settings(deadline=None, max_examples=400)
@given(st.lists(st.integers(0, 3), max_size=80) | st.lists(st.integers(0, 300), max_size=80), st.integers(1, 9))
def test_the_suffix_array_and_common_prefixes_are_those_of_sorting(values, most):
    order = sorted(range(len(values)), key=lambda i: values[i:])
    found = suffix_array(numbers(values))
    assert found.tolist() == order
    agree = []
    for i, at in enumerate(order):
        pairs = zip(values[order[i - 1] :], values[at:], strict=False) if i else []
        same = next((k for k, (a, b) in enumerate(pairs) if a != b), None)
        longest = min(len(values) - at, len(values) - order[i - 1]) if i else 0
        agree.append(min(longest if same is None else same, most))
    assert common(numbers(values), found, most).tolist() == agree


def test_the_suffix_array_of_a_periodic_and_of_a_random_sequence_is_in_order():
    random = np.random.default_rng(1)
    for values in (np.arange(200_000) % 3, random.integers(0, 5, 200_000), random.integers(0, 1 << 20, 200_000)):
        order = suffix_array(values.astype(np.int32))
        assert np.array_equal(np.sort(order), np.arange(len(values)))
        rank = np.empty(len(order) + 1, dtype=np.int64)
        rank[order], rank[-1] = np.arange(len(order)), -1
        pairs = np.stack([values[order], rank[order + 1]], axis=1)
        assert np.all(
            (pairs[1:, 0] > pairs[:-1, 0]) | ((pairs[1:, 0] == pairs[:-1, 0]) & (pairs[1:, 1] > pairs[:-1, 1]))
        )


def windows(texts, length):
    """For each text, for each word, its window of that many words or None."""
    split = [text.replace(".", " .").split() for text in texts]
    return [[tuple(t[i : i + length]) if i + length <= len(t) else None for i in range(len(t))] for t in split]


def brute_force(texts, length):
    seen, again = set(), []
    for text in windows(texts, length):
        for window in text:
            again.append(window is not None and window in seen)
            seen.add(window)
    return again


def repeated(texts, length):
    of = substring.words(pa.array(texts, pa.string()))
    return of, substring.repeated(of, length=length)


@settings(deadline=None, max_examples=300)
@given(st.lists(few, max_size=6), st.integers(1, 6))
def test_repeated_windows_are_those_of_brute_force(texts, length):
    assert repeated(texts, length)[1].tolist() == brute_force(texts, length)


@settings(deadline=None, max_examples=300)
@given(st.lists(few, max_size=6), st.integers(0, 6), st.integers(1, 6), st.integers(1, 3))
def test_documents_whose_seeds_a_crawl_has_are_all_it_needs_of_earlier_ones(texts, cut, length, words):
    words = min(words, length)
    old, again = repeated(texts[:cut], length)
    index = substring.seeds(old, again, length=length, words=words)
    new = substring.words(pa.array(texts[cut:], pa.string()))
    asked, _ = substring.seeds(new, np.zeros(len(new.name), dtype=np.bool_), length=length, words=words)
    hit = sorted(set(index[1][np.isin(index[0], asked)].tolist()))
    of, found = repeated([texts[i] for i in hit] + texts[cut:], length)
    whole, expected = repeated(texts, length)
    assert found[of.places[len(hit)] :].tolist() == expected[whole.places[min(cut, len(texts))] :].tolist()


def test_a_span_that_is_repeated_everywhere_leaves_seeds_once():
    text = " ".join(f"w{i}" for i in range(200))
    of, again = repeated([text] * 50, 20)
    seeds, texts = substring.seeds(of, again, length=20, words=10)
    assert set(texts.tolist()) == {0}
    assert 20 <= len(seeds) <= 60


def test_what_goes_is_the_later_span_from_its_first_word_to_its_last():
    texts = ["x. One two three four, y", "z? One two three four, z", "One two"]
    of, again = repeated(texts, 3)
    edits = substring.found(of, again, np.ones(3, dtype=np.bool_), length=3).edits
    assert [texts[t][a:b] for t, a, b in zip(edits.text, edits.start, edits.stop, strict=True)] == [
        "One two three four,"
    ]
    assert edits.text.tolist() == [1]
    assert not substring.found(of, again, np.array([True, False, True]), length=3).edits.text.size


@settings(deadline=None, max_examples=200)
@given(st.lists(few, max_size=6), st.integers(2, 5))
def test_stretches_hold_the_words_of_all_repeated_windows_and_no_others(texts, length):
    of, again = repeated(texts, length)
    covered = {i + k for i in np.flatnonzero(again).tolist() for k in range(length)}
    found = substring.found(of, again, np.ones(len(texts), dtype=np.bool_), length=length)
    edits = found.edits
    assert substring.flags(of, found.text, found.first, found.last).tolist() == again.tolist()
    held = set()
    for text, start, stop in zip(edits.text.tolist(), edits.start.tolist(), edits.stop.tolist(), strict=True):
        for i in range(of.places[text], of.places[text + 1]):
            if start <= of.start[i] - of.offsets[text] and of.stop[i] - of.offsets[text] <= stop:
                held.add(i)
    assert held == covered


def test_missing_texts_have_no_words():
    of, again = repeated([None, "a b", None, "a b"], 2)
    assert of.places.tolist() == [0, 0, 2, 2, 4]
    assert again.tolist() == [False, False, True, False]
    assert repeated([], 2)[1].size == 0


@pytest.mark.timeout(60)
def test_hostile_texts_cost_no_more_than_their_bytes():
    _, again = repeated(["spam " * 500_000, "a" * 1_000_000, ". " * 500_000, "ab ba " * 300_000], 50)
    assert again.sum() > 1_000_000


@pytest.mark.parametrize("options", [{"length": 0}, {"words": 51}, {"words": 0}])
def test_options_that_cannot_be_met_are_refused(options):
    of = substring.words(pa.array(["a"]))
    with pytest.raises(UserError, match="substring: "):
        substring.seeds(of, np.zeros(1, dtype=np.bool_), **options)
