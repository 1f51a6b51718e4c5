"""Lines and sentences across documents: digests beside plain Python, what goes, and crawl after crawl."""

import re
from unicodedata import category, normalize

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dedupers import _lines as lines
from headwater.errors import UserError

anything = st.text() | st.text("aAéÉ1٣ .!?,\n\r\t\u0301\u00ad\u2003。！中ß\U0001f600한\U00010400", max_size=60)
few = st.lists(st.sampled_from(["one.", "Two!", "three", "\n", "\n\n", "four. five.", "中。"]), max_size=30).map(
    " ".join
)


def normal(char):
    if char.isspace():
        return " "
    if category(char) in ("Mn", "Cf", "Cc") or category(char)[0] == "P":
        return ""
    if category(char) == "Nd":
        return "0"
    bare = [c for c in normalize("NFD", char.lower()) if category(c) != "Mn"]
    return bare[0] if len(bare) == 1 else char


def units(text, unit):
    """Start and stop in bytes and the normal form of each unit that has one."""
    at, found = 0, []
    for part in cut(text, unit):
        form = re.sub(" +", " ", "".join(map(normal, part))).strip(" ")
        size = len(part.encode())
        if form:
            found.append((at, at + size, form))
        at += size
    return found


def cut(text, unit):
    parts, first = [], 0
    for i, char in enumerate(text):
        closes = char in "。！？" or (char in ".!?" and (i + 1 == len(text) or text[i + 1].isspace()))
        if char == "\n" or (unit == "sentence" and closes):
            parts.append(text[first : i + 1])
            first = i + 1
    return [*parts, text[first:]]


@settings(deadline=None, max_examples=400)
@given(st.lists(st.none() | anything, max_size=4), st.sampled_from(["line", "sentence"]), st.integers(1, 3))
def test_digests_are_equal_where_the_normal_forms_of_the_span_are(texts, unit, span):
    found = lines.digests(pa.array(texts, pa.string()), unit=unit, span=span)
    expected = [(t, *row) for t, text in enumerate(texts) for row in units(text or "", unit)]
    assert [*zip(found.text, found.start, found.stop, strict=True)] == [row[:3] for row in expected]
    forms = []
    for i, (t, *_) in enumerate(expected):
        run = expected[i : i + span]
        forms.append(tuple(row[3] for row in run) if len(run) == span and run[-1][0] == t else None)
    pairs = set(zip(forms, found.digest.tolist(), strict=True))
    assert len(pairs) == len({form for form, _ in pairs}) == len({value for _, value in pairs})
    assert all((form is None) == (value == 0) for form, value in pairs)


@pytest.mark.parametrize(("unit", "span"), [("line", 1), ("sentence", 3)])
def test_digests_agree_on_every_page_of_the_sample(sample_texts, unit, span):
    found = lines.digests(sample_texts, unit=unit, span=1)
    expected = [(t, *row) for t, text in enumerate(sample_texts.to_pylist()) for row in units(text, unit)]
    assert [*zip(found.text, found.start, found.stop, strict=True)] == [row[:3] for row in expected]
    pairs = set(zip((row[3] for row in expected), found.digest.tolist(), strict=True))
    assert len(pairs) == len({form for form, _ in pairs}) == len({value for _, value in pairs})


def left(texts, unit, span, known=None):
    """The texts after removal, and all digests."""
    found = lines.digests(pa.array(texts, pa.string()), unit=unit, span=span)
    edits = lines.stretches(found, lines.repeated(found.digest, known=known), span=span)
    kept = [text.encode() for text in texts]
    for text, start, stop in reversed([*zip(edits.text, edits.start, edits.stop, strict=True)]):
        kept[text] = kept[text][:start] + kept[text][stop:]
    return [text.decode() for text in kept], found.digest


def test_of_equal_lines_the_first_stays_whatever_its_case_numbers_and_signs():
    texts = ["Menu 12\nfirst", "menu, 34!\nsecond\n", "third\nMÉNU 50"]
    assert left(texts, "line", 1)[0] == ["Menu 12\nfirst", "second\n", "third\n"]


def test_of_equal_spans_of_three_sentences_the_first_stays():
    texts = ["A one. B two. C three. D four.", "X. A one. B two. C three.", "B two. C three. Y."]
    assert left(texts, "sentence", 3)[0] == [texts[0], "X.", texts[2]]


def test_lines_without_a_letter_or_number_are_kept():
    assert left(["***\n\n***", "***\n"], "line", 1)[0] == ["***\n\n***", "***\n"]


@settings(deadline=None, max_examples=200)
@given(st.lists(few, max_size=6), st.integers(0, 6), st.sampled_from([("line", 1), ("sentence", 1), ("sentence", 3)]))
def test_crawl_after_crawl_gives_what_all_at_once_gives(texts, cut, how):
    whole, _ = left(texts, *how)
    first, known = left(texts[:cut], *how)
    second, _ = left(texts[cut:], *how, known=np.unique(known))
    assert first + second == whole


@settings(deadline=None, max_examples=200)
@given(st.lists(few, max_size=6))
def test_every_line_is_left_once(texts):
    kept = [form for text in left(texts, "line", 1)[0] for *_, form in units(text, "line")]
    assert sorted(kept) == sorted({form for text in texts for *_, form in units(text, "line")})


@pytest.mark.timeout(60)
def test_hostile_texts_cost_no_more_than_their_bytes():
    texts = pa.array(["\n" * 3_000_000, "a" * 3_000_000, "a. " * 1_000_000, "\u0301" * 1_500_000])
    found = lines.digests(texts, unit="sentence", span=3)
    assert lines.repeated(found.digest).sum() == 999_997


@pytest.mark.parametrize("options", [{"unit": "word"}, {"span": 0}])
def test_options_that_cannot_be_met_are_refused(options):
    with pytest.raises(UserError, match="lines: "):
        lines.digests(pa.array(["a"]), **options)
