"""Each rule has a smallest text that breaks it and a near miss that does not."""

import pyarrow as pa
import pytest

from headwater import verdict
from headwater.filters.gopher_repetition import gopher_repetition
from headwater.signals.lines import lines
from headwater.signals.words import words

DEFAULTS = gopher_repetition.__kwdefaults__


def judge(text, **options):
    batch = pa.array([text])
    return verdict.apply([("gopher_repetition", options)], lines(batch) | words(batch))


def only(rule):
    return dict.fromkeys(DEFAULTS) | {rule: DEFAULTS[rule]}


def padded(core, chars):
    """`core`, and one long word after it, in so many characters."""
    return core + " " + "z" * (chars - len(core) - 1)


def repeated(n):
    """n one-letter words, twice: the repeat has n characters."""
    return " ".join([*"abcdefghij"[:n], *"abcdefghij"[:n]])


CASES = [
    ("max_duplicate_line_ratio", 0.3, "a\na\nb", "a\na\nb\nc"),
    ("max_duplicate_paragraph_ratio", 0.3, "a\n\na\n\nb", "a\n\na\n\nb\n\nc"),
    ("max_duplicate_line_char_ratio", 0.2, "aa\naa\nbbb", "aa\naa\nbbbb"),
    ("max_duplicate_paragraph_char_ratio", 0.2, "aa\n\naa\n\nb", "aa\n\naa\n\nbb"),
    ("max_top_2_gram_char_ratio", 0.20, padded("a b a b", 29), padded("a b a b", 30)),
    ("max_top_3_gram_char_ratio", 0.18, padded("a b c a b c", 55), padded("a b c a b c", 56)),
    ("max_top_4_gram_char_ratio", 0.16, padded("a b c d a b c d", 87), padded("a b c d a b c d", 88)),
    ("max_duplicate_5_gram_char_ratio", 0.15, padded(repeated(5), 33), padded(repeated(5), 34)),
    ("max_duplicate_6_gram_char_ratio", 0.14, padded(repeated(6), 42), padded(repeated(6), 43)),
    ("max_duplicate_7_gram_char_ratio", 0.13, padded(repeated(7), 53), padded(repeated(7), 54)),
    ("max_duplicate_8_gram_char_ratio", 0.12, padded(repeated(8), 66), padded(repeated(8), 67)),
    ("max_duplicate_9_gram_char_ratio", 0.11, padded(repeated(9), 81), padded(repeated(9), 82)),
    ("max_duplicate_10_gram_char_ratio", 0.10, padded(repeated(10), 99), padded(repeated(10), 100)),
]


@pytest.mark.parametrize(("rule", "threshold", "broken", "near_miss"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_drops_its_smallest_text_and_keeps_the_near_miss(rule, threshold, broken, near_miss):
    dropped = judge(broken, **only(rule))
    assert (dropped.rule.to_pylist(), dropped.threshold.to_pylist()) == ([f"gopher_repetition.{rule}"], [threshold])
    assert judge(near_miss, **only(rule)).rule.to_pylist() == [None]


def test_every_rule_has_a_case():
    assert {case[0] for case in CASES} == set(DEFAULTS)


def test_paragraphs_are_judged_before_lines():
    assert judge("a\n\na\n\na").rule.to_pylist() == ["gopher_repetition.max_duplicate_paragraph_ratio"]
