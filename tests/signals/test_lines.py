"""What a line and a paragraph are, and which are copies."""

import pyarrow as pa

from headwater.signals.lines import lines


def measured(text):
    return {column: values[0] for column, values in lines(pa.array([text])).items()}


def test_a_second_copy_of_a_line_counts_and_the_first_does_not():
    got = measured("same\nsame\nother")
    assert got["duplicate_line_ratio"] == 1 / 3
    assert got["duplicate_line_char_ratio"] == 4 / 15


def test_lines_that_differ_in_white_space_are_not_copies():
    assert measured("same\nsame \nother")["duplicate_line_ratio"] == 0


def test_a_copied_paragraph_may_hold_several_lines():
    got = measured("a\nb\n\na\nb\n\n\nc")
    assert (got["paragraphs"], got["duplicate_paragraph_ratio"]) == (3, 1 / 3)
    assert got["duplicate_paragraph_char_ratio"] == 3 / 12


def test_characters_are_code_points():
    assert measured("中中\n中中")["duplicate_line_char_ratio"] == 2 / 5


def test_bullets_and_ellipses_are_found_beside_white_space():
    got = measured(" • a\n\t- b \nc... \nd…\n\ne - f ..")
    assert (got["lines"], got["bullet_line_ratio"], got["ellipsis_line_ratio"]) == (6, 2 / 6, 2 / 6)


def test_lines_end_wherever_python_ends_them():
    assert measured("a\r\nb\rc\x0bd\x0ce\x1cf\x85g\u2028h\u2029i\n")["lines"] == 9
