"""The smallest text that each rule of an editor is for, and the nearest that it is not for.

The cases of RefinedWeb, C4 and PII are those in which the published code of DCLM and datatrove decides.
"""

import pyarrow as pa
import pytest

from headwater import editing, registry
from headwater.errors import UserError


def left(name, text, **options):
    """What is left of a text, and the rules in order."""
    batch = pa.array([text])
    found = registry.step("editors", name)(batch, **options)
    editing.check(batch, found, name)
    return editing.splice(batch, found)[0].as_py(), [found.rules[rule] for rule in found.rule]


CASES = [
    # max_upper_ratio: half is allowed; white space is a character.
    ("refinedweb_lines", {}, "ABc de", "ABc de", []),
    ("refinedweb_lines", {}, "AB Cd", "", ["max_upper_ratio"]),
    ("refinedweb_lines", {}, "one two\nABC DEf\nthree four", "one two\nthree four", ["max_upper_ratio"]),
    ("refinedweb_lines", {"max_upper_ratio": None}, "AB CD", "AB CD", []),
    # max_digit_ratio: nothing but digits, of any script; a sign saves the line from this rule, not from min_words.
    ("refinedweb_lines", {}, "a b\n2024", "a b", ["max_digit_ratio"]),
    ("refinedweb_lines", {}, "a b\n٣٤", "a b", ["max_digit_ratio"]),
    ("refinedweb_lines", {}, "a b\n20.24", "a b", ["min_words"]),
    ("refinedweb_lines", {"min_words": None}, "a b\n20.24", "a b\n20.24", []),
    # counters: one number and one word, whatever signs stand around.
    ("refinedweb_lines", {}, "a b\n3 likes", "a b", ["counters"]),
    ("refinedweb_lines", {}, "a b\n» 1,234.5K  Views!", "a b", ["counters"]),
    ("refinedweb_lines", {}, "a b\n3 likes, 2 shares", "a b\n3 likes, 2 shares", []),
    ("refinedweb_lines", {}, "a b\n1 like", "a b\n1 like", []),
    ("refinedweb_lines", {}, "a b\n3 likes", "a b", ["counters"]),
    ("refinedweb_lines", {"counters": False}, "a b\n3 likes", "a b\n3 likes", []),
    # min_words: an empty line stays, one of white space goes.
    ("refinedweb_lines", {}, "word\n\n \na b", "\na b", ["min_words", "min_words"]),
    ("refinedweb_phrases", {}, "You have 3 items in cart now", "You have 3 now", ["items_in_cart"]),
    ("refinedweb_phrases", {}, "a b\nItems in cart", "a b", ["items_in_cart"]),
    ("refinedweb_phrases", {}, "1 2 3 4 5 6 7 8 items in cart", "1 2 3 4 5 6 7 8 items in cart", []),
    ("refinedweb_phrases", {}, "The news. Read more...", "The news.", ["read_more"]),
    ("refinedweb_phrases", {}, "The news. Read more>>>", "The news.", ["read_more"]),
    ("refinedweb_phrases", {}, "The news. Read more..", "The news. Read more..", []),
    ("refinedweb_phrases", {}, "Read more... of it", "Read more... of it", []),
    ("refinedweb_phrases", {}, "Sign-in to go on", "to go on", ["sign_in"]),
    ("refinedweb_phrases", {}, "To sign-in go on", "To sign-in go on", []),
    ("refinedweb_phrases", {"sign_in": False}, "Sign-in to go on", "Sign-in to go on", []),
    ("refinedweb_phrases", {}, "  a b\n  c d \n", "a b\n  c d", ["blank", "blank"]),
    ("refinedweb_phrases", {}, "Sign-in Sign-in now", "now", ["sign_in"]),
    ("collapse_newlines", {}, "a\n\n\n\nb\n\nc", "a\n\nb\n\nc", ["max_newlines"]),
    ("collapse_newlines", {}, "a\n \n\nb", "a\n \n\nb", []),
    ("remove_citations", {}, "So it is.[12][edit]", "So it is.", ["number", "edit"]),
    ("remove_citations", {}, "x[citation needed] y[] z[Edit] [a1]", "x y z[Edit] [a1]", ["citation_needed", "number"]),
    ("remove_citations", {}, "x[1[2]][b[3]]", "x[b]", ["number", "number"]),
    ("dedup_lines", {}, "Home\nnews\n HOME \n\n\nnews", "Home\nnews\n\n", ["repeated_line", "repeated_line"]),
    ("dedup_lines", {"normalize": False}, "Home\nHOME\nHome", "Home\nHOME", ["repeated_line"]),
    ("dedup_lines", {"granularity": "paragraph"}, "a\nb\n\nA\nB\n\na", "a\nb\n\na", ["repeated_paragraph"]),
    ("remove_urls", {}, "See  https://a.com/x?y=1, then", "See, then", ["url"]),
    ("remove_urls", {}, "Write to me@a.com or main.rs", "Write to or", ["url", "url"]),
    ("remove_urls", {}, "in a.Company or .com or x.notatld", "in a.Company or .com or x.notatld", []),
    ("remove_urls", {}, "at 10.0.0.1:80/x and 1.2.3 and 400.1.1.1", "at and 1.2.3 and 400.1.1.1", ["ip"]),
    ("remove_urls", {}, "x.comhttp://a.com b", " b", ["url"]),
    ("remove_urls", {}, "Ask john@x.comhttp://evil.com/ z", "Ask z", ["url"]),
    ("remove_urls", {}, "See x.comhttp://y.comhttp://a.com/q b", "See b", ["url"]),
    ("remove_urls", {}, "See x. a.com/中国 b", "See b", ["url"]),
    ("remove_urls", {"mode": "match"}, "The x.comhttp://a.com b", "The x.com b", ["url"]),
    ("remove_urls", {"mode": "match"}, "Go a.com", "Go a.com", []),
    ("remove_urls", {"mode": "match"}, "The a.com", "The", ["url"]),
    ("c4_lines", {}, "It is so.\nMenu\nHe said so!", "It is so.\nHe said so!", ["terminal_punctuation"]),
    ("c4_lines", {}, "It is so...\nIs it so?", "Is it so?", ["terminal_punctuation"]),
    ("c4_lines", {}, "It is.\n It is so. \r\n", "It is so.", ["min_words", "strip", "strip"]),
    ("c4_lines", {}, "Please enable JavaScript now.\nIt is so.", "It is so.", ["javascript"]),
    ("c4_lines", {}, "This site uses cookies, friend.\nIt is so.", "It is so.", ["policy"]),
    ("c4_lines", {}, f"It is {'x' * 1001} so.\nIt is {'x' * 1000} so.", f"It is {'x' * 1000} so.", ["max_word_chars"]),
    ("c4_lines", {}, "It is so.[1]\nIt is so. [2]\nSee [1] it.", "It is so.[1]\nSee [1] it.", ["terminal_punctuation"]),
    ("c4_lines", {"terminal_punctuation": False}, "no end is here", "no end is here", []),
    ("c4_lines", {"mode": "dclm", "min_words": 5}, "Now it is quite so. \n\nIt's so'", "Now it is quite so.",
     ["strip", "terminal_punctuation"]),
    ("c4_lines", {"mode": "dclm", "min_words": 5}, "It is so…\nNow it is quite so!", "Now it is quite so!",
     ["terminal_punctuation"]),
    ("boilerplate_lines", {}, "Text is here.\n» Share this:\nMore", "Text is here.\nMore", ["phrases"]),
    ("boilerplate_lines", {}, "Share this with your doctor.", "Share this with your doctor.", []),
    ("boilerplate_lines", {}, "Home | About us | Contact | Terms", "", ["min_links"]),
    ("boilerplate_lines", {}, "| a | b | c | d |\nHome | About | More", "| a | b | c | d |\nHome | About | More", []),
    ("boilerplate_lines", {"phrases": False, "min_links": None}, "Menu\na | b | c | d", "Menu\na | b | c | d", []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "text", "wanted", "rules"), CASES, ids=lambda value: repr(value)[:30])
def test_a_rule_takes_what_it_is_for_and_nothing_next_to_it(name, options, text, wanted, rules):
    assert left(name, text, **options) == (wanted, rules)


@pytest.mark.parametrize(
    ("name", "option"),
    [("collapse_newlines", "max_newlines"), ("refinedweb_lines", "min_words"), ("c4_lines", "min_words")],
)
def test_a_number_below_zero_is_refused(name, option):
    with pytest.raises(UserError, match=f"{name}: {option} is -3; give"):
        left(name, "a", **{option: -3})


def test_every_editor_and_each_of_its_rules_is_decided_here():
    seen = {(name, rule) for name, *_, rules in CASES for rule in rules}
    known = {
        (name, rule)
        for name in registry.names("editors")
        if name != "pii"  # in test_pii.py
        for rule in registry.step("editors", name)(pa.array([""])).rules
    }
    assert known - {("dedup_lines", "repeated_line")} <= seen
    assert ("dedup_lines", "repeated_paragraph") in seen
