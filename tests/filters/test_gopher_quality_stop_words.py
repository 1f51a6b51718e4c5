"""Stop words of a language other than English, counted in the text."""

import numpy as np
import pyarrow as pa

from headwater.filters.gopher_quality import gopher_quality

NUMBERS = {
    "symbol_free_words": 60, "mean_word_chars": 5, "hash_ratio": 0, "ellipsis_ratio": 0, "bullet_line_ratio": 0,
    "ellipsis_line_ratio": 0, "alpha_word_ratio": 1, "stop_word_kinds": 9,
}  # fmt: skip


def stop_words(texts, **options):
    columns = {name: np.full(len(texts), float(value)) for name, value in NUMBERS.items()}
    found = gopher_quality({**columns, "text": pa.array(texts, pa.string())}, **options)
    return next(finding for finding in found if finding.rule == "min_stop_words")


def test_stop_words_of_a_language_take_the_place_of_the_english_ones():
    texts = ["le chat et la souris", "the cat and the mouse", None]
    found = stop_words(texts, stop_words=("le", "la", "et"))
    assert found.value.tolist() == [3, 0, 0]
    assert found.broken.tolist() == [False, True, True]


def test_stop_words_are_found_where_there_are_no_spaces():
    assert stop_words(["我们的国家是大的"], stop_words=("的", "是", "了")).value.tolist() == [2]


def test_without_a_list_the_signal_counts():
    assert stop_words(["le chat"]).value.tolist() == [9]


def test_without_a_minimum_nothing_is_counted():
    columns = {name: np.zeros(1) for name in NUMBERS}
    assert "min_stop_words" not in {f.rule for f in gopher_quality(columns, stop_words=("a",), min_stop_words=None)}


def test_no_texts_have_no_stop_words():
    assert stop_words([], stop_words=("a",)).value.tolist() == []
