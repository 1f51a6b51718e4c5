"""The digest of rows is one of their values and order, and of nothing else."""

import math
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.lake.digest import RowDigest, of_batches

SCHEMA = pa.schema([
    ("text", pa.string()), ("number", pa.float64()), ("count", pa.int32()), ("yes", pa.bool_()),
    ("tokens", pa.list_(pa.int32())), ("curve", pa.list_(pa.float64())), ("at", pa.timestamp("us", tz="UTC")),
])  # fmt: skip
ROW = st.fixed_dictionaries({
    "text": st.none() | st.text(max_size=5),
    "number": st.none() | st.floats(width=64),
    "count": st.none() | st.integers(-(2**31), 2**31 - 1),
    "yes": st.none() | st.booleans(),
    "tokens": st.none() | st.lists(st.none() | st.integers(0, 9), max_size=3),
    "curve": st.none() | st.lists(st.floats(), max_size=2),
    "at": st.none() | st.integers(0, 2**50),
})  # fmt: skip


def whole(rows):
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def digest(*batches):
    return of_batches(SCHEMA, batches)[0]


@given(st.lists(ROW, max_size=12), st.lists(st.integers(0, 12), max_size=4))
def test_where_a_stream_is_cut_changes_nothing(rows, cuts):
    batch = whole(rows)
    edges = sorted({0, len(rows), *(c for c in cuts if c <= len(rows))})
    parts = [batch.slice(a, b - a) for a, b in pairwise(edges)]
    assert digest(*parts) == digest(batch)


@given(st.lists(ROW, min_size=1, max_size=6), st.data())
def test_the_digest_of_a_slice_is_that_of_its_rows_alone(rows, data):
    start = data.draw(st.integers(0, len(rows)))
    assert digest(whole(rows).slice(start)) == digest(whole(rows[start:]))


ONE = {"text": "a", "number": 1.0, "count": 1, "yes": True, "tokens": [1, 2], "curve": [0.5], "at": 5}


@pytest.mark.parametrize(("column", "other"), [
    ("text", "b"), ("text", None), ("text", ""), ("number", math.nan), ("number", None), ("number", 0.0),
    ("count", 0), ("count", None), ("yes", False), ("yes", None), ("tokens", []), ("tokens", None), ("tokens", [1]),
    ("tokens", [2, 1]), ("tokens", [1, None]), ("curve", [math.nan]), ("at", 6), ("at", None),
])  # fmt: skip
def test_another_value_gives_another_digest(column, other):
    assert digest(whole([{**ONE, column: other}])) != digest(whole([ONE]))


@pytest.mark.parametrize(("column", "empty"), [
    ("text", ""), ("number", 0.0), ("count", 0), ("yes", False), ("tokens", []), ("curve", []), ("at", 0),
])  # fmt: skip
def test_a_null_is_not_the_empty_value(column, empty):
    assert digest(whole([{**ONE, column: empty}])) != digest(whole([{**ONE, column: None}]))


def test_text_does_not_move_between_rows():
    assert digest(whole([{"text": "ab"}, {"text": "c"}])) != digest(whole([{"text": "a"}, {"text": "bc"}]))


def test_values_do_not_move_between_lists():
    assert digest(whole([{"tokens": [1, 2]}, {"tokens": [3]}])) != digest(whole([{"tokens": [1]}, {"tokens": [2, 3]}]))


def test_order_counts():
    assert digest(whole([ONE, {}])) != digest(whole([{}, ONE]))


def test_a_nan_is_the_same_value_each_time():
    row = {**ONE, "number": math.nan}
    assert digest(whole([row, row])) == digest(whole([row]), whole([row]))


def test_no_rows_have_a_digest_of_their_schema():
    other = pa.schema([("text", pa.string())])
    assert digest() == digest(whole([]))
    assert RowDigest(other).hexdigest() != RowDigest(SCHEMA).hexdigest()
