"""Words of texts in any script, and which of a list are among them."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.text import stop_words

TEXTS = st.text(st.sampled_from("the of l'à国的我们กา่ ,…3") | st.characters(codec="utf-8"), max_size=40)
LISTS = st.lists(st.text(st.sampled_from("theofl'à国的我们กา่,"), min_size=1, max_size=4), max_size=8)


def words(*texts):
    return stop_words.words_of(pa.array(texts, pa.string())).to_pylist()


def different(text, *listed):
    return int(stop_words.different(pa.array([text]), listed)[0])


@pytest.mark.parametrize(("text", "expected"), [
    ("The end, of it.", ["The", "end", ",", "of", "it", "."]),
    ("我们的国家 is big", ["我们", "的", "国家", "is", "big"]),
    ("ประเทศไทย 2024", ["ประเทศ", "ไทย", "2024"]),
    ("", []),
])  # fmt: skip
def test_words_are_those_of_their_script(text, expected):
    assert words(text) == expected


def test_words_of_several_texts_follow_each_other():
    assert words("a b", None, "", "我们 c") == ["a", "b", "我们", "c"]


def test_different_words_of_the_list_are_counted_once():
    assert different("the cat and the dog and the end", "the", "and", "of") == 2


def test_case_counts():
    assert different("The", "the") == 0


def test_a_word_that_ends_in_an_apostrophe_is_met_at_the_beginning_of_another():
    assert different("l'homme d’or", "l'", "d’", "homme") == 2


def test_a_listed_word_with_white_space_is_never_met():
    assert different("a b", "a b", "a") == 1


def test_a_null_has_no_words():
    assert stop_words.different(pa.array([None, "the"], pa.string()), ["the"]).tolist() == [0, 1]


@settings(deadline=None)
@given(texts=st.lists(TEXTS, max_size=3), listed=LISTS)
def test_the_kernel_counts_as_sets_do(texts, listed):
    plain = [word for word in listed if not word.endswith("'")]
    found = stop_words.different(pa.array(texts, pa.string()), plain)
    assert found.tolist() == [len(set(plain) & set(words(text))) for text in texts]


@settings(deadline=None)
@given(text=TEXTS)
def test_words_are_in_the_text_in_order(text):
    place = 0
    for word in words(text):
        place = text.index(word, place) + len(word)
