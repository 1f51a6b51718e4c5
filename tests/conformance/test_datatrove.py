"""Our filters in mode `datatrove` decide as datatrove 0.9.0 does (tests/pipeline/filters/test_filters.py).

Each row names the case of theirs that it mirrors; where theirs quotes a novel, a text of ours has the same shape.
"""

import hashlib

import pyarrow as pa
import pytest

from tests.conformance.ours import broken, columns, edited, findings, value

WISE = (
    "The town has a small library that lends books to all who live there, and the people who work in it know most of "
    "the readers by name. When somebody asks for a story they have not heard of, they look it up and write to the next."
)
TEN = {"min_words": 10, "max_words": 1000}


def gopher(text, filter_name, **options):
    found = broken(filter_name, columns(text), **options)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("case", "text", "rule"),
    [
        ("dup_line_frac", "We were here first.\n" * 4, "max_duplicate_line_ratio"),
        ("dup_para_frac", "We were here first.\n\n" * 4, "max_duplicate_paragraph_ratio"),
        (
            "dup_para_char_frac", "I am one.\n\nYou are a second.\n\nShe is the third.\n\n" + f"{'x' * 30}.\n\n" * 2,
            "max_duplicate_paragraph_char_ratio",
        ),
        (
            "dup_line_char_frac", "I am one.\nYou are a second.\nShe is the third.\n" + f"{'x' * 40}.\n" * 2,
            "max_duplicate_line_char_ratio",
        ),
        ("top_2_gram", "I am Erika, I am Erika, I am Erika", "max_top_2_gram_char_ratio"),
        ("top_3_gram", "I am Erika, you are Emil. I am Erika. I am Erika you are Emil", "max_top_3_gram_char_ratio"),
        ("duplicated_5_n_grams", "I am a slow traveller " * 4 + WISE, "max_duplicate_5_gram_char_ratio"),
        ("none: prose", WISE, None),
    ],
)  # fmt: skip
def test_repetition_drops_for_the_reason_that_datatrove_gives(case, text, rule):
    assert gopher(text, "gopher_repetition") == rule


@pytest.mark.parametrize(
    ("case", "text", "rule"),
    [
        ("gopher_short_doc", "This is too short...", "min_words"),
        ("gopher_below_avg_threshold", "I am " * 20, "min_mean_word_chars"),
        ("gopher_above_avg_threshold", "straightforwardness " * 20, "max_mean_word_chars"),
        ("gopher_too_many_hashes", "# comment " * 20, "max_hash_ratio"),
        ("gopher_too_many_ellipsis", "... comment " * 20, "max_ellipsis_ratio"),
        (
            "gopher_below_alpha_threshold", "the ./!*?<><> apple <?////> orange  ++ interconnection !<>??? have" * 20,
            "min_alpha_word_ratio",
        ),
        ("none: prose", WISE, None),
        ("gopher_too_many_bullets", "\n".join(["- the word and that"] * 20), "max_bullet_line_ratio"),
        ("gopher_too_many_end_ellipsis", "the house and the garden of the neighbour who came to us for tea...\n" * 3,
         "max_ellipsis_line_ratio"),
        ("gopher_enough_stop_words", "kleine Katzen fressen gern frischen Fisch aus blauen Tellern im Haus",
         "min_stop_words"),
        ("gopher_long_doc", "house " * 1001, "max_words"),
    ],
)  # fmt: skip
def test_quality_drops_for_the_reason_that_datatrove_gives(case, text, rule):
    assert gopher(text, "gopher_quality", **TEN) == rule


@pytest.mark.parametrize(
    ("text", "words", "kinds"),
    [
        ("The the of of and", 5, 3),
        ("It's the cat's.", 6, 1),
        ("don't can't won't", 6, 0),
        ("well-known e-mail", 6, 0),
        ("see www.example.com now", 3, 0),
        ("3.5 km (10,000 ft)", 6, 0),
        ("U.S. and U.K. to be", 5, 3),
        ("to  be\nor\tnot", 4, 2),
    ],
)
def test_words_are_counted_as_datatroves_english_tokenizer_counts(text, words, kinds):
    seen = columns(text)
    assert (seen["words"][0], seen["stop_word_kinds"][0]) == (words, kinds)


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        # All counts of pieces: only the second and later copies, of all.
        ("max_duplicate_line_ratio", "one\ntwo\none\none", 2 / 4),
        ("max_duplicate_line_char_ratio", "one\ntwo\none\none", 6 / 15),
        ("max_duplicate_line_ratio", "one\n\none\n", 1 / 3),
        ("max_duplicate_paragraph_ratio", "one\n\ntwo\n\n\none", 1 / 3),
        ("max_duplicate_paragraph_char_ratio", "one\n\ntwo\n\n\none", 3 / 14),
        # The most frequent, joined by spaces, over all characters; the first of equally frequent ones.
        ("max_top_2_gram_char_ratio", "a bb a bb ccc", 2 * 4 / 13),
        ("max_top_2_gram_char_ratio", "aa b cccc dddd", 4 / 14),
        ("max_top_3_gram_char_ratio", "a b c a b c", 2 * 5 / 11),
        ("max_top_4_gram_char_ratio", "a b c", 0.0),
        # A repeated n-gram counts without its spaces, and is jumped over.
        ("max_duplicate_5_gram_char_ratio", "a b c d e " * 3, 10 / 30),
        ("max_duplicate_10_gram_char_ratio", "a b c d e " * 3, 10 / 30),
    ],
)
def test_a_repetition_rule_measures_what_datatrove_measures(rule, text, expected):
    assert value("gopher_repetition", rule, text) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("max_hash_ratio", "#one #two three", 2 / 5),
        ("max_ellipsis_ratio", "so... on … and", 2 / 5),
        ("max_bullet_line_ratio", "- a\n  • b\n* c\nd", 2 / 4),
        ("max_ellipsis_line_ratio", "a...\nb…  \nc. . .\nd", 2 / 4),
        ("min_alpha_word_ratio", "one 2 three !", 2 / 4),
        ("min_words", "one 2 three !", 3),
        ("min_mean_word_chars", "one 2 three !", 9 / 3),
        ("min_stop_words", "The to with that", 3),
    ],
)
def test_a_quality_rule_measures_what_datatrove_measures(rule, text, expected):
    assert value("gopher_quality", rule, text) == pytest.approx(expected, abs=1e-12)


PROSE = "\n".join(
    [
        "The first of these lines is a sentence with a good many words.",
        "Another one says more of the same matter in other words.",
        "A third one makes the point that was still to be made.",
        "The fourth says that this page is made of real sentences.",
        "At last a line sums up all that stood in the others.",
        "One more is here so that there are more than enough.",
    ]
)


def after_c4(text, **options):
    """The rules of the filter `c4` that a text breaks after C4's lines, in order."""
    left = edited(text, ("c4_lines", options), ("remove_citations", {}))
    return broken("c4", columns(left), min_sentences=5)


@pytest.mark.parametrize(
    ("case", "text", "rules"),
    [
        ("test_keeps_quality_text", PROSE, []),
        ("test_rejects_lorem_ipsum", PROSE.replace("first", "Lorem Ipsum"), ["max_lorem_ipsum"]),
        ("test_rejects_curly_bracket", PROSE.replace("first", "{ first"), ["max_curly_brackets"]),
        ("test_rejects_too_few_sentences", "There is one sentence.", ["min_sentences"]),
        ("lines without a mark go first", PROSE.replace(".", ""), ["min_sentences"]),
    ],
)
def test_c4_drops_what_datatrove_drops(case, text, rules):
    assert after_c4(text) == rules


@pytest.mark.parametrize(
    ("case", "line", "options", "stays"),
    [
        ("test_removes_policy_lines_from_text", "Here we use cookies for all.", {}, False),
        ("javascript", "You need JavaScript for this page.", {}, False),
        ("terms of use", "These are the Terms of Use of all.", {}, False),
        ("two words", "Too short.", {}, False),
        ("three words", "Just long enough.", {}, True),
        ("no mark at the end", "A line without its mark", {}, False),
        ("no mark at the end, as FineWeb has it", "A line without its mark", {"terminal_punctuation": False}, True),
        ("ellipsis", "It goes on and on...", {}, False),
        ("quotation mark", 'He said that "it is so"', {}, True),
        ("apostrophe", "He said that 'it is so'", {}, True),
        ("a word of 1,000 characters", "x" * 1000 + " is long.", {}, True),
        ("a word of 1,001 characters", "x" * 1001 + " is long.", {}, False),
    ],
)
def test_c4_keeps_the_lines_that_datatrove_keeps(case, line, options, stays):
    expected = f"This is kept here.\n{line}" if stays else "This is kept here."
    assert edited(f"This is kept here.\n{line}", ("c4_lines", options)) == expected


@pytest.mark.parametrize(
    ("case", "text", "short"),
    [
        ("test_keeps_doc_with_long_paragraphs", "\n".join(["x" * 250] * 3), False),
        ("test_rejects_short_paragraphs", "short\nshort\nshort", True),
        ("two long ones are too few", "\n".join(["x" * 250] * 2), True),
        ("the third longest counts", "\n".join(["x" * 250] * 2 + ["y" * 200, "z"]), False),
    ],
)
def test_c4_paragraphs_are_those_of_datatrove(case, text, short):
    off = {"max_lorem_ipsum": None, "max_curly_brackets": None, "min_sentences": None}
    assert bool(broken("c4", columns(text), **off, min_third_longest_line_chars=200)) is short


@pytest.mark.parametrize(
    ("case", "text", "options", "rule"),
    [
        ("test_rejects_empty_doc", "\n \n", {}, "min_terminal_line_ratio"),
        ("test_rejects_low_punctuation_ratio", "No mark is here\nNor is there one\nNone still",
         {"min_terminal_line_ratio": 0.5}, "min_terminal_line_ratio"),
        ("test_rejects_mostly_short_lines", "so.\nby.\nup.\nno.\noh.",
         {"min_terminal_line_ratio": 0, "max_short_line_ratio": 0.5}, "max_short_line_ratio"),
        ("test_keeps_quality_text", PROSE, {}, None),
        ("char_dup_ratio", f"{PROSE}\n{PROSE}", {}, "max_duplicate_char_ratio"),
        ("list_ratio", "\n".join(f"number {'x' * 30}{n}." for n in range(50)), {}, "max_newline_ratio"),
        ("no mark at all is spared on request", "No mark is here on any of the lines of this text",
         {"spare_unpunctuated": True}, None),
    ],
)  # fmt: skip
def test_fineweb_drops_for_the_reason_that_datatrove_gives(case, text, options, rule):
    assert gopher(text, "fineweb", **options) == rule


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("min_terminal_line_ratio", "One.\n\nTwo?\nThree!\nfour", 3 / 4),
        ("min_terminal_line_ratio", 'One."\nTwo. ', 0.0),
        ("min_terminal_line_ratio", "一。\n二", 1 / 2),
        ("max_short_line_ratio", "x" * 30 + "\n" + "y" * 31, 1 / 2),
        ("max_duplicate_char_ratio", "abc\nabc\nabcd", 3 / 10),
        ("max_duplicate_char_ratio", "abc\n\n\nabc ", 0.0),
        ("max_newline_ratio", "one two\nthree\n\n", 3 / 3),
    ],
)
def test_a_fineweb_rule_measures_what_datatrove_measures(rule, text, expected):
    assert value("fineweb", rule, text) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://blocked.com/some-path?with=what", "domains"),
        ("https://hey.danger.org/some-path?with=what", "domains"),
        ("http://hey.danger.org/some-path?with=what", "domains"),
        ("http://www.danger.org/some-path?with=what", "domains"),
        ("https://nice.com/some-path?with=what", None),
        ("https://badsub.nice.com/some-path?with=what", "domains"),
        ("https://further.badsub.nice.com/some-path?with=what", None),
        ("https://blocke.dcom/some-path?with=what", None),
        ("https://nice.com/a-hard-case", "max_hard_words"),
        ("https://nice.com/a-HARD-case", None),
        ("https://nice.com/harder", None),
        ("https://nice.com/soft-drink", None),
        ("https://nice.com/soft/drink/mild", "max_soft_words"),
        ("https://nice.com/soft-soft", None),
        ("https://nice.com/very-str.ict-one", "max_strict_words"),
        ("https://nice.com/one-page", "urls"),
    ],
)
def test_an_address_is_blocked_where_datatrove_blocks_it(url, reason, tmp_path):
    lists = {
        "domains": ["blocked.com", "danger.org", "badsub.nice.com"], "urls": ["https://nice.com/one-page"],
        "hard_words": ["hard"], "soft_words": ["soft", "mild"], "strict_words": ["strict"],
    }  # fmt: skip
    options = {}
    for name, entries in lists.items():
        path = tmp_path / name
        path.write_text("\n".join(entries))
        options[name] = {str(path): hashlib.sha256(path.read_bytes()).hexdigest()}
    seen = columns("An address.", url=url) | {"domain": pa.array([registered(url)], pa.string())}
    assert next(iter(broken("url_blocklist", seen, mode="datatrove", **options)), None) == reason


def registered(url):
    """The last two parts of the host, which is what is registered under .com and .org; nothing under .dcom."""
    parts = url.split("/")[2].split(".")
    return ".".join(parts[-2:]) if parts[-1] in ("com", "org") else None


@pytest.mark.parametrize(
    ("languages", "language", "score", "rules"),
    [
        (("en", "it"), "en", 0.99, []),
        (("en", "it"), "it", 0.66, []),
        (("en", "it"), "fr", 0.99, ["languages"]),
        (("en", "it"), "pt", 0.99, ["languages"]),
        (("en",), "en", 0.65, ["min_score"]),
        (("en",), "en", 0.6501, []),
        (None, "fr", 0.7, []),
        (None, "fr", 0.6, ["min_score"]),
    ],
)
def test_a_language_is_kept_where_datatrove_keeps_it(languages, language, score, rules):
    seen = columns(WISE, language=language, score=score)
    assert broken("language", seen, languages=languages, mode="datatrove") == rules


IP, MAIL = "22.214.171.124", "email@example.com"


@pytest.mark.parametrize(
    ("given", "left"),
    [
        *[(address, address) for address in (
            "999.999.999.999.", "108.0.0.01", "0.1.2.3", "00.0000.00.00", "192.168.l.1", "912.456.123.123",
            "172.16.0.9", "127.0.0.2", "10.255.255.254", "172.31.254.254", "192.168.254.0",
        )],
        *[(address, IP) for address in ("163.36.107.25", "4.132.211.142", "35.88.121.75", "29.116.31.158")],
        (".3.3.3.0", f".{IP}"),
        *[(address, MAIL) for address in (
            "someone@firm.example", "first.last@firm.example", "mail@sub.firm.example", "first+last@firm.example",
            "mail@123.123.123.123", "mail@[123.123.123.123]", "1234567890@firm.example", "mail@my-firm.example",
            "_______@firm.example", "first-last@firm.example", "NAME@FIRM.EXAMPLE",
        )],
        ('"mail"@firm.example', '"mail"@firm.example'),
        *[(text, text) for text in (
            "plainaddress", "#@%^%#$@#$@#.com", "@firm.example", "mail.firm.example", "mail.@firm.example",
            "あいうえお@firm.example", "mail@firm", "mail@-firm.example", "mail@firm..example",
        )],
        ("Jo Doe <mail@firm.example>", f"Jo Doe <{MAIL}>"),
        ("mail@firm@firm.example", f"mail@{MAIL}"),
        (".mail@firm.example", f".{MAIL}"),
        ("mail..box@firm.example", f"mail..{MAIL}"),
        ("mail@firm.example (Jo Doe)", f"{MAIL} (Jo Doe)"),
        ("just”not”right@firm.example", f"just”not”{MAIL}"),
    ],
)  # fmt: skip
def test_personal_data_is_replaced_as_datatrove_replaces_it(given, left):
    """tests/pipeline/filters/test_pii_removal.py; example.com itself is a stand-in, so the hosts are others."""
    assert edited(f"Write to\n{given}\nnow", ("pii", {"mode": "datatrove"})) == f"Write to\n{left}\nnow"


def test_stand_ins_take_turns_as_in_datatrove():
    text = "a@firm.example b@firm.example c@firm.example 8.8.8.8 9.9.9.9"
    assert edited(text, ("pii", {"mode": "datatrove"})) == (
        "email@example.com firstname.lastname@example.org email@example.com 22.214.171.124 126.96.36.199"
    )


def test_every_default_threshold_is_datatroves():
    quality = {r: f.threshold for r, f in findings("gopher_quality", columns(WISE)).items()}
    assert quality == {
        "min_words": 50, "max_words": 100_000, "min_mean_word_chars": 3, "max_mean_word_chars": 10,
        "max_hash_ratio": 0.1, "max_ellipsis_ratio": 0.1, "max_bullet_line_ratio": 0.9, "max_ellipsis_line_ratio": 0.3,
        "min_alpha_word_ratio": 0.8, "min_stop_words": 2,
    }  # fmt: skip
    repetition = [f.threshold for f in findings("gopher_repetition", columns(WISE)).values()]
    assert repetition == [0.3, 0.2, 0.3, 0.2, 0.2, 0.18, 0.16, 0.15, 0.14, 0.13, 0.12, 0.11, 0.1]
    fineweb = {r: f.threshold for r, f in findings("fineweb", columns(WISE)).items()}
    assert fineweb == {
        "min_terminal_line_ratio": 0.12, "max_short_line_ratio": 0.67, "max_duplicate_char_ratio": 0.01,
        "max_newline_ratio": 0.3,
    }  # fmt: skip
