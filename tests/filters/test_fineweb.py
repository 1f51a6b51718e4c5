"""Each rule of FineWeb has a smallest text that breaks it and a near miss that does not."""

import pyarrow as pa
import pytest

from headwater.filters.fineweb import fineweb
from headwater.signals.line_kinds import line_kinds
from headwater.signals.words import words
from tests import judging

OFF = {**dict.fromkeys(fineweb.__kwdefaults__), "spare_unpunctuated": False}
LONG = "z" * 31


def judge(text, **options):
    batch = pa.array([text])
    return judging.judge([("fineweb", options)], line_kinds(batch) | words(batch))


def lines(*counted):
    """Lines, each so many times."""
    return "\n".join(line for line, times in counted for _ in range(times))


CASES = [
    ("min_terminal_line_ratio", 0.12, lines(("a.", 11), ("b", 89)), lines(("a.", 12), ("b", 88))),
    ("max_short_line_ratio", 0.67, lines(("z" * 30, 68), (LONG, 32)), lines(("z" * 30, 67), (LONG, 33))),
    ("max_duplicate_char_ratio", 0.01, lines(("a", 2), ("b" * 97, 1)), lines(("a", 2), ("b" * 98, 1))),
    ("max_newline_ratio", 0.3, "a b c\nd e f\ng h i\n", "a b c d\ne f g\nh i j\n"),
]


@pytest.mark.parametrize(("rule", "threshold", "broken", "near_miss"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_drops_its_smallest_text_and_keeps_the_near_miss(rule, threshold, broken, near_miss):
    dropped = judge(broken, **OFF | {rule: threshold})
    assert (dropped.rule.to_pylist(), dropped.threshold.to_pylist()) == ([f"fineweb.{rule}"], [threshold])
    assert judge(near_miss, **OFF | {rule: threshold}).rule.to_pylist() == [None]


def test_every_rule_has_a_case_and_the_threshold_of_fineweb():
    assert {case[0]: case[1] for case in CASES} | {"spare_unpunctuated": False} == fineweb.__kwdefaults__


def test_a_page_without_lines_is_dropped_for_its_marks():
    assert judge(" \n ").rule.to_pylist() == ["fineweb.min_terminal_line_ratio"]


def test_a_page_without_any_mark_can_be_spared_and_one_with_few_cannot():
    rule = OFF | {"min_terminal_line_ratio": 0.12, "spare_unpunctuated": True}
    assert judge("a\nb", **rule).rule.to_pylist() == [None]
    assert judge(lines(("a.", 1), ("b", 99)), **rule).rule.to_pylist() == ["fineweb.min_terminal_line_ratio"]


@pytest.mark.parametrize(("line", "ends"), [
    ("a.", 1), ("a。", 1), ("a؟", 1), ("a।", 1), ("a. ", 0), ("a.\r", 0), ('a."', 0), ("a…", 0), ("a;", 0), ("a...", 1),
])  # fmt: skip
def test_a_line_ends_a_sentence_by_its_very_last_character(line, ends):
    assert line_kinds(pa.array([line]))["terminal_line_ratio"].tolist() == [ends]


def test_newlines_of_a_text_without_words_are_divided_by_one():
    assert judge("\n\n", **OFF | {"max_newline_ratio": 0.3}).value.to_pylist() == [2]
