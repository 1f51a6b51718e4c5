"""English words are those of spaCy's tokenizer."""

import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.text import _english_tables as tables
from headwater.text.spacy_words import english, split_english
from tests.text.reference import english_words
from tests.texts import extracted_texts

PEER = [
    line
    for line in Path(__file__).with_name("spacy-words.txt").read_text("utf-8").split("\n\n", 1)[1].split("\n")
    if line and not line.startswith("## ")
]
PIECES = (
    *"aBéж中ب0159٣२.,-–—~:;!?<>=/+*^%$€£°²'’‘“\"()[]{}_#@&\\|…☺😀\u200b\u200d\ufe0f\u0301\x07\xad𠀀",
    "..", "--", "---", "——", "……", "US$", "C$", "A$", "km", "m/s", "кг", "'s", "’S", "n't", "'ll", "I'm", "don't",
    "a.m.", "Mr.", "e.g.", "ol'", "C++", "w/o", ":)", ":-(", "<3", "o.O", "-_-", "(._.)", "((*>", "cannot", "10am",
    "http://", "www.", ".com", "user@", "8.8.8.8", "192.168.", "1.2.", ":80", "/a-b", "?a:b", "AB", "word", "Word",
)  # fmt: skip
chunks = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.lists(st.sampled_from(sorted(tables.entries())), max_size=4).map("".join),
    st.lists(st.sampled_from((*sorted(tables.entries()), *PIECES)), max_size=5).map("-".join),
).map(lambda text: "".join(text.split()))


def split(text):
    data = np.frombuffer(text.encode(), np.uint8)
    cuts = np.empty(len(data), np.int32)
    bounds = [0, *cuts[: split_english(data, 0, len(data), english(), cuts)].tolist()]
    return [data[start:stop].tobytes().decode() for start, stop in pairwise(bounds)]


def test_chunks_are_split_as_spacy_split_them():
    wrong = [line for line in PEER if split(line.replace(" ", "")) != line.split(" ")]
    assert len(PEER) > 700
    assert wrong == []


def test_the_reference_splits_as_spacy_did():
    assert [line for line in PEER if english_words(line.replace(" ", "")) != line.split(" ")] == []


@settings(max_examples=400, deadline=None)
@given(chunks)
def test_any_chunk_is_split_as_the_reference_does(text):
    assert split(text) == english_words(text)


@pytest.mark.parametrize("word", ["don't", "Cannot", "I'd've", "10a.m.", "°C.", "C'mon"])
def test_words_with_rules_of_their_own_have_their_pieces(word):
    assert tuple(split(word)) == tables.entries()[word]
    assert split(f"({word})") == ["(", *tables.entries()[word], ")"]


def test_words_taken_out_of_the_list_are_whole():
    assert split("well") == ["well"]
    assert split("its") == ["its"]
    assert split("it's") == ["it", "'s"]


def test_only_the_stretch_that_is_asked_for_is_looked_at():
    data = np.frombuffer(b"x's(don't)'s", np.uint8)
    cuts = np.empty(len(data), np.int32)
    assert cuts[: split_english(data, 4, 9, english(), cuts)].tolist() == [6, 9]
    assert split_english(data, 4, 4, english(), cuts) == 0


def test_the_tables_of_characters_agree_with_each_other():
    table = tables.characters()
    assert not (table & (tables.LOWER | tables.UPPER))[table & tables.LETTER == 0].any()
    assert [chr(point) for point in np.flatnonzero(table & tables.SIGN)] == list("*+-^")
    assert (table[[ord(char) for char in "AZaz09\xa1\uffff"]] & tables.HOST).all()
    assert not (table[[ord(char) for char in "@:/?#.-_ \xa0\U00010000"]] & tables.HOST).any()


def test_the_table_tells_words_from_units():
    assert len(tables.entries()) == 1343
    assert max(len(word.encode()) for word in tables.entries()) <= tables.LONGEST
    assert max(len(unit.encode()) for unit in tables.units()) == tables.LONGEST_UNIT


@pytest.mark.parametrize(
    "piece",
    [")", ".", "..)", "'s", "5km", ":)", "a@", "a@b.", "-", "--a", "—a", "$5", "a.B", "…", "(._.)", "1.2.", "'", "<3a"],
)
def test_time_is_linear_in_the_length_of_a_hostile_chunk(piece):
    def seconds(size):
        data = np.frombuffer((piece * size).encode(), np.uint8)[:size]
        cuts = np.empty(size, np.int32)
        start = time.process_time()
        split_english(data, 0, size, english(), cuts)
        return time.process_time() - start

    seconds(1000)
    assert min(seconds(1_000_000) for _ in range(2)) < 1.0


@pytest.mark.usefixtures("test_data")
def test_real_texts_are_split_as_the_reference_does(test_data):
    texts = list(extracted_texts(test_data / "sample-crawl" / "crawl-data"))
    found = sorted({chunk for text in texts for chunk in text.split() if len(chunk) < 200})[::7]
    assert len(found) > 1000
    assert [chunk for chunk in found if split(chunk) != english_words(chunk)] == []
