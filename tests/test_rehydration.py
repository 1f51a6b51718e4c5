"""Repeats are a step function of the cluster's size, by language, and can be derived from removal rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import rehydration
from headwater.recipe import Mix

README = {1: 1, 2: 2, 3: 3, 5: 5, 100: 8, 1000: 1}
CHINESE = {1: 1, 2: 4, 4: 6, 6: 7, 7: 8, 9: 9, 16: 8, 20: 7, 26: 6, 31: 5, 36: 4, 44: 3, 52: 2, 60: 1}


def repeated(sizes, steps=README):
    return rehydration.repeats(np.array(sizes), steps).tolist()


def test_the_published_rule_is_looked_up_as_published():
    assert repeated([1, 2, 3, 4, 5, 99, 100, 999, 1000, 10**9]) == [1, 2, 3, 3, 5, 5, 8, 8, 1, 1]
    assert repeated([1, 3, 5, 15, 19, 59, 60, 61], CHINESE) == [1, 4, 6, 9, 8, 2, 1, 1]


@pytest.mark.parametrize("steps", [{1: 10**30}, {10**30: 2}, {1: 2**63 - 1}])
def test_repeats_whose_products_leave_64_bits_are_refused(steps):
    with pytest.raises(ValueError, match="at most"):
        Mix(rehydrate=steps)


@given(
    st.dictionaries(st.integers(1, 500), st.integers(1, 20), min_size=1),
    st.lists(st.integers(1, 1000), min_size=1),
)
def test_the_largest_key_that_is_not_above_the_size_counts(steps, sizes):
    plain = [steps[max(k for k in steps if k <= size)] if min(steps) <= size else 1 for size in sizes]
    assert repeated(sizes, steps) == plain


def test_a_language_has_its_own_steps_whatever_its_label():
    sizes, languages = np.array([2, 2, 2, 2]), ["zh", "cmn_Hani", "de", None]
    found = rehydration.of_languages(languages, sizes, {1: 3}, {"cmn_Hani": CHINESE})
    assert found.tolist() == [4, 4, 3, 3]
    assert rehydration.of_languages(languages, sizes, None, {"cmn_Hani": CHINESE}).tolist() == [4, 4, 1, 1]
    assert rehydration.of_languages(languages, sizes, None, None).tolist() == [1, 1, 1, 1]


def test_the_lowest_removal_rate_is_repeated_most_and_a_rate_above_all_once():
    # over all 400 of 1000 are dropped; rates 0.6, 0.3, 0.2, 0.5
    counts = {1: (400, 240), 2: (300, 90), 10: (200, 40), 100: (100, 30)}
    assert rehydration.derived(counts, 10) == {1: 1, 2: 6, 10: 10, 100: 6}
    assert rehydration.derived({**counts, 100: (100, 50)}, 10) == {1: 1, 2: 6, 10: 10, 100: 1}


def test_where_all_sizes_are_dropped_alike_nothing_is_repeated():
    assert rehydration.derived({1: (10, 5), 2: (10, 5), 3: (2, 1)}) == {1: 1}


@pytest.mark.parametrize("wrong", [{}, {0: (1, 0)}, {1: (1, 2)}, {1: (0, 0)}])
def test_counts_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError, match="counts must be"):
        rehydration.derived(wrong)


@given(st.dictionaries(st.integers(1, 99), st.tuples(st.integers(1, 99), st.floats(0, 1)), min_size=1))
def test_derived_steps_lie_between_once_and_the_most(rates):
    counts = {size: (n, int(n * rate)) for size, (n, rate) in rates.items()}
    steps = rehydration.derived(counts, 7)
    assert set(steps.values()) <= set(range(1, 8))
    lowest = min(counts, key=lambda size: (counts[size][1] / counts[size][0], size))
    overall = sum(out for _, out in counts.values()) / sum(n for n, _ in counts.values())
    if counts[lowest][1] / counts[lowest][0] < overall - 1e-9:
        assert repeated([lowest], steps) == [7]
