"""The first broken rule in recipe order is the verdict."""

import inspect
import math

import numpy as np
import pyarrow as pa
import pytest

from headwater import curation, registry
from headwater.errors import UnknownName
from tests import judging
from tests.chain import ROOT

COLUMNS = {
    "language": pa.array(["en", "fr", "fr"]),
    "language_score": np.array([0.9, 0.2, 0.9]),
    **{c: np.zeros(3) for s in registry.names("signals") for c in registry.module("signals", s).COLUMNS},
}
REPETITION = ("gopher_repetition", {})
ENGLISH = ("language", {"languages": ("en",)})
SHORT = ("gopher_quality", {"min_words": 1})


def test_a_kept_document_has_no_rule_value_or_threshold():
    got = judging.judge([REPETITION], COLUMNS)
    assert not got.dropped.any()
    assert got.rule.null_count == got.value.null_count == got.threshold.null_count == 3
    assert (got.rule.type, got.value.type, got.threshold.type) == (pa.string(), pa.float64(), pa.float64())


@pytest.mark.parametrize(
    ("filters", "rules"),
    [
        ([ENGLISH, SHORT], ["gopher_quality.min_words", "language.languages", "language.languages"]),
        ([SHORT, ENGLISH], ["gopher_quality.min_words"] * 3),
    ],
)
def test_the_first_broken_rule_in_recipe_order_wins(filters, rules):
    got = judging.judge(filters, COLUMNS)
    assert got.rule.to_pylist() == rules
    assert got.dropped.all()


def test_a_value_that_is_nan_breaks_the_rule_that_asks_for_it_and_stays_nan():
    columns = COLUMNS | {"duplicate_line_ratio": np.array([0.0, np.nan, 1.0])}
    got = judging.judge([REPETITION], columns)
    assert got.dropped.tolist() == [False, True, True]
    assert got.value.null_count == 1
    assert math.isnan(got.value[1].as_py())
    assert got.value[2].as_py() == 1.0


def test_no_filters_keep_everything():
    assert judging.judge([], COLUMNS).dropped.tolist() == [False] * 3


def test_no_documents_have_no_verdicts():
    none = {name: values[:0] for name, values in COLUMNS.items()}
    assert len(judging.judge([ENGLISH, SHORT], none).rule) == 0


def test_an_unknown_filter_is_an_error_that_lists_the_known_ones():
    with pytest.raises(UnknownName, match="have: "):
        judging.judge([("gofer", {})], COLUMNS)


@pytest.mark.parametrize("name", registry.names("filters"))
def test_the_rules_of_a_filter_are_its_options(name):
    """What it drops by can be set, and what-if questions name it."""
    columns = {**COLUMNS, **dict.fromkeys(("url", "domain", "text"), pa.array(["a b c"] * 3))}
    columns |= {"chars": np.ones(3), **dict.fromkeys(curation.REMOVED, np.zeros(3))}
    options = inspect.signature(registry.step("filters", name)).parameters
    used = {"languages": ("en",)} if "languages" in options else {}
    used |= {"max_words": 1} if name == "length" else {}  # all of its rules are off by default
    listed = {str(ROOT / "lists" / "high_quality_sources.txt"): None}
    used |= dict.fromkeys(getattr(registry.module("filters", name), "LISTS", ()), listed)
    rules = [finding.rule for finding in registry.step("filters", name)(columns, **used)]
    assert rules
    assert len(set(rules)) == len(rules)
    assert set(rules) < set(options)
