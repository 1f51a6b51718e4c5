"""How repeated n-grams are counted, and that hostile texts take linear time."""

import time

import numpy as np
import pyarrow as pa
import pytest

from headwater import registry
from headwater.signals.words import words

WORD_RUN = ("word " * 10_000_000).encode()
LONG_LINE = b"x" * 50_000_000


def measured(text):
    return {column: values[0] for column, values in words(pa.array([text])).items()}


def test_the_most_frequent_n_gram_is_joined_by_spaces_and_counted():
    text = "a b c a b d a b"
    assert measured(text)["top_2_gram_char_ratio"] == 3 * 3 / len(text)


def test_of_equally_frequent_n_grams_the_first_is_taken():
    text = "aaa bbb c aaa bbb d e f e f"
    assert measured(text)["top_2_gram_char_ratio"] == 7 * 2 / len(text)


def test_an_n_gram_that_occurs_once_counts():
    assert measured("one two three")["top_2_gram_char_ratio"] == 7 / 13


def test_a_text_shorter_than_the_n_gram_scores_0():
    assert measured("one two")["top_3_gram_char_ratio"] == 0


def test_a_repeated_n_gram_counts_without_spaces_and_is_jumped_over():
    text = "a b c d e a b c d e"
    got = measured(text)
    assert got["duplicate_5_gram_char_ratio"] == 5 / len(text)
    assert got["duplicate_6_gram_char_ratio"] == 0


def test_overlapping_repeats_count_once():
    text = "x " * 9
    assert measured(text)["duplicate_5_gram_char_ratio"] == 5 / len(text)


def test_long_n_grams_are_equal_when_their_words_glued_together_are():
    text = "ab c d e f a bc d e f"
    assert measured(text)["duplicate_5_gram_char_ratio"] == 6 / len(text)
    assert measured("abcdefgh ijklmnop q r s t u abcdefg hijklmnop q r s t u")["duplicate_7_gram_char_ratio"] > 0


def test_short_n_grams_are_equal_only_word_by_word():
    assert measured("ab c a bc")["top_2_gram_char_ratio"] == 4 / 9


HUGE = {
    "one word 10 million times": WORD_RUN,
    "one line of 50 MB": LONG_LINE,
    "10 million signs without a space": b"!?" * 5_000_000,
    "5 million different words": " ".join(map(str, range(5_000_000))).encode(),
    "Chinese without a space": "中文字".encode() * 2_000_000,
}


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE)
def test_a_huge_text_takes_linear_time(content):
    batch = pa.array([content], pa.binary()).cast(pa.string())
    start = time.process_time()
    for name, signal in registry.discover("signals").items():
        if registry.reads(name) == ("text",):
            assert all(np.isfinite(v).all() for v in signal(batch).values())
    assert time.process_time() - start < 60


def test_a_million_distinct_short_lines_take_linear_time():
    batch = pa.array(["\n".join(map(str, range(1_000_000)))])
    start = time.process_time()
    got = registry.step("signals", "lines")(batch) | words(batch)
    assert time.process_time() - start < 30
    assert got["lines"][0] == 1_000_000
    assert got["duplicate_line_ratio"][0] == 0
