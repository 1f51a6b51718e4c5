"""Each rule on length has a smallest text that breaks it and a near miss that does not."""

import numpy as np
import pyarrow as pa
import pytest

from headwater.filters.length import length
from headwater.signals.lines import lines
from headwater.signals.words import words
from tests import judging

CASES = [
    ("min_chars", 3, "中中", "中中中"), ("max_chars", 3, "abcd", "abc"), ("min_words", 2, "one", "one two"),
    ("max_words", 2, "a b c", "a b"), ("min_lines", 2, "a", "a\nb"), ("max_lines", 1, "a\nb", "a\n"),
]  # fmt: skip
OFF = {case[0]: None for case in CASES}


def judge(text, **options):
    batch = pa.array([text])
    return judging.judge(
        [("length", OFF | options)], words(batch) | lines(batch) | {"chars": np.array([float(len(text))])}
    )


@pytest.mark.parametrize(("rule", "threshold", "broken", "near_miss"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_drops_its_smallest_text_and_keeps_the_near_miss(rule, threshold, broken, near_miss):
    dropped = judge(broken, **{rule: threshold})
    assert (dropped.rule.to_pylist(), dropped.threshold.to_pylist()) == ([f"length.{rule}"], [threshold])
    assert judge(near_miss, **{rule: threshold}).rule.to_pylist() == [None]


def test_every_rule_has_a_case_and_is_off_until_it_is_set():
    assert length.__kwdefaults__ == OFF
    assert not judge("").dropped.any()


def test_a_threshold_of_0_is_a_threshold():
    assert judge("a", max_words=0).dropped.tolist() == [True]
