"""What a word is."""

import unicodedata

import pyarrow as pa
import pytest

from headwater.signals.words import words
from headwater.text.unicode import KINDS, SYMBOL, kinds
from tests.signals import reference


def measured(text):
    return {column: values[0] for column, values in words(pa.array([text])).items()}


def test_the_table_of_kinds_is_what_unicode_says():
    table = kinds()
    wrong = [
        point
        for point in range(0x110000)
        if KINDS[table[point]] != reference.kind(chr(point))
        # A newer Python knows characters that were unassigned, and so symbols, in Unicode 14.
        and not (unicodedata.unidata_version != "14.0.0" and table[point] == SYMBOL)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't stop", ["Don't", "stop"]),
        ("U.S. 3.14 1,000, snake_case.", ["U.S", ".", "3.14", "1,000", ",", "snake_case", "."]),
        ("a,b 1,b a,1", ["a", ",", "b", "1", ",", "b", "a", ",", "1"]),
        ("well-known/see -x x--y", ["well-known", "/", "see", "-", "x", "x", "--", "y"]),
        ("10:30 31/12/2024 2–3 a:b", ["10:30", "31/12/2024", "2–3", "a", ":", "b"]),
        ("wait... ===!!", ["wait", "...", "===", "!!"]),
        ("中文の カタカナ", ["中", "文", "の", "カタカナ"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("cafe\u0301 한국어", ["cafe\u0301", "한국어"]),
        ("👩\u200d💻 x\u200by", ["👩\u200d", "💻", "x", "y"]),
    ],
)
def test_texts_are_split_by_the_documented_rule(text, tokens):
    assert reference.tokens(text) == tokens
    assert measured(text)["words"] == len(tokens)


def test_symbols_are_words_but_not_symbol_free():
    got = measured("Yes, 42 !")
    assert (got["words"], got["symbol_free_words"], got["mean_word_chars"]) == (4, 2, 2.5)
    assert got["alpha_word_ratio"] == 0.25


def test_hash_signs_and_ellipses_are_counted_per_word():
    got = measured("## one … two ....... x")
    assert (got["hash_ratio"], got["ellipsis_ratio"]) == (2 / 6, 3 / 6)


def test_stop_words_count_as_dclm_and_as_datatrove_do():
    got = measured("The the, (the) of OF\u00a0and")
    assert got["stop_words"] == 4  # The of OF and: alone between white space, in any case
    assert got["stop_word_kinds"] == 3  # the of and: in lower case, punctuation aside
