"""Every editor leaves of a text what its plain-Python reference leaves, for any text, in any batch."""

from functools import partial

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headwater import editing, registry
from tests.editors import reference
from tests.texts import extracted_texts

# The editor, its options, and the reference with the same ones.
WAYS = {
    "collapse_newlines": ({}, {}),
    "collapse_newlines 1": ({"max_newlines": 1}, {"max_newlines": 1}),
    "remove_citations": ({}, {}),
    "refinedweb_lines": ({}, {}),
    "refinedweb_lines upper": (
        {"max_upper_ratio": 0.3, "max_digit_ratio": 0.4, "min_words": None},
        {"max_upper_ratio": 0.3, "max_digit_ratio": 0.4, "min_words": None},
    ),
    "refinedweb_lines counters": (
        {"max_upper_ratio": None, "max_digit_ratio": None, "min_words": None},
        {"max_upper_ratio": None, "max_digit_ratio": None, "min_words": None},
    ),
    "refinedweb_phrases": ({}, {}),
    "refinedweb_phrases two": (
        {"max_words": 4, "items_in_cart": False},
        {"max_words": 4, "on": (False, True, True)},
    ),
    "c4_lines": ({}, {}),
    "c4_lines fineweb": ({"terminal_punctuation": False}, {"terminal": False}),
    "c4_lines dclm": ({"mode": "dclm", "min_words": 5}, {"mode": "dclm", "min_words": 5}),
    "c4_lines short words": ({"max_word_chars": 6, "min_words": None}, {"max_word_chars": 6, "min_words": None}),
    "c4_lines ends": (
        {"mode": "dclm", "max_word_chars": None, "min_words": None, "javascript": False, "policy": False},
        {"mode": "dclm", "max_word_chars": None, "min_words": None, "javascript": False, "policy": False},
    ),
    "c4_lines phrases": (
        {"terminal_punctuation": False, "min_words": None},
        {"terminal": False, "min_words": None},
    ),
    "c4_lines dclm phrases": (
        {"mode": "dclm", "terminal_punctuation": False, "min_words": None},
        {"mode": "dclm", "terminal": False, "min_words": None},
    ),
    "dedup_lines": ({}, {}),
    "dedup_lines as they are": ({"normalize": False}, {"normalize": False}),
    "dedup_lines paragraphs": ({"granularity": "paragraph"}, {"granularity": "paragraph"}),
    "remove_urls": ({}, {}),
    "remove_urls match": ({"mode": "match"}, {"mode": "match"}),
}
PIECES = (
    "a", "A", "ABC", "Word", "word ", "one two", "1", "12", "٣", "²", ".", "...", "…", "!", '"', "'", "?", ",", "-",
    "_", " ", "  ", "\t", "\n", "\n\n", "\n\n\n", "\r\n", "\r", "\x0b", "\x1c", "\x85", "\u2028", "\u00a0", "\u3000",
    "é", "É", "中", "文", "\u0301", "\u200b", "ß", "Σ", "σ", "İ", "ı", "ſ", "K", "😀", "\x00", "[", "]", "[1]",
    "[edit]", "[edi", "citation needed", "[citation needed]", "likes", "LIKES", "liKes", "views", "followers",
    "1.2K views", "3 likes", "m", "k", "b", "items in cart", "Items in Cart", " in cart", "items", "iteMs in cart",
    "Read more...",
    "read more", "Sign-in", "sign-in ", "ſign-in", "sıgn-in", "javascript", "JavaScript", "javaſcript",
    "java[1]script", "terms of use", "Privacy Policy", "cookie policy", "uses cookies", "use of cookies",
    "Use Cookies", "use cooKies", "polİcy", "x" * 7, "y" * 1001, "http://", "https://", "ftp://", "www.", "example",
    ".com", ".co.uk", ".COM", ".org/a?b=c", "x.de", "@", "/", ":", "(", ")", "://", ".рф", ".中国", ".xn--p1ai",
    "1.2.3.4", "255.", "300.1.1.1", ".1.2", "999", "th", "ab.c",
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.lists(st.sampled_from((*PIECES, "", "")), max_size=20).map("\n".join),
    st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join),
)


def edited(name, batch, **options):
    found = registry.step("editors", name)(batch, **options)
    editing.check(batch, found, name)
    return editing.splice(batch, found)


def both(way):
    name, (options, same) = way.split(" ")[0], WAYS[way]
    return partial(edited, name, **options), partial(getattr(reference, name), **same)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=300, deadline=None)
@given(st.lists(texts, max_size=4))
@example(["http://x.com" + " " * 15 + "http://y.com 1.2.3.4", " " * 25 + "x.com" + " " * 4 + "1.1.1.1" + " " * 12])
@example(["ſA.рф", "РФ a.com", "ıT a.com", "Kİ a.com", "Zz a.com", "é a.com"])
@example(["a" * 300 + ".com", "b" * 256 + ".com", "http://" + "c" * 257 + ".com", "1" * 9 + ".1.1.1.1"])
@example(["Sign-in\n  Sign-in foo\n bar Read more..  \n  ", "items items in cart in cart", "AB\n\n \nab cd\n"])
def test_an_editor_leaves_what_its_reference_leaves(way, batch):
    editor, plain = both(way)
    assert editor(pa.array(batch, pa.string())).to_pylist() == [plain(text) for text in batch]


@pytest.mark.parametrize("way", WAYS)
def test_an_editor_equals_its_reference_on_every_page_of_the_sample(way, pages):
    editor, plain = both(way)
    assert editor(pa.array(pages)).to_pylist() == [plain(text) for text in pages]


@pytest.fixture(scope="module")
def pages(sample):
    """Texts of the embedded crawls; the slow references want no more."""
    return [text[:4000] for text in extracted_texts(sample)]
