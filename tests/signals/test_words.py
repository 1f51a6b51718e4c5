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
        ("Don't stop.", ["Do", "n't", "stop", "."]),
        ("U.S. 3.14 1,000, snake_case.", ["U.S.", "3.14", "1,000", ",", "snake_case", "."]),
        ("well-known/see (a,b) x--y", ["well", "-", "known", "/", "see", "(", "a", ",", "b", ")", "x", "--", "y"]),
        ("https://example.com/a-b, 10km", ["https://example.com/a-b", ",", "10", "km"]),
        ("wait... :-) “so”", ["wait", "...", ":-)", "“", "so", "”"]),
        ("中文の カタカナ", ["中文", "の", "カタカナ"]),
        ("สวัสดี", ["สวัสดี"]),
        ("(中文x1)。", ["(", "中文", "x1", ")", "。"]),
        ("10\u202f000\u00a0m", ["10", "000", "m"]),
    ],
)
def test_texts_are_split_as_spacy_splits_english_but_for_scripts_without_spaces(text, tokens):
    assert reference.tokens(text) == tokens
    assert measured(text)["words"] == len(tokens)


def test_symbols_are_words_but_not_symbol_free():
    got = measured("Yes, 42 !")
    assert (got["words"], got["symbol_free_words"], got["mean_word_chars"]) == (4, 2, 2.5)
    assert got["alpha_word_ratio"] == 0.25


def test_symbols_are_the_characters_that_datatrove_lists():
    assert measured("# ... • → ~ § ؟")["symbol_free_words"] == 3  # • → §


def test_hash_signs_and_ellipses_are_counted_in_the_text_and_divided_by_its_words():
    got = measured("## one … two ....... x")
    assert got["words"] == 7
    assert (got["hash_ratio"], got["ellipsis_ratio"]) == (2 / 7, 3 / 7)


def test_stop_words_are_words_in_lower_case():
    got = measured("The the, (the) of OF\u00a0and")
    assert got["stop_words"] == 4  # the the of and
    assert got["stop_word_kinds"] == 3
