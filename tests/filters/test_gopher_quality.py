"""Each rule has a smallest text that breaks it and a near miss that does not."""

import pyarrow as pa
import pytest

from headwater import verdict
from headwater.signals.lines import lines
from headwater.signals.words import words

OFF = dict.fromkeys((
    "min_words", "max_words", "min_mean_word_chars", "max_mean_word_chars", "max_hash_ratio", "max_ellipsis_ratio",
    "max_bullet_line_ratio", "max_ellipsis_line_ratio", "min_alpha_word_ratio", "min_stop_words",
))  # fmt: skip


def judge(text, **options):
    batch = pa.array([text])
    return verdict.apply([("gopher_quality", options)], words(batch) | lines(batch))


CASES = [
    ("min_words", 50, "word " * 49, "word " * 50),
    ("max_words", 100_000, "word " * 100_001, "word " * 100_000),
    ("min_mean_word_chars", 3, "abc ab", "abc abc"),
    ("max_mean_word_chars", 10, "a" * 11, "a" * 10),
    ("max_hash_ratio", 0.1, "# a b c d e f g h", "# a b c d e f g h i"),
    ("max_ellipsis_ratio", 0.1, "a b c d e f g h…", "a b c d e f g h i..."),
    ("max_bullet_line_ratio", 0.9, "- a\n" * 10, "- a\n" * 9 + "a"),
    ("max_ellipsis_line_ratio", 0.3, "a...\nb\nc", "a...\nb\nc\nd"),
    ("min_alpha_word_ratio", 0.8, "a b c d 1 !", "a b c d 1"),
    ("min_stop_words", 2, "the the The", "the of"),
]


@pytest.mark.parametrize(("rule", "threshold", "broken", "near_miss"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_drops_its_smallest_text_and_keeps_the_near_miss(rule, threshold, broken, near_miss):
    dropped = judge(broken, **OFF | {rule: threshold})
    assert dropped.rule.to_pylist() == [f"gopher_quality.{rule}"]
    assert dropped.threshold.to_pylist() == [threshold]
    assert judge(near_miss, **OFF | {rule: threshold}).rule.to_pylist() == [None]


@pytest.mark.parametrize(("rule", "threshold"), [case[:2] for case in CASES])
def test_defaults_are_those_of_datatrove(rule, threshold):
    from headwater.filters.gopher_quality import gopher_quality

    assert gopher_quality.__kwdefaults__[rule] == threshold


def test_rules_that_are_none_are_off():
    assert judge("", **OFF).dropped.tolist() == [False]


def test_a_threshold_of_0_is_a_threshold():
    assert judge("# a", **OFF | {"max_hash_ratio": 0}).dropped.tolist() == [True]


def test_an_empty_text_is_too_short():
    assert judge("").rule.to_pylist() == ["gopher_quality.min_words"]
