"""The table of cases and digits says of each character what Unicode 14 says."""

import unicodedata

import pytest

from headwater.text.cases import DECIMAL, DIGIT, UPPER, WHITE, WORD, lower, traits

NEWER = unicodedata.unidata_version != "14.0.0"
POINTS = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
TESTS = {
    WHITE: str.isspace,
    UPPER: str.isupper,
    DIGIT: str.isdigit,
    DECIMAL: str.isdecimal,
    WORD: lambda char: char.isalnum() or char == "_",
}


@pytest.mark.parametrize("bit", TESTS)
def test_each_character_has_the_traits_that_python_gives_it(bit):
    table, test = traits(), TESTS[bit]
    differ = [point for point in POINTS if bool(table[point] & bit) != test(chr(point))]
    assert [point for point in differ if not (NEWER and table[point] == 0)] == []


def test_the_lower_case_of_a_character_is_pythons_where_that_is_one_character():
    table = lower()
    same = {point: chr(point).lower() for point in POINTS}
    differ = [point for point in POINTS if table[point] != (ord(same[point]) if len(same[point]) == 1 else point)]
    assert [point for point in differ if not (NEWER and table[point] == point)] == []


def test_the_tables_cannot_be_written():
    for table in (traits(), lower()):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 1
