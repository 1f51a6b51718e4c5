"""Each rule has a smallest text that breaks it and a near miss that does not."""

import pyarrow as pa
import pytest

from headwater import registry
from headwater.filters.gopher_repetition import gopher_repetition
from tests import judging

DEFAULTS = {name: value for name, value in gopher_repetition.__kwdefaults__.items() if name != "mode"}
SIGNALS = ("words", "lines", "dclm_words", "dclm_lines", "dolma_words", "dolma_lines")


def judge(text, **options):
    batch = pa.array([text])
    columns = {c: values for name in SIGNALS for c, values in registry.step("signals", name)(batch).items()}
    return judging.judge([("gopher_repetition", options)], columns)


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


def with_z(core, count):
    return f"{core} {'z' * count}"


def ones(n):
    return " ".join("abcdefghij"[:n])


# All copies count, per character of words or lines: the most z that break the rule, and one more.
OTHER_MODES = [
    *((mode, "max_duplicate_line_ratio", 0.3, "a\na\nb\nc\nd\ne", "a\na\nb\nc\nd\ne\nf") for mode in ("dclm", "dolma")),
    ("dclm", "max_duplicate_paragraph_ratio", 0.3, "a\n\na\n\nb\n\nc\n\nd", "a\n\na\n\nb\n\nc\n\nd\n\ne\n\nf"),
    ("dclm", "max_duplicate_line_char_ratio", 0.2, "aa\naa\n" + "b" * 15, "aa\naa\n" + "b" * 16),
    ("dolma", "max_duplicate_line_char_ratio", 0.3, "aa\naa\n" + "b" * 9, "aa\naa\n" + "b" * 10),
    ("dclm", "max_duplicate_paragraph_char_ratio", 0.2, "aa\n\naa\n\n" + "b" * 15, "aa\n\naa\n\n" + "b" * 16),
    *(
        (mode, f"max_top_{n}_gram_char_ratio", most, *(with_z(f"{ones(n)} {ones(n)}", count + k) for k in (0, 1)))
        for mode in ("dclm", "dolma")
        for n, most, count in ((2, 0.20, 15), (3, 0.18, 27), (4, 0.16, 41))
    ),
    *(
        (mode, f"max_duplicate_{n}_gram_char_ratio", most, *(with_z(repeated(n), counts[mode] + k) for k in (0, 1)))
        for mode in ("dclm", "dolma")
        for n, most, counts in (
            (5, 0.15, {"dclm": 56, "dolma": 32}), (6, 0.14, {"dclm": 73, "dolma": 38}),
            (7, 0.13, {"dclm": 93, "dolma": 45}), (8, 0.12, {"dclm": 117, "dolma": 54}),
            (9, 0.11, {"dclm": 145, "dolma": 65}), (10, 0.10, {"dclm": 179, "dolma": 80}),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "rule", "threshold", "broken", "near_miss"), OTHER_MODES, ids=[f"{c[0]}-{c[1]}" for c in OTHER_MODES]
)
def test_a_rule_of_another_mode_drops_by_its_count_and_threshold(mode, rule, threshold, broken, near_miss):
    dropped = judge(broken, mode=mode, **only(rule))
    assert (dropped.rule.to_pylist(), dropped.threshold.to_pylist()) == ([f"gopher_repetition.{rule}"], [threshold])
    assert judge(near_miss, mode=mode, **only(rule)).rule.to_pylist() == [None]


def test_dclm_counts_lines_before_paragraphs():
    assert judge("a\n\na\n\na", mode="dclm").rule.to_pylist() == ["gopher_repetition.max_duplicate_line_ratio"]


def test_dclm_drops_a_text_without_lines_and_datatrove_does_not():
    assert judge(" ", mode="dclm").dropped.tolist() == [True]
    assert judge(" ").rule.to_pylist() == [None]


def test_dolma_has_no_paragraphs():
    only_paragraphs = dict.fromkeys(DEFAULTS) | {"max_duplicate_paragraph_ratio": 0.0}
    assert judge("a\n\na", mode="dolma", **only_paragraphs).rule.to_pylist() == [None]


def test_every_rule_has_a_case():
    assert {case[0] for case in CASES} == set(DEFAULTS)


def test_paragraphs_are_judged_before_lines():
    assert judge("a\n\na\n\na").rule.to_pylist() == ["gopher_repetition.max_duplicate_paragraph_ratio"]
