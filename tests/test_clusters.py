"""Star clusters: what the words of `headwater.clusters` promise, against a plain sequential reading of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.clusters import Checked, needed, settle, stars

THRESHOLD = 0.5


@st.composite
def worlds(draw):
    """A true similarity for every pair of up to 12 documents, and which of the similar ones were proposed."""
    count = draw(st.integers(2, 12))
    truth = np.zeros((count, count))
    proposed = []
    for later in range(count):
        for earlier in range(later):
            truth[later, earlier] = draw(st.sampled_from([0.1, 0.5, 0.7, 0.9]))
            if truth[later, earlier] >= THRESHOLD and draw(st.booleans()):
                proposed.append((earlier, later))
    return truth, draw(st.permutations(proposed))


def arrays(truth, pairs):
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return left, right, truth[np.maximum(left, right), np.minimum(left, right)]


def settled(truth, pairs):
    verify = lambda document, representative: truth[document, representative]  # noqa: E731
    return settle(*arrays(truth, pairs), verify=verify, threshold=THRESHOLD)


def verdicts(result):
    return {d: (r, s) for d, r, s in zip(*(a.tolist() for a in triple(result)), strict=True)}


def triple(result):
    return result.document, result.representative, result.similarity


def evidence(result):
    second = result.second
    return set(zip(second.document.tolist(), second.representative.tolist(), second.accepted.tolist(), strict=True))


def one_by_one(truth, pairs):
    """The three rules, a document at a time, each final before the next."""
    star, verdict, looked_at = {}, {}, set()
    for d in range(len(truth)):
        matched = [min(pair) for pair in pairs if max(pair) == d]
        choice = [r for r in matched if star[r] == r]
        if not choice:
            asked = {star[e] for e in matched}
            looked_at |= {(d, r, bool(truth[d, r] >= THRESHOLD)) for r in asked}
            choice = [r for r in asked if truth[d, r] >= THRESHOLD]
        star[d] = min(choice, key=lambda r: (-truth[d, r], r), default=d)
        if star[d] != d:
            verdict[d] = (star[d], truth[d, star[d]])
    return verdict, looked_at


@settings(deadline=None)
@given(worlds())
def test_settled_stars_are_what_the_rules_give_one_document_at_a_time(world):
    result = settled(*world)
    assert (verdicts(result), evidence(result)) == one_by_one(*world)


@settings(deadline=None)
@given(worlds())
def test_every_duplicate_is_proven_against_a_kept_earlier_representative(world):
    truth, pairs = world
    found = verdicts(settled(truth, pairs))
    assert all(r < d and r not in found and s == truth[d, r] >= THRESHOLD for d, (r, s) in found.items())


@settings(deadline=None)
@given(worlds(), st.integers(0, 12))
def test_later_documents_change_nothing_of_earlier_ones(world, cut):
    truth, pairs = world
    full, part = settled(truth, pairs), settled(truth, [pair for pair in pairs if max(pair) < cut])
    assert verdicts(part) == {d: v for d, v in verdicts(full).items() if d < cut}
    assert evidence(part) == {e for e in evidence(full) if e[0] < cut}


@settings(deadline=None)
@given(worlds(), st.integers(0, 12))
def test_decided_documents_may_be_entered_as_pairs_with_their_representatives(world, cut):
    truth, pairs = world
    full = settled(truth, pairs)
    decided = [(r, d) for d, (r, _) in verdicts(full).items() if d < cut]
    added = settled(truth, decided + [pair for pair in pairs if max(pair) >= cut])
    assert verdicts(added) == verdicts(full)
    assert {e for e in evidence(added) if e[0] >= cut} == {e for e in evidence(full) if e[0] >= cut}


@settings(deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_and_direction_of_pairs_do_not_matter(world, random):
    truth, pairs = world
    shuffled = [pair[::-1] if random.random() < 0.5 else pair for pair in random.sample(pairs, len(pairs))]
    assert verdicts(settled(truth, shuffled)) == verdicts(settled(truth, pairs))


@settings(deadline=None)
@given(worlds())
def test_no_pair_is_verified_twice(world):
    truth, pairs = world
    asked = []

    def verify(document, representative):
        asked.extend(zip(document.tolist(), representative.tolist(), strict=True))
        return truth[document, representative]

    settle(*arrays(truth, pairs), verify=verify, threshold=THRESHOLD)
    assert len(asked) == len(set(asked))


def test_a_chain_does_not_join_strangers():
    truth = np.zeros((4, 4))
    truth[1, 0] = truth[2, 1] = truth[3, 2] = 0.9
    assert verdicts(settled(truth, [(0, 1), (1, 2), (2, 3)])) == {1: (0, 0.9), 3: (2, 0.9)}


def test_a_copy_of_a_copy_is_proven_against_the_original():
    truth = np.full((3, 3), 0.8)
    result = settled(truth, [(0, 1), (1, 2)])
    assert verdicts(result) == {1: (0, 0.8), 2: (0, 0.8)}
    assert evidence(result) == {(2, 0, True)}


def test_the_most_similar_representative_wins_and_the_earliest_of_equals():
    left, right = np.array([0, 1, 2, 0, 1]), np.array([3, 3, 3, 4, 4])
    result = stars(left, right, np.array([0.6, 0.9, 0.9, 0.7, 0.7]))
    assert verdicts(result) == {3: (1, 0.9), 4: (0, 0.7)}


def test_a_pair_known_to_differ_is_not_asked_for_again():
    pairs = np.array([10, 20]), np.array([20, 30]), np.array([0.9, 0.9])
    one = np.array([30]), np.array([10])
    assert [a.tolist() for a in needed(*pairs)] == [[30], [10]]
    differ = Checked(*one, np.array([0.2]), np.array([False]))
    assert [a.tolist() for a in needed(*pairs, checked=differ)] == [[], []]


def test_a_document_paired_with_itself_is_refused():
    with pytest.raises(ValueError, match="document 7 is paired with itself"):
        stars(np.array([7]), np.array([7]), np.array([1.0]))


def test_no_pairs_make_no_stars():
    nothing = np.zeros(0, dtype=np.int64)
    assert verdicts(stars(nothing, nothing, np.zeros(0))) == {}


def test_a_long_chain_settles_in_two_rounds():
    numbers, rounds = np.arange(200_000), []

    def verify(document, representative):
        rounds.append(document.size)
        return np.where(document - representative < 2, 1.0, 0.0)

    result = settle(numbers[:-1], numbers[1:], np.ones(numbers.size - 1), verify=verify, threshold=THRESHOLD)
    assert result.document.tolist() == list(range(1, 200_000, 2))
    assert len(rounds) <= 2
