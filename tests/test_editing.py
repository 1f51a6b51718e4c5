"""A splice, its record and the check of what an editor found."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import editing
from headwater.document import Edits
from headwater.errors import BrokenContract

PUTS = ("", "<É>", "long enough")


def edits(*rows, rules=("one", "two"), puts=PUTS):
    """Rows of text, start, stop, rule, put."""
    columns = np.array(rows, np.int64).reshape(len(rows), 5).T
    return Edits(*columns, rules, puts)


def in_bytes(texts, rows):
    """The same rows with bytes for characters."""
    return [(t, len(texts[t][:a].encode()), len(texts[t][:b].encode()), r, p) for t, a, b, r, p in rows]


@st.composite
def edited_texts(draw):
    texts = draw(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=5))
    rows = []
    for place, text in enumerate(texts):
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6))) if text else []
        for start, stop in zip(cuts[::2], cuts[1::2], strict=False):
            rows.append((place, start, stop, draw(st.integers(0, 1)), draw(st.integers(-1, 2))))
    return texts, rows


def spliced(text, rows):
    for _, start, stop, _, put in reversed(rows):
        text = text[:start] + (PUTS[put] if put >= 0 else "") + text[stop:]
    return text


@settings(deadline=None)
@given(edited_texts(), st.sampled_from([pa.string(), pa.large_string()]))
def test_a_splice_replaces_each_stretch_and_nothing_else(drawn, kind):
    texts, rows = drawn
    batch, found = pa.array(texts, kind), edits(*in_bytes(texts, rows))
    editing.check(batch, found, "e")
    got = editing.splice(batch, found)
    assert got.type == kind
    got.validate(full=True)
    own = [[row for row in rows if row[0] == place] for place in range(len(texts))]
    assert got.to_pylist() == [text and spliced(text, some) for text, some in zip(texts, own, strict=True)]


@settings(deadline=None)
@given(edited_texts())
def test_the_record_is_in_characters_of_the_text_given_and_names_editor_and_rule(drawn):
    texts, rows = drawn
    got = editing.as_rows(pa.array(texts, pa.string()), edits(*in_bytes(texts, rows)), "ed", 3).to_pylist()
    for place, said in enumerate(got):
        assert said == [
            {"step": 3, "rule": f"ed.{('one', 'two')[r]}", "start": a, "stop": b, "put": len(PUTS[p]) if p >= 0 else 0}
            for t, a, b, r, p in rows
            if t == place
        ]


def test_a_part_of_an_array_is_spliced_as_that_part():
    batch = pa.array(["zzz", "abc", None, "é!"]).slice(1)
    found = edits((0, 0, 1, 0, 1), (2, 2, 3, 1, -1))
    assert editing.splice(batch, found).to_pylist() == ["<É>bc", None, "é"]
    assert [len(said) for said in editing.as_rows(batch, found, "e").to_pylist()] == [1, 0, 1]


def test_without_edits_the_texts_are_not_copied():
    batch = pa.array(["a", None])
    assert editing.splice(batch, edits()) is batch


BROKEN = {
    "is of a text that is not there": [(3, 0, 1, 0, -1)],
    "is not after the one before it": [(0, 0, 2, 0, -1), (0, 1, 3, 0, -1)],
    "is empty or leaves its text": [(0, 1, 1, 0, -1)],
    "cuts a character in two": [(2, 0, 1, 0, -1)],
    "has a rule that is not in `rules`": [(0, 0, 1, 2, -1)],
    "puts what is not in `puts`": [(0, 0, 1, 0, 3)],
}


@pytest.mark.parametrize("why", BROKEN)
def test_an_editor_that_breaks_its_contract_is_named_with_what_it_did(why):
    with pytest.raises(BrokenContract, match=f"editor 'bad': edit .*{why}"):
        editing.check(pa.array(["abc", None, "é"]), edits(*BROKEN[why]), "bad")


@pytest.mark.parametrize(
    "rows", [[(1, 0, 1, 0, -1)], [(0, 0, 4, 0, -1)], [(2, 1, 2, 0, -1)], [(2, 0, 2, 0, -1), (0, 0, 1, 0, -1)]], ids=str
)
def test_null_texts_ends_and_order_are_looked_at_too(rows):
    with pytest.raises(BrokenContract):
        editing.check(pa.array(["abc", None, "é"]), edits(*rows), "bad")


def test_columns_of_another_type_or_length_are_refused():
    good = edits((0, 0, 1, 0, -1))
    short = Edits(good.text, good.start[:0], good.stop, good.rule, good.put, good.rules)
    small = Edits(good.text, good.start.astype(np.int32), good.stop, good.rule, good.put, good.rules)
    for wrong in (short, small):
        with pytest.raises(BrokenContract, match="five int64 arrays of one length"):
            editing.check(pa.array(["abc"]), wrong, "bad")
