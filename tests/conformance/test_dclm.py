"""Our Gopher filters in mode `dclm` measure and decide as DCLM's mappers do (mlfoundations/dclm at 361714b,
tests/baselines/mappers/filters/test_content_filters.py and test_metadata_filters.py).

Each row names the case of theirs that it mirrors.
"""

import hashlib

import pytest

from tests.conformance.ours import broken, columns, findings, value

LINE, LINE_CHARS = "max_duplicate_line_ratio", "max_duplicate_line_char_ratio"
PARAGRAPH, PARAGRAPH_CHARS = "max_duplicate_paragraph_ratio", "max_duplicate_paragraph_char_ratio"
WORLD = "hello      world hello apple.... world hello\n world hello"
FIVE = "hello world hello\n world hello. apple world hello world hello world hello world"


@pytest.mark.parametrize(
    ("case", "rule", "text", "expected"),
    [
        ("one line is never repeated", LINE, "Hello, World.", 0.0),
        ("one line is never repeated", LINE_CHARS, "Hello, World.", 0.0),
        ("blank lines are passed over", LINE, "Hello\nHello\n\n\n\nHello", 1.0),
        ("blank lines are passed over", LINE_CHARS, "Hello\nHello\n\n\n\nHello", 1.0),
        ("all copies count, the first too", LINE, "Hello, World.\nHello, World.\n\nHello", 2 / 3),
        ("all copies count, the first too", LINE_CHARS, "Hello, World.\nHello, World.\n\nHello", 26 / 31),
        ("lines are stripped", LINE, "Hello \n  Hello\nbye", 2 / 3),
        ("paragraphs", PARAGRAPH, "Hello, World.\n\nHello, World.\n\nHello, World.\nHello", 2 / 3),
        ("paragraphs", PARAGRAPH_CHARS, "Hello, World.\n\nHello, World.\n\nHello, World.\nHello", 26 / 45),
        ("no n-grams", "max_top_2_gram_char_ratio", "hello", 0.0),
        ("no n-grams", "max_duplicate_5_gram_char_ratio", "hello", 0.0),
        ("all are in the top 2-gram", "max_top_2_gram_char_ratio", "hello world " * 3, 1.0),
        ("top 3-grams overlap", "max_top_3_gram_char_ratio", "hello world " * 3, 1.0),
        ("top 4-grams overlap", "max_top_4_gram_char_ratio", "hello world " * 3, 40 / 30),
        ("marks and spaces are passed over", "max_top_2_gram_char_ratio", WORLD, 30 / 40),
        ("marks and spaces are passed over", "max_top_3_gram_char_ratio", WORLD, 30 / 40),
        ("no 4-gram comes twice", "max_top_4_gram_char_ratio", WORLD, 0.0),
        (
            "the longest of the most frequent", "max_top_2_gram_char_ratio",
            "a b a b a b ab cd ab cd ab cd abc def abc def", 12 / 30,
        ),
        (
            "the longest of the most frequent, in another order", "max_top_2_gram_char_ratio",
            "a b a b a b abc def abc def ab cd ab cd ab cd", 12 / 30,
        ),
        ("each word of repeated 5-grams once", "max_duplicate_5_gram_char_ratio", FIVE, 60 / 65),
        ("the same words in another case are others", "max_top_2_gram_char_ratio", "Ab cd ab cd", 0.0),
    ],
)  # fmt: skip
def test_a_repetition_rule_measures_what_dclm_measures(case, rule, text, expected):
    most = min(expected, 1.0)  # a share of more than all is stored as all: no threshold is above 1
    assert min(value("gopher_repetition", rule, text, mode="dclm"), 1.0) == pytest.approx(most, abs=1e-12)


CALM = (
    "Every one of these words stands in its place.\nA second line follows.\n Then we say a good many other things, so "
    "that nothing here repeats itself too much.\nAnd yet, in order that a long stretch comes back once,\nwe write it "
    "down again:\nthese words stands in its place.\nAll the rest of the page must be long enough for that stretch to "
    "weigh little.\nRivers rise in the hills, gather the rain of many valleys, turn mills, carry boats, and reach "
    "the sea at last; people have lived beside them since before anybody wrote, fished in them, feared their floods, "
    "and drawn maps of their bends."
)


@pytest.mark.parametrize(
    ("case", "text", "drops"),
    [
        ("two different sentences", "Every one of these words is another.\n Here is a second line.", False),
        ("one word four times", "Repeat repeat repeat repeat.", True),
        ("a long n-gram twice in a long page", CALM, False),
        ("the same page twice", f"{CALM}\n{CALM}", True),
    ],
)
def test_all_repetition_rules_together_decide_as_dclm(case, text, drops):
    """test_massive_web_repetition_filters."""
    assert bool(broken("gopher_repetition", columns(text), mode="dclm")) is drops


@pytest.mark.parametrize(
    ("case", "rule", "text", "expected"),
    [
        ("words", "min_words", "Hello world. This is a test.", 6),
        ("words over lines", "min_words", "Hello world. \n\n\n \n\n\n This is a test.", 6),
        ("words with marks within", "min_words", "Mr. Smith bought 2.5 kilograms of fruit.", 7),
        ("words glued by dots", "min_words", "Hello world! That should be easy, right? I think so...yeah...", 10),
        ("a word that begins with a mark is none", "min_words", "one (two) three", 2),
        ("mean length between white space", "min_mean_word_chars", "The average word length is 4.33", 26 / 6),
        ("mean length of short ones", "min_mean_word_chars", "The cat in the hat", 14 / 5),
        ("mean length of long ones", "max_mean_word_chars", "Loquaciousness verylongwords", 27 / 2),
        ("bullets: four kinds", "max_bullet_line_ratio", "● one\n• two\n* three\n- four\nfive", 4 / 5),
        ("bullets: not within a line", "max_bullet_line_ratio", "one - two\nthree * four", 0.0),
        ("bullets: several in a row are one", "max_bullet_line_ratio", "•••• one\n- two\nthree", 2 / 3),
        ("bullets: of lines that are not blank", "max_bullet_line_ratio", "- one\n\n\ntwo", 1 / 2),
        ("ellipsis: three dots", "max_ellipsis_line_ratio", "ends so...\n and not.", 1 / 2),
        ("ellipsis: dots with spaces", "max_ellipsis_line_ratio", "ends so. . .\n and not.", 1 / 2),
        ("ellipsis: one character", "max_ellipsis_line_ratio", "ends so…\n and not.", 1 / 2),
        ("ellipsis: not within a line", "max_ellipsis_line_ratio", "so...on and so…on\nand on.", 0.0),
        ("stop words: each time", "min_stop_words", "The best of the best", 3),
        ("stop words: all eight", "min_stop_words", "the be to of and that have with", 8),
        ("stop words: whole words alone", "min_stop_words", "Then Tom and Sally withheld bees", 1),
        ("stop words: marks are not taken off", "min_stop_words", "of, and. (the)", 0),
    ],
)
def test_a_quality_rule_measures_what_dclm_measures(case, rule, text, expected):
    assert value("gopher_quality", rule, text, mode="dclm") == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("case", "text", "ratio", "drops"),
    [
        ("10 of words: a fifth have no letter", "This one here has <1,000 non-letter w0rds in it >1.", 0.2, False),
        ("10 of words: more than a tenth", "This one here has <1,000 non-letter w0rds in it >1.", 0.1, True),
        ("white space does not count", "This one here has <1,000     non-letter \nw0rds in it >1.", 0.2, False),
    ],
)
def test_words_without_letters_are_shared_as_in_dclm(case, text, ratio, drops):
    """test_alphabetic_word_ratio_filter; theirs is the share of words without a letter, ours of those with one."""
    found = broken("gopher_quality", columns(text), mode="dclm", min_alpha_word_ratio=1 - ratio)
    assert ("min_alpha_word_ratio" in found) is drops


@pytest.mark.parametrize(
    ("case", "words", "rules"),
    [
        ("49 words", 49, ["min_words"]),
        ("50 words", 50, []),
        ("100,000 words", 100_000, []),
        ("100,001 words", 100_001, ["max_words"]),
    ],
)
def test_pages_have_as_many_words_as_dclm_asks_for(case, words, rules):
    found = broken("gopher_quality", columns("the word " * (words // 2) + "that" * (words % 2)), mode="dclm")
    assert [rule for rule in found if rule.endswith("_words") and "stop" not in rule] == rules


def test_every_threshold_of_mode_dclm_is_dclms():
    quality = {r: f.threshold for r, f in findings("gopher_quality", columns(CALM), mode="dclm").items()}
    expected = {
        "min_words": 50, "max_words": 100_000, "min_mean_word_chars": 3, "max_mean_word_chars": 10,
        "max_bullet_line_ratio": 0.9, "max_ellipsis_line_ratio": 0.3, "min_alpha_word_ratio": 0.8, "min_stop_words": 2,
    }  # fmt: skip
    assert {rule: quality[rule] for rule in expected} == expected
    repetition = {r: f.threshold for r, f in findings("gopher_repetition", columns(CALM), mode="dclm").items()}
    assert repetition == {
        LINE: 0.3, PARAGRAPH: 0.3, LINE_CHARS: 0.2, PARAGRAPH_CHARS: 0.2, "max_top_2_gram_char_ratio": 0.2,
        "max_top_3_gram_char_ratio": 0.18, "max_top_4_gram_char_ratio": 0.16, "max_duplicate_5_gram_char_ratio": 0.15,
        "max_duplicate_6_gram_char_ratio": 0.14, "max_duplicate_7_gram_char_ratio": 0.13,
        "max_duplicate_8_gram_char_ratio": 0.12, "max_duplicate_9_gram_char_ratio": 0.11,
        "max_duplicate_10_gram_char_ratio": 0.10,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "entries", "url", "drops"),
    [
        ("strict", ["bad", "worst"], "https://www.badword.com", True),
        ("strict", ["awful", "worst"], "https://www.badword.com", False),
        ("strict", ["badword"], "https://www.ba-dwo.rd.com", True),
        ("hard", ["badword"], "https://www.ba-dwo.rd.com", False),
        ("hard", ["badword"], "https://example.com/a-badword/x", True),
        ("hard", ["badword"], "https://example.com/badwords", False),
        ("hard", ["badword"], "https://example.com/BadWord", True),
        ("hard", ["badword"], "https://example.com/bad_badword", False),
        ("soft", ["bad1", "bad2", "bad3"], "https://www.bad1-bad2.com", True),
        ("soft", ["bad1", "bad2", "bad3"], "https://www.bad1-bad2x.com", False),
        ("soft", ["bad1", "bad2", "bad3"], "https://www.bad1-bad1.com", False),
        ("domains", ["le.com"], "https://www.google.com/search?q=x", False),
        ("domains", ["google.com"], "https://www.google.com/search?q=x", True),
        ("domains", ["google.com"], "https://mail.google.com/", False),
    ],
)
def test_an_address_is_banned_where_dclm_bans_it(kind, entries, url, drops, tmp_path):
    """test_url_substring_filter."""
    path = tmp_path / "list.txt"
    path.write_text("\n".join(entries))
    files = {str(path): hashlib.sha256(path.read_bytes()).hexdigest()}
    option = kind if kind == "domains" else f"{kind}_words"
    assert bool(broken("url_blocklist", columns("An address.", url=url), mode="dclm", **{option: files})) is drops


@pytest.mark.parametrize(
    ("case", "languages", "language", "score", "drops"),
    [
        ("another language", ("es", "fr", "de"), "en", 0.9, True),
        ("below the threshold", ("es", "fr", "en", "de"), "en", 0.5, True),
        ("above the threshold", ("es", "fr", "en", "de"), "en", 0.9, False),
        ("at the threshold", ("en",), "en", 0.8, True),
        ("no language", (), "en", 0.9, True),
    ],
)
def test_a_language_is_kept_where_dclm_keeps_it(case, languages, language, score, drops):
    """test_language_filter, test_language_filter_v2."""
    seen = columns("Some text.", language=language, score=score)
    assert bool(broken("language", seen, languages=languages, min_score=0.8, mode="dclm")) is drops
