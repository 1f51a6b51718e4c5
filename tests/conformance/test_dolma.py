"""Our Gopher filters in mode `dolma` measure what Dolma's tagger gopher_v1 does.

Each row names the case of theirs that it mirrors (allenai/dolma, tests/python/test_gopher.py). Dolma only measures; the
thresholds are those of its published mixers (configs/dolma-v1_6/mixing).
"""

import pytest

from tests.conformance.ours import broken, columns, edited, findings, value

SHORT = "This is a test."
THREE = "Here is a line. \n  \n Here is another line.\n\n  Here is a third line."


@pytest.mark.parametrize(
    ("case", "text", "filter_name", "rule", "expected"),
    [
        ("short: top 2-gram", SHORT, "gopher_repetition", "max_top_2_gram_char_ratio", 6 / 12),
        ("short: top 3-gram", SHORT, "gopher_repetition", "max_top_3_gram_char_ratio", 7 / 12),
        ("short: top 4-gram", SHORT, "gopher_repetition", "max_top_4_gram_char_ratio", 1.0),
        ("short: no 5-gram", SHORT, "gopher_repetition", "max_duplicate_5_gram_char_ratio", 0.0),
        ("short: words", SHORT, "gopher_quality", "min_words", 4),
        ("short: median length", SHORT, "gopher_quality", "min_mean_word_chars", 3),
        ("short: letters", SHORT, "gopher_quality", "min_alpha_word_ratio", 1.0),
        ("short: stop words", SHORT, "gopher_quality", "min_stop_words", 0),
        ("short: bullets", SHORT, "gopher_quality", "max_bullet_line_ratio", 0.0),
        ("short: ellipses", SHORT, "gopher_quality", "max_ellipsis_line_ratio", 0.0),
        ("short: lines", SHORT, "gopher_repetition", "max_duplicate_line_ratio", 0.0),
        ("short: characters of lines", SHORT, "gopher_repetition", "max_duplicate_line_char_ratio", 0.0),
        ("lines: top 2-gram three times", THREE, "gopher_repetition", "max_top_2_gram_char_ratio", 18 / 47),
        ("lines: top 3-gram, the first of equals", THREE, "gopher_repetition", "max_top_3_gram_char_ratio", 14 / 47),
        ("lines: top 4-gram, the first of equals", THREE, "gopher_repetition", "max_top_4_gram_char_ratio", 12 / 47),
        ("lines: no 5-gram comes twice", THREE, "gopher_repetition", "max_duplicate_5_gram_char_ratio", 0.0),
        ("lines: no line comes twice", THREE, "gopher_repetition", "max_duplicate_line_ratio", 0.0),
        ("lines: words", THREE, "gopher_quality", "min_words", 13),
        (
            "words are what is between white space",
            "O n e \n    \n\n\n    wholeword !!!",
            "gopher_quality",
            "min_words",
            5,
        ),
        ("stop words glued by dots are none", "The.and.that", "gopher_quality", "min_stop_words", 0),
        ("stop words in small letters alone", "The and that", "gopher_quality", "min_stop_words", 2),
        ("empty lines count, all copies too", "a\n\nb\n\na", "gopher_repetition", "max_duplicate_line_ratio", 4 / 5),
        ("per character that is no space", "aa\nb\naa", "gopher_repetition", "max_duplicate_line_char_ratio", 4 / 5),
        (
            "bullets: * and - at the very beginning",
            "* a\n- b\n - c\n• d",
            "gopher_quality",
            "max_bullet_line_ratio",
            2 / 4,
        ),
        ("ellipses: the one character alone", "a…\nb...\nc… \nd", "gopher_quality", "max_ellipsis_line_ratio", 1 / 4),
        ("letters", "a 1 2b !", "gopher_quality", "min_alpha_word_ratio", 2 / 4),
        ("median of an even number", "a bb cccc dddddd", "gopher_quality", "min_mean_word_chars", 3),
        (
            "all copies of n-grams",
            "a b c d e a b c d e",
            "gopher_repetition",
            "max_duplicate_5_gram_char_ratio",
            10 / 30,
        ),
    ],
)
def test_a_rule_measures_what_dolmas_tagger_measures(case, text, filter_name, rule, expected):
    assert value(filter_name, rule, text, mode="dolma") == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("case", "text", "broken_rules"),
    [
        ("test_curly_braces_filter", "This is a test.", []),
        ("test_curly_braces_filter", "This is a test {", ["max_curly_brackets"]),
        ("test_javascript_filter", "This is a test javascript", ["max_javascript_lines"]),
        ("test_lorem_ipsum_filter", "This is a lorem ipsum test\nmore test.", ["max_lorem_ipsum"]),
        ("test_naughty_words: none", "There is no bad word here.", []),
        ("test_naughty_words: a word", "There is a blowjob here.", ["max_bad_words"]),
        ("test_naughty_words: a phrase", "There is a blow job here.", ["max_bad_words"]),
    ],
)
def test_a_page_has_what_dolmas_c4_tagger_finds(case, text, broken_rules):
    """tests/python/test_c4.py; Dolma's tagger counts no sentences."""
    found = broken("c4", columns(text), min_sentences=None, max_bad_words=0, max_javascript_lines=0)
    assert found == broken_rules


@pytest.mark.parametrize(
    ("case", "options", "text", "left"),
    [
        (
            "test_line_ends_with_no_punctuation", {"min_words": None},
            "This is a test.\nIt has more;\nA space behind! \nAll well on this one.\nThis is bad\n",
            "This is a test.\nA space behind!\nAll well on this one.",
        ),
        (
            "test_lines_with_too_few_words", {"terminal_punctuation": False},
            "Short!\nStill short.\nJust above it!\nthis is one more.", "Just above it!\nthis is one more.",
        ),
    ],
)  # fmt: skip
def test_c4s_lines_go_where_dolmas_tagger_marks_them(case, options, text, left):
    """tests/python/test_c4.py: lines_with_no_ending_punctuation, lines_with_too_few_words."""
    assert edited(text, ("c4_lines", options)) == left


def test_every_threshold_of_mode_dolma_is_of_dolmas_mixers():
    quality = {r: f.threshold for r, f in findings("gopher_quality", columns(SHORT), mode="dolma").items()}
    expected = {
        "min_words": 50, "max_words": 100_000, "min_mean_word_chars": 3, "max_mean_word_chars": 10,
        "max_bullet_line_ratio": 0.9, "max_ellipsis_line_ratio": 0.3, "min_alpha_word_ratio": 0.8, "min_stop_words": 2,
    }  # fmt: skip
    assert {rule: quality[rule] for rule in expected} == expected
    repetition = {r: f.threshold for r, f in findings("gopher_repetition", columns(SHORT), mode="dolma").items()}
    expected = {
        "max_duplicate_line_ratio": 0.3, "max_top_2_gram_char_ratio": 0.2, "max_top_3_gram_char_ratio": 0.18,
        "max_top_4_gram_char_ratio": 0.16, "max_duplicate_5_gram_char_ratio": 0.15,
        "max_duplicate_10_gram_char_ratio": 0.10,
    }  # fmt: skip
    assert {rule: repetition[rule] for rule in expected} == expected
