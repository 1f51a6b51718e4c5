"""Our editors leave what DCLM's modifiers leave.

Each row names the case of theirs that it mirrors (mlfoundations/dclm, test_modifiers.py under tests/baselines/mappers).
Where their function strips the text, `refinedweb_phrases` does that for us, so that it stands behind `refinedweb_lines`
as in the recipes.
"""

import pytest

from tests.conformance.ours import edited

OFF = {"max_upper_ratio": None, "max_digit_ratio": None, "counters": False, "min_words": None}
NO_PHRASES = {"items_in_cart": False, "read_more": False, "sign_in": False}
BLANK = ("refinedweb_phrases", NO_PHRASES)
COUNTERS = (
    "likes", "shares", "comments", "retweets", "reposts", "quotes", "bookmarks", "upvotes", "downvotes", "downloads",
    "views", "followers",
)  # fmt: skip
LINES = "Two words\n\na b c d e f g h i j k\n  These exactly make ten words if you count them all\nHi"
C4_OFF = {
    "terminal_punctuation": False,
    "min_words": None,
    "javascript": False,
    "policy": False,
    "max_word_chars": None,
}


def lines(**on):
    return ("refinedweb_lines", {**OFF, **on})


def phrases(**on):
    return ("refinedweb_phrases", {**NO_PHRASES, **on})


def c4(**on):
    return ("c4_lines", {**C4_OFF, "mode": "dclm", **on})


@pytest.mark.parametrize(
    ("case", "step", "text", "left"),
    [
        ("line_length: two words or more, empty lines stay", lines(min_words=2), LINES, LINES.removesuffix("\nHi")),
        ("uppercase: at the ratio it stays", lines(max_upper_ratio=2 / 11), "Happy Birds", "Happy Birds"),
        ("uppercase: above the ratio it goes", lines(max_upper_ratio=2 / 11 - 1e-6), "Happy Birds", ""),
        ("uppercase: 1.0 removes nothing", lines(max_upper_ratio=1.0), "ALL CAPITALS\nnone", "ALL CAPITALS\nnone"),
        (
            "uppercase: only the shouting line goes",
            lines(max_upper_ratio=0.5),
            "STOP SHOUTING\n\nplain words\nHello, World",
            "\nplain words\nHello, World",
        ),
        ("uppercase: 0 takes any capital", lines(max_upper_ratio=0.0), "plain words\nHello", "plain words"),
        ("numeric: all digits, ratio 1", lines(max_digit_ratio=1.0), "2468\nab", "2468\nab"),
        ("numeric: all digits, just under 1", lines(max_digit_ratio=0.999999), "2468\nab", "ab"),
        ("numeric: half digits stay at a half", lines(max_digit_ratio=0.5), "1a\n2bb\nabcd", "1a\n2bb\nabcd"),
        ("numeric: half digits go at a third", lines(max_digit_ratio=1 / 3), "1a\n2bb\nabcd", "2bb\nabcd"),
        ("numeric: 0 takes any digit", lines(max_digit_ratio=0.0), "1a\n2bb\nabcd", "abcd"),
        (
            "counter: within a sentence it stays",
            lines(counters=True),
            "Seen with 3 views.\n3 views",
            "Seen with 3 views.",
        ),
        ("counter: a long number does not hang", lines(counters=True), "6789" * 500 + "\nx", "6789" * 500 + "\nx"),
        ("counter: a long number of likes goes", lines(counters=True), "6789" * 500 + " likes\nx", "x"),
    ],
)
def test_a_line_rule_leaves_what_dclm_leaves(case, step, text, left):
    assert edited(text, step) == left


@pytest.mark.parametrize("noun", COUNTERS)
@pytest.mark.parametrize("count", ["7 {}", "7,000 {}", "451K {}!", " 2.5M   {}  ", "(88 {})"])
def test_every_counter_of_dclm_goes(noun, count):
    line = "No counter stands in this line."
    assert edited(f"{count.format(noun)}\n{line}", lines(counters=True)) == line


@pytest.mark.parametrize(
    ("case", "step", "text", "left"),
    [
        (
            "items in cart: the phrase goes, the line stays",
            phrases(items_in_cart=True),
            "There are 9 items in cart today\n  items in cart  \nDone.",
            "There are 9 today\nDone.",
        ),
        (
            "items in cart: a line of more than ten words is let alone",
            phrases(items_in_cart=True),
            "There are 9 items in cart today and you may add some more from the shop.",
            "There are 9 items in cart today and you may add some more from the shop.",
        ),
        (
            "sign-in: at the beginning only",
            phrases(sign_in=True),
            "sign-in to read all\nsign-in  \nHow to sign-in here",
            "to read all\nHow to sign-in here",
        ),
        (
            "sign-in: a long line is let alone",
            phrases(sign_in=True),
            "Sign-in on this page with the name and the password that you were given.",
            "Sign-in on this page with the name and the password that you were given.",
        ),
        (
            "read more: at the end only",
            phrases(read_more=True),
            "Do read more...\n  read more...\nRead more...and see",
            "Do\nRead more...and see",
        ),
        ("read more: the dots are any characters", phrases(read_more=True), "Do read more!!!\nx y", "Do\nx y"),
        ("strip: white space at both ends goes", phrases(), "  \n kept \n", "kept"),
    ],
)
def test_a_phrase_rule_leaves_what_dclm_leaves(case, step, text, left):
    assert edited(text, step) == left


@pytest.mark.parametrize(
    ("case", "step", "text", "left"),
    [
        (
            "punctuation: without ellipses", c4(terminal_punctuation=True),
            'Dot.\nAsk?\nCry!\n\n"Said"\nAnd so... \nNothing\nSpaces.  \nOn…', 'Dot.\nAsk?\nCry!\n\n"Said"\nSpaces.  ',
        ),
        ("word length: at the limit", c4(max_word_chars=12), "Short one\n\nAbcdefghijkl", "Short one\n\nAbcdefghijkl"),
        ("word length: above the limit", c4(max_word_chars=11), "Short one\n\nAbcdefghijkl m", "Short one\n"),
        ("line length: five words", c4(min_words=5), "one two three four\n\none two three four five",
         "\none two three four five"),
        (
            "substring: javascript in any case", c4(javascript=True),
            "JavaScript is needed\n\nWe wrote on JavaScript.\njava script works ", "java script works",
        ),
        ("substring: a policy", c4(policy=True), "We use cookies\nWe bake bread", "We bake bread"),
        ("substring: terms", c4(policy=True), "Read our Terms of Use now\nWe bake bread", "We bake bread"),
    ],
)  # fmt: skip
def test_a_c4_rule_leaves_what_dclm_leaves(case, step, text, left):
    assert edited(text, step) == left


@pytest.mark.parametrize(
    ("case", "text", "left"),
    [
        ("edit and number", "[edit]So a mark looks[27].", "So a mark looks."),
        ("citation needed", "It is said[citation needed].", "It is said."),
        ("an empty pair", "It is said[].", "It is said."),
        ("a word in brackets stays", "It is said [sic].", "It is said [sic]."),
    ],
)
def test_citations_go_as_in_dclm(case, text, left):
    assert edited(text, ("remove_citations", {})) == left


ADDRESSES = (
    "https://www.example.com", "www.example.org", "example.net:9000", "blog.example.org:8081/post.html",
    "ftp://ftp.example.com/files", "irc.example.org:6667/room", "https://en.example.org/wiki/Some_thing",
    "http://www.example-store.biz/sale", "https://www.example.com/find?q=url", "https://www.example.com/p?id=3&k=v",
    "https://www.example.com#part1", "https://www.example.com/page#notes", "ftp://user:secret@ftp.example.com",
    "http://www.example.museum", "https://tiny.cc/xyz123", "http://192.168.1.1", "https://10.0.0.1:8080", "1.1.1.1",
)  # fmt: skip


@pytest.mark.parametrize("mode", ["match", "search"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_goes_with_the_space_before_it_as_in_dclm(address, mode):
    step = ("remove_urls", {"mode": mode})
    assert edited(f"This one {address} is gone.", step) == "This one is gone."
    assert edited(f"This one is gone\n{address}\nA new line.", step) == "This one is gone\nA new line."


@pytest.mark.parametrize("word", ["U.S.A.", "e.g.", "3.14", "999.999.999.999", "123.123.123", "v3.12.7.4"])
def test_what_is_no_address_for_dclm_stays(word):
    text = f"This word {word} is none.\n{word}"
    assert edited(text, ("remove_urls", {"mode": "match"})) == text


def test_dclm_looks_for_addresses_only_behind_a_domain_at_the_texts_beginning():
    text = "Quite so: see www.example.com or 10.0.0.1 now."
    assert edited(text, ("remove_urls", {"mode": "match"})) == "Quite so: see www.example.com or now."
    assert edited(text, ("remove_urls", {"mode": "search"})) == "Quite so: see or now."


@pytest.mark.parametrize(
    ("case", "options", "text", "left"),
    [
        (
            "line: white space and case do not count", {},
            "Once is enough.\n\nOnce is enough.\n Once is enough.  \n\nonce is ENOUGH.\n Kept.",
            "Once is enough.\n\n\n Kept.",
        ),
        (
            "line: as they are", {"normalize": False},
            "Once is enough.\nOnce is enough.\n Once is enough.  \n\nonce is enough.\nKept.",
            "Once is enough.\n Once is enough.  \n\nonce is enough.\nKept.",
        ),
        (
            "paragraph: lines within are let alone", {"granularity": "paragraph"},
            "Twice here.\nTwice here.\n\n twice here.\ntwice here.\n\nTwice.", "Twice here.\nTwice here.\n\nTwice.",
        ),
    ],
)  # fmt: skip
def test_repeated_lines_go_as_in_dclm(case, options, text, left):
    assert edited(text, ("dedup_lines", options)) == left


@pytest.mark.parametrize(
    ("text", "left"), [("a\nb", "a\nb"), ("a\n\nb", "a\n\nb"), ("a\n\n\nb", "a\n\nb"), ("a\n\n\n\n\nb", "a\n\nb")]
)
def test_newlines_beyond_two_go_as_in_dclm(text, left):
    assert edited(text, ("collapse_newlines", {})) == left
