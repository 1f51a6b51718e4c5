"""Words end at the default word boundaries of UAX #29."""

import time
import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.text.uax29 import CLASSES, PICTOGRAPHIC, split_uax29, word_breaks
from tests.text.reference import uax29_words
from tests.texts import extracted_texts

# Two characters of every class, so that every rule meets every other.
SAMPLES = (
    *"ab中אבカア1२_\u202f'.·:;,\"\u0301\u200d\xad\u2060 \u3000\r\n\x0b\u2028☺🛑ℹ🇦🇧!\t\xa0\x01",
    "\U0001f3fd",
)
texts = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(SAMPLES), max_size=12).map("".join))


def split(text):
    data = np.frombuffer(text.encode(), np.uint8)
    cuts = np.empty(len(data), np.int32)
    bounds = [0, *cuts[: split_uax29(data, 0, len(data), word_breaks(), cuts)].tolist()]
    return [data[start:stop].tobytes().decode() for start, stop in pairwise(bounds)]


@pytest.mark.parametrize(
    "words",
    [
        ["Can't", " ", "stop", ",", " ", "won't", "!"],
        ["3.14", " ", "1,000", ",", " ", "x86", ".", " ", "a.b", " ", "a", ",", "b"],
        ["snake_case", " ", "_", " ", "1_000", "-", "x"],
        ["中", "文", " ", "カタカナ", "の", "한국어"],
        ['צה"ל', " ", "א'", " ", "ab", '"', "cd"],
        ["\r\n", "\n", "\r", "\u0301", "a\u0301b"],
        ["  ", "a\u0301", "\u2028", " \u0301", "x"],
        ["🇫🇷", "🇩🇪", "🇺", "👩\u200d💻", "👍🏽"],
        ["12\u202f000", "\xa0", "km"],
        ["a:b", " ", "1", ":", "2", " ", "a", ":", ":", "b"],
    ],
)
def test_texts_are_split_as_the_rules_say(words):
    assert split("".join(words)) == uax29_words("".join(words)) == words


@settings(max_examples=400, deadline=None)
@given(texts)
def test_any_text_is_split_as_the_reference_does(text):
    assert split(text) == uax29_words(text)


def test_every_pair_of_classes_is_split_as_the_reference_does():
    for one in SAMPLES:
        for other in SAMPLES:
            for text in (f"{one}{other}", f"{one}\u0308{other}", f"a{one}{other}b", f"1{one}{other}1"):
                assert split(text) == uax29_words(text)


def test_the_table_agrees_with_what_unicode_says_of_its_characters():
    named = np.array(CLASSES)[word_breaks() & ~np.uint8(PICTOGRAPHIC)]
    for point in np.flatnonzero(named == "Numeric").tolist():
        assert unicodedata.category(chr(point)) in ("Nd", "No", "Cn", "Cf", "Po")
    for point in np.flatnonzero(named == "WSegSpace").tolist():
        assert unicodedata.category(chr(point)) == "Zs"
    assert {chr(point) for point in np.flatnonzero(named == "Regional_Indicator")} == set(
        map(chr, range(0x1F1E6, 0x1F200))
    )
    assert not set(named[ord("a") : ord("z") + 1]) - {"ALetter"}


def test_only_the_stretch_that_is_asked_for_is_looked_at():
    data = np.frombuffer(b"ab cd'ef", np.uint8)
    cuts = np.empty(len(data), np.int32)
    assert cuts[: split_uax29(data, 1, 6, word_breaks(), cuts)].tolist() == [2, 3, 5, 6]
    assert split_uax29(data, 4, 4, word_breaks(), cuts) == 0


@pytest.mark.parametrize("piece", ["a", "a.", "1,", "a:\u0301", "\u0301", "🇦", "\u200d☺", " ", "\r"])
def test_time_is_linear_in_the_length_of_a_text(piece):
    data = np.frombuffer((piece * (1_000_000 // len(piece.encode()))).encode(), np.uint8)
    cuts = np.empty(len(data), np.int32)
    split_uax29(data, 0, 100, word_breaks(), cuts)
    start = time.process_time()
    split_uax29(data, 0, len(data), word_breaks(), cuts)
    assert time.process_time() - start < 1.0


def test_real_texts_are_split_as_the_reference_does(test_data):
    found = sorted(
        {line for text in extracted_texts(test_data / "sample-crawl" / "crawl-data") for line in text.split("\n")}
    )[::17]
    assert len(found) > 500
    assert [line for line in found if split(line[:300]) != uax29_words(line[:300])] == []
