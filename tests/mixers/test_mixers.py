"""Weights are positive shares that sum to 1, whatever the order of the groups."""

import itertools
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import BadRecipe, MissingInput, UserError
from headwater.mixers.proportional import proportional
from headwater.mixers.temperature import temperature

GROUPS = st.dictionaries(st.text(max_size=5), st.integers(1, 10**15), min_size=1, max_size=50)
TAU = st.floats(0, 3)


@given(GROUPS, TAU)
def test_weights_sum_to_one_in_the_order_of_names(tokens, tau):
    for weights in (proportional(tokens), temperature(tokens, tau=tau)):
        assert abs(sum(weights.values()) - 1) < 1e-12
        assert list(weights) == sorted(tokens)


@given(GROUPS, TAU, st.randoms())
def test_the_order_of_groups_changes_nothing(tokens, tau, random):
    shuffled = list(tokens.items())
    random.shuffle(shuffled)
    assert proportional(dict(shuffled)) == proportional(tokens)
    assert temperature(dict(shuffled), tau=tau) == temperature(tokens, tau=tau)


@given(GROUPS)
def test_temperature_one_is_proportional_and_zero_is_uniform(tokens):
    one, zero = temperature(tokens, tau=1.0), temperature(tokens, tau=0.0)
    assert one == pytest.approx(proportional(tokens), rel=1e-12)
    assert zero == pytest.approx(dict.fromkeys(tokens, 1 / len(tokens)), rel=1e-12)


@given(GROUPS, st.floats(0, 1))
def test_a_group_with_more_tokens_never_weighs_less(tokens, tau):
    weights = temperature(tokens, tau=tau)
    by_tokens = [weights[group] for group in sorted(tokens, key=tokens.__getitem__)]
    assert all(low <= high * (1 + 1e-12) for low, high in itertools.pairwise(by_tokens))


def test_the_square_root_is_the_default():
    assert temperature({"en": 900, "fr": 100}) == pytest.approx({"en": 0.75, "fr": 0.25})


def test_a_very_sharp_temperature_still_sums_to_one():
    weights = temperature({"big": 10**12, "small": 1}, tau=1000.0)
    assert fsum(weights.values()) == 1.0
    assert weights["big"] == 1.0


@pytest.mark.parametrize("mixer", [proportional, temperature])
def test_nothing_to_mix_is_an_error(mixer):
    with pytest.raises(MissingInput, match="no groups"):
        mixer({})


@pytest.mark.parametrize("mixer", [proportional, temperature])
@pytest.mark.parametrize("count", [0, -3])
def test_a_group_without_tokens_is_named(mixer, count):
    with pytest.raises(UserError, match=f"'empty' has {count} tokens"):
        mixer({"full": 1, "empty": count})


@pytest.mark.parametrize("tau", [-0.1, float("nan"), float("inf")])
def test_a_senseless_temperature_is_refused(tau):
    with pytest.raises(BadRecipe, match="tau is"):
        temperature({"a": 1}, tau=tau)
