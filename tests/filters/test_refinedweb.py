"""Pages that lost many words to editors, and pages of capitals and digits."""

import numpy as np
import pyarrow as pa

from headwater.filters.refinedweb import refinedweb
from headwater.signals.line_kinds import line_kinds
from tests import judging


def test_a_page_that_lost_more_than_a_twentieth_of_its_words_is_dropped():
    (found,) = refinedweb({"removed_word_ratio": np.array([0.0, 0.05, 0.0501, 1.0])})
    assert (found.rule, found.threshold) == ("max_removed_word_ratio", 0.05)
    assert found.broken.tolist() == [False, False, True, True]


def test_mode_dclm_asks_for_the_words_that_dclm_counts():
    seen = {"removed_word_ratio": np.array([1.0, 0.0]), "removed_dclm_word_ratio": np.array([0.0, 0.0501])}
    assert [found.broken.tolist() for found in refinedweb(seen, mode="dclm")] == [[False, True]]
    assert [found.broken.tolist() for found in refinedweb(seen)] == [[True, False]]


def test_by_default_only_the_words_that_were_removed_count():
    found = refinedweb({"removed_word_ratio": np.array([0.0])})
    assert [finding.rule for finding in found if finding.broken.any()] == []


def test_lines_in_capitals_are_those_with_more_than_half_of_them():
    shares = line_kinds(pa.array(["ABcd\nABCd", "ABc\nÀÉÎx\nab", "123\n12 3\n1.2"]))
    options = {"max_removed_word_ratio": None, "max_uppercase_line_ratio": 0.5, "max_numeric_line_ratio": 0.3}
    found = judging.judge([("refinedweb", options)], shares)
    said = ["refinedweb.max_uppercase_line_ratio", "refinedweb.max_numeric_line_ratio"]
    assert found.rule.to_pylist() == [None, *said]
    assert found.value.to_pylist()[1:] == [2 / 3, 1 / 3]


def test_rules_that_are_none_are_off():
    assert refinedweb({"removed_word_ratio": np.array([1.0])}, max_removed_word_ratio=None) == []
