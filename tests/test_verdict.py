"""The first broken rule in recipe order is the verdict."""

import inspect
import math

import numpy as np
import pyarrow as pa
import pytest

from headwater import registry, verdict
from headwater.errors import UnknownName

COLUMNS = {
    "language": pa.array(["en", "fr", "fr"]),
    "language_score": np.array([0.9, 0.2, 0.9]),
    **{c: np.zeros(3) for s in registry.names("signals") for c in registry.module("signals", s).COLUMNS},
}
REPETITION = ("gopher_repetition", {})
ENGLISH = ("language", {"languages": ("en",)})
SHORT = ("gopher_quality", {"min_words": 1})


def test_a_kept_document_has_no_rule_value_or_threshold():
    got = verdict.apply([REPETITION], COLUMNS)
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
    got = verdict.apply(filters, COLUMNS)
    assert got.rule.to_pylist() == rules
    assert got.dropped.all()


def test_a_value_that_is_nan_breaks_the_rule_that_asks_for_it_and_stays_nan():
    columns = COLUMNS | {"duplicate_line_ratio": np.array([0.0, np.nan, 1.0])}
    got = verdict.apply([REPETITION], columns)
    assert got.dropped.tolist() == [False, True, True]
    assert got.value.null_count == 1
    assert math.isnan(got.value[1].as_py())
    assert got.value[2].as_py() == 1.0


def test_no_filters_keep_everything():
    assert verdict.apply([], COLUMNS).dropped.tolist() == [False] * 3


def test_no_documents_have_no_verdicts():
    none = {name: values[:0] for name, values in COLUMNS.items()}
    assert len(verdict.apply([ENGLISH, SHORT], none).rule) == 0


def test_an_unknown_filter_is_an_error_that_lists_the_known_ones():
    with pytest.raises(UnknownName, match="have: "):
        verdict.apply([("gofer", {})], COLUMNS)


@pytest.mark.parametrize("name", ["language", "gopher_quality", "gopher_repetition"])
def test_the_rules_of_a_filter_are_its_options(name):
    options = inspect.signature(registry.step("filters", name)).parameters
    used = {"languages": ("en",)} if "languages" in options else {}
    rules = [finding.rule for finding in registry.step("filters", name)(COLUMNS, **used)]
    assert rules == [o for o in options if o != "columns"]
