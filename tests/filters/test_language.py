"""Wanted languages under any label, a score that is high enough, and a second opinion that agrees."""

import numpy as np
import pyarrow as pa
import pytest

from tests import judging

COLUMNS = {
    "language": pa.array(["en", "fr", "en", None, "en"]),
    "language_score": np.array([0.65, 0.99, 0.64, 0.9, np.nan]),
    "language_agrees": np.array([1.0, 0.0, 1.0, np.nan, 1.0]),
}


def judge(columns=COLUMNS, **options):
    return judging.judge([("language", options)], columns)


def spoken(*labels):
    return {"language": pa.array(labels), "language_score": np.ones(len(labels))}


def test_a_language_that_is_not_listed_is_dropped():
    got = judge(languages=("en", "de"), min_score=None)
    assert got.rule.to_pylist() == [None, "language.languages", None, "language.languages", None]
    assert (got.value[1].as_py(), got.threshold[1].as_py()) == (0, 1)


@pytest.mark.parametrize("wanted", ["en", "eng", "eng_Latn", "EN", "en-US"])
def test_a_language_is_wanted_under_any_of_its_labels(wanted):
    got = judge(spoken("en", "eng_Latn", "fr", "fra_Latn"), languages=(wanted,))
    assert got.dropped.tolist() == [False, False, True, True]


def test_a_language_without_a_script_is_wanted_in_every_script_and_with_one_in_that_alone():
    there = spoken("sr", "srp_Cyrl", "srp_Latn")
    assert judge(there, languages=("sr",)).dropped.tolist() == [False, False, False]
    assert judge(there, languages=("srp_Latn",)).dropped.tolist() == [True, True, False]


def test_a_label_that_nobody_knows_is_wanted_as_it_is_written():
    got = judge(spoken("klingon-x", "tlh?", "en"), languages=("tlh?", "klingon-x"))
    assert got.dropped.tolist() == [False, False, True]


def test_a_score_below_the_minimum_or_missing_is_dropped():
    got = judge()
    assert got.rule.to_pylist() == [None, None, "language.min_score", None, "language.min_score"]
    assert got.value[2].as_py() == 0.64


@pytest.mark.parametrize(("mode", "dropped"), [("fineweb2", False), ("datatrove", True), ("dclm", True)])
def test_whether_a_score_equal_to_the_minimum_is_enough_depends_on_the_mode(mode, dropped):
    assert judge(mode=mode).dropped[0] == dropped
    assert not judge(mode=mode).dropped[1]


def test_a_language_may_have_a_minimum_of_its_own():
    got = judge(min_scores={"fra_Latn": 0.995, "deu_Latn": 0.1})
    assert got.rule.to_pylist() == [None, "language.min_scores", "language.min_score", None, "language.min_score"]
    assert (got.value[1].as_py(), got.threshold[1].as_py()) == (0.99, 0.995)


def test_a_minimum_of_its_own_takes_the_place_of_the_common_one():
    got = judge(min_score=0.9, min_scores={"eng_Latn": 0.645})
    assert got.rule.to_pylist() == [None, None, "language.min_scores", None, "language.min_scores"]


def test_agreement_can_be_asked_for_and_a_missing_second_opinion_is_none():
    got = judge(min_score=None, require_agreement=True)
    assert got.rule.to_pylist() == [None, "language.require_agreement", None, "language.require_agreement", None]


def test_an_empty_list_wants_no_language():
    assert judge(languages=()).dropped.all()


def test_rules_that_are_none_are_off():
    assert not judge(min_score=None).dropped.any()
