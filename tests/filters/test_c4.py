"""Each rule of C4 and mC4 has a smallest text that breaks it and a near miss that does not."""

import pyarrow as pa
import pytest

from headwater.filters.c4 import c4
from headwater.signals.line_kinds import line_kinds
from headwater.signals.toxicity import toxicity
from tests import judging

OFF = dict.fromkeys(c4.__kwdefaults__)
CASES = [
    ("max_lorem_ipsum", 0, "So Lorem IPSUM it.", "So lorem, ipsum it."),
    ("max_curly_brackets", 0, "if {", "if }"),
    ("min_sentences", 5, "A. B? C! D.", "Aa. B? C! Dd.\nE"),
    ("max_bad_words", 0, "You ass.", "You assess."),
    ("min_third_longest_line_chars", 200, "\n".join(["x" * 200] * 2 + ["x" * 199]), "\n".join(["x" * 200] * 3)),
    ("max_javascript_lines", 0, "Enable JavaScript.", "Enable Java scripts."),
    ("max_policy_lines", 0, "We use cookies.", "We used cookies."),
]


def judge(text, **options):
    batch = pa.array([text])
    return judging.judge([("c4", options)], line_kinds(batch) | toxicity(batch, pa.array(["en"])))


@pytest.mark.parametrize(("rule", "threshold", "broken", "near_miss"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_drops_its_smallest_text_and_keeps_the_near_miss(rule, threshold, broken, near_miss):
    dropped = judge(broken, **OFF | {rule: threshold})
    assert (dropped.rule.to_pylist(), dropped.threshold.to_pylist()) == ([f"c4.{rule}"], [threshold])
    assert judge(near_miss, **OFF | {rule: threshold}).rule.to_pylist() == [None]


def test_every_rule_has_a_case():
    assert [case[0] for case in CASES] == list(OFF)


def test_by_default_the_rules_of_the_page_are_on_and_bad_words_and_paragraphs_are_off():
    on = {rule: threshold for rule, threshold in c4.__kwdefaults__.items() if threshold is not None}
    assert on == {"max_lorem_ipsum": 0, "max_curly_brackets": 0, "min_sentences": 5}


def test_two_long_lines_are_too_few_paragraphs_however_long():
    text = "x" * 900 + "\n" + "x" * 900
    assert judge(text, **OFF | {"min_third_longest_line_chars": 200}).value.to_pylist() == [0]


@pytest.mark.parametrize(("text", "count"), [
    ("One. Two! Three? Four", 4), ("Wait... what", 1), ("Wait... What", 2), ("See fig. 2 of J. Smith et al. there.", 2),
    ("He said \"Go.\" Then he went.", 2), ("v1.2.3 is out", 1), ("What?! No way!!!", 2), ("这是。那是？", 2),
    ("一。」二", 2),
    ("सच है। हाँ", 2), ("", 0), (" \n\t\n", 0), ("a\nb\nc.", 3), ("Dr. Smith came.", 2), ("www.example.com. It", 2),
])  # fmt: skip
def test_sentences_end_where_the_rule_says(text, count):
    assert line_kinds(pa.array([text]))["sentences"].tolist() == [count]
