"""Words between white space, as str.split and as DCLM count them."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.signals.dclm_words import dclm_words
from headwater.text.split import fasttext_words, split_words
from tests.signals import reference
from tests.texts import extracted_texts

PIECES = tuple("aé1-…中\U0001d504 \n\t\x0b\x1c\x85\u00a0\u3000\0")
TEXTS = st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def as_dclm(text):
    return sum(token[:1].isalnum() for token in reference.fasttext_tokens(text))


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, max_size=4))
def test_words_are_counted_as_plain_python_does(texts):
    assert split_words(pa.array(texts, pa.string())).tolist() == [len(text.split()) for text in texts]
    assert fasttext_words(pa.array(texts, pa.string())).tolist() == [as_dclm(text) for text in texts]


def test_words_of_pages_are_those_of_the_signal(sample):
    texts = list(extracted_texts(sample))
    found = fasttext_words(pa.array(texts)).tolist()
    assert found == [as_dclm(text) for text in texts] == dclm_words(pa.array(texts))["dclm_words"].tolist()


@pytest.mark.parametrize("count", [split_words, fasttext_words])
def test_a_null_has_no_words_and_a_slice_those_of_its_texts(count):
    texts = pa.array(["not here", "a b", None, "", "c"]).slice(1)
    assert count(texts).tolist() == [2, 0, 0, 1]
    assert count(texts.slice(4)).tolist() == []
