"""Wanted languages, and a score that is high enough."""

import numpy as np
import pyarrow as pa

from headwater import verdict

COLUMNS = {
    "language": pa.array(["en", "fr", "en", None, "en"]),
    "language_score": np.array([0.65, 0.99, 0.64, 0.9, np.nan]),
}


def judge(**options):
    return verdict.apply([("language", options)], COLUMNS)


def test_a_language_that_is_not_listed_is_dropped():
    got = judge(languages=("en", "de"), min_score=None)
    assert got.rule.to_pylist() == [None, "language.languages", None, "language.languages", None]
    assert (got.value[1].as_py(), got.threshold[1].as_py()) == (0, 1)


def test_a_score_below_the_minimum_or_missing_is_dropped():
    got = judge()
    assert got.rule.to_pylist() == [None, None, "language.min_score", None, "language.min_score"]
    assert got.value[2].as_py() == 0.64


def test_an_empty_list_wants_no_language():
    assert judge(languages=()).dropped.all()


def test_rules_that_are_none_are_off():
    assert not judge(min_score=None).dropped.any()
