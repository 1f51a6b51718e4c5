"""Whatever a page says, the UI shows it as text in one cell."""

import re

from hypothesis import given
from hypothesis import strategies as st

from orchestration.markdown import MAX_CHARS, escape, table

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "a | b\n| --- | --- |\n\n# big",
    "```\ncode\n```",
    "\u202egnp.exe\u202c \u2066hidden\u2069 \x1b[31mred\x00",
    "&lt;b&gt; &#60;",
)


def test_no_markup_survives():
    for text in HOSTILE:
        assert not re.search(r"[<>|`\[\]\n\r\x00-\x1f\u202a-\u202e\u2066-\u2069]", escape(text)), text


def test_bare_addresses_do_not_become_links():
    shown = escape("https://evil.example and www.evil.example and a@evil.example")
    assert "://" not in shown
    assert "www." not in shown
    assert "&#64;evil" not in shown


def test_plain_words_stay_as_they_are():
    assert escape("Grüße, 世界 42") == "Grüße, 世界 42"


def test_long_text_is_cut():
    assert escape("x" * 10_000) == "x" * MAX_CHARS + "…"


def test_nothing_is_an_empty_cell():
    assert table(["a", "b"], [[None, 0]]) == "| a | b |\n| --- | --- |\n|  | 0 |"


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), max_size=5))
def test_a_table_has_the_rows_and_cells_it_was_given(rows):
    lines = table(["a", "b", "c"], rows).splitlines()
    assert len(lines) == 2 + len(rows)
    assert {line.count("|") for line in lines} == {4}
