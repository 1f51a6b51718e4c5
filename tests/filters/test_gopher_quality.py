"""Each rule has a smallest text that breaks it and a near miss that does not."""

import pyarrow as pa
import pytest

from headwater import registry
from tests import judging

OFF = dict.fromkeys((
    "min_words", "max_words", "min_mean_word_chars", "max_mean_word_chars", "max_hash_ratio", "max_ellipsis_ratio",
    "max_symbol_ratio", "max_bullet_line_ratio", "max_ellipsis_line_ratio", "min_alpha_word_ratio", "min_stop_words",
))  # fmt: skip
SIGNALS = ("words", "lines", "dclm_words", "dclm_lines", "dolma_words", "dolma_lines")


def judge(text, **options):
    batch = pa.array([text])
    columns = {c: values for name in SIGNALS for c, values in registry.step("signals", name)(batch).items()}
    return judging.judge([("gopher_quality", options)], columns)


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


OTHER_MODES = [
    ("dclm", "min_words", 50, "(word) " * 9 + "word " * 49, "word, " * 50),
    ("dclm", "max_words", 100_000, "word " * 100_001, "(word) " * 9 + "word " * 100_000),
    ("dclm", "min_mean_word_chars", 3, "abc a,", "abc, a,"),
    ("dclm", "max_mean_word_chars", 10, "aaaaaaaaaa!", "aaaaaaaaa!"),
    ("dclm", "max_symbol_ratio", 0.1, "# a b c d e f g. . .", "a... b c d e f g h i j"),
    ("dclm", "max_bullet_line_ratio", 0.9, " * a\n" * 10, " * a\n" * 9 + "a"),
    ("dclm", "max_ellipsis_line_ratio", 0.3, "a. . .\n\n\nb\nc", "a...\n\n\nb\nc\nd"),
    ("dclm", "min_alpha_word_ratio", 0.8, "a, b, c, d, 1 2", "a b c d 1!"),
    ("dclm", "min_stop_words", 2, "THE the,", "THE the"),
    ("dolma", "min_words", 50, "a,b " * 49, "! " * 50),
    ("dolma", "max_words", 100_000, "! " * 100_001, "! " * 100_000),
    ("dolma", "min_mean_word_chars", 3, "a a aaaaaaaaaa", "a aaa aaaaaaaaaa"),
    ("dolma", "max_mean_word_chars", 10, "aaaaaaaaaa aaaaaaaaaaa", "aaaaaaaaaa aaaaaaaaaa a"),
    ("dolma", "max_symbol_ratio", 0.1, "#x b c d e f g h y…", "##x b c d e f g h i z..."),
    ("dolma", "max_bullet_line_ratio", 0.9, "\n".join("*" * 10), "\n".join("*" * 9) + "\n *"),
    ("dolma", "max_ellipsis_line_ratio", 0.3, "a…\nb\nc", "a…\n\nb\nc..."),
    ("dolma", "min_alpha_word_ratio", 0.8, "a, b, c, d, 1 2", "a b c d 1!"),
    ("dolma", "min_stop_words", 2, "the The", "the the"),
]


@pytest.mark.parametrize(
    ("mode", "rule", "threshold", "broken", "near_miss"), OTHER_MODES, ids=[f"{c[0]}-{c[1]}" for c in OTHER_MODES]
)
def test_a_rule_of_another_mode_drops_by_its_count(mode, rule, threshold, broken, near_miss):
    dropped = judge(broken, mode=mode, **OFF | {rule: threshold})
    assert dropped.rule.to_pylist() == [f"gopher_quality.{rule}"]
    assert judge(near_miss, mode=mode, **OFF | {rule: threshold}).rule.to_pylist() == [None]


@pytest.mark.parametrize("rule", ["min_mean_word_chars", "max_symbol_ratio", "min_alpha_word_ratio"])
def test_dclm_drops_a_text_without_words_by_every_rule_on_words(rule):
    dropped = judge(" ", mode="dclm", **OFF | {rule: 0.0})
    assert dropped.rule.to_pylist() == [f"gopher_quality.{rule}"]
    assert judge(" ", mode="dolma", **OFF | {rule: 0.0}).rule.to_pylist() == [None]


def test_a_mode_has_its_own_symbols():
    judged = {
        mode: judge("# " * 60, mode=mode, **OFF | {"max_hash_ratio": 0.1}).dropped[0] for mode in ("datatrove", "dclm")
    }
    assert judged == {"datatrove": True, "dclm": False}


@pytest.mark.parametrize(("rule", "threshold"), [case[:2] for case in [*CASES, *(case[1:] for case in OTHER_MODES)]])
def test_defaults_are_those_of_datatrove(rule, threshold):
    from headwater.filters.gopher_quality import gopher_quality

    assert gopher_quality.__kwdefaults__[rule] == threshold


def test_rules_that_are_none_are_off():
    assert judge("", **OFF).dropped.tolist() == [False]


def test_a_threshold_of_0_is_a_threshold():
    assert judge("# a", **OFF | {"max_hash_ratio": 0}).dropped.tolist() == [True]


def test_an_empty_text_is_too_short():
    assert judge("").rule.to_pylist() == ["gopher_quality.min_words"]
