"""Texts less what deduplication removed."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from headwater.lake.storage import Storage
from headwater.lake.tables import EDIT
from headwater.remaining import cut, edits_of, remaining, teach


def edit(step: int, start: int, stop: int) -> dict[str, object]:
    return {"step": step, "rule": "lines.repeated_lines", "start": start, "stop": stop, "put": 0}


def rows(*lists: list[dict[str, object]] | None) -> pa.Array:
    return pa.array(list(lists), pa.list_(EDIT))


def test_a_later_steps_places_are_in_what_the_earlier_step_left() -> None:
    assert cut("one two three", [edit(0, 0, 4), edit(1, 0, 4)]) == "three"


def test_texts_without_edits_are_given_back_as_they_are() -> None:
    texts = pa.array(["a", None, "b"])
    assert remaining(texts, rows(None, [], None)) is texts


def test_a_missing_text_stays_missing() -> None:
    assert remaining(pa.array([None, "äb"]), rows([edit(0, 0, 1)], [edit(0, 0, 1)])).to_pylist() == [None, "b"]


def test_a_file_of_a_version_that_removed_nothing_has_no_edits(tmp_path: Path) -> None:
    pq.write_table(pa.table({"doc_id": ["a"], "outcome": ["kept"]}), tmp_path / "old.parquet")
    assert edits_of(Storage(str(tmp_path), {}), "old.parquet").num_rows == 0


@given(st.text(max_size=20), st.lists(st.booleans(), min_size=20, max_size=20))
def test_what_is_not_in_a_stretch_is_left_in_order(text: str, gone: list[bool]) -> None:
    edits = [edit(0, place, place + 1) for place in range(len(text)) if gone[place]]
    kept = "".join(char for char, out in zip(text, gone, strict=False) if not out)
    assert remaining(pa.array([text]), rows(edits or None)).to_pylist() == [kept]


def test_sql_gives_what_the_library_gives() -> None:
    texts, edits = pa.array(["häus und hof", None, "b", "ab"]), rows([edit(0, 0, 2)], [edit(0, 0, 1)], None, [])
    with duckdb.connect() as db:
        teach(db)
        db.register("t", pa.table({"text": texts, "edits": edits}))
        found = [text for (text,) in db.execute("select remaining(text, edits) from t").fetchall()]
    assert found == remaining(texts, edits).to_pylist() == ["us und hof", None, "b", "ab"]
