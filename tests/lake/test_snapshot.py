"""A snapshot finds the files and rows that a scan would find."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.lake.snapshot import Snapshot, find, text
from headwater.lake.storage import Storage
from headwater.lake.tables import TABLES
from tests import chain

KEYS = st.lists(st.text("abc", min_size=1, max_size=2), min_size=1, max_size=30)


@given(KEYS, st.text("abcd", min_size=1, max_size=2), st.integers(1, 9))
def test_find_gives_the_rows_that_a_filter_gives(tmp_path_factory, keys, wanted, group):
    folder = tmp_path_factory.getbasetemp()
    whole = pa.table({"key": pa.array(keys), "number": pa.array(range(len(keys)))})
    pq.write_table(whole, folder / "rows.parquet", row_group_size=group)
    expected = whole.filter(pc.equal(whole.column("key"), wanted)).to_pylist()
    assert find(Storage(str(folder)), "rows.parquet", "key", wanted) == expected


def test_a_column_that_a_file_lacks_is_null(tmp_path):
    pq.write_table(pa.table({"key": ["a"]}), tmp_path / "rows.parquet")
    assert find(Storage(str(tmp_path)), "rows.parquet", "key", "a", ["key", "more"]) == [{"key": "a", "more": None}]


def test_a_time_is_the_one_that_arrow_gives(tiny_lake):
    row = chain.rows(tiny_lake, "raw")[0]
    file = next(f for f in tiny_lake.lake.files("raw") if f.shard == row["shard"])
    (found,) = find(tiny_lake.lake.storage, file.name, "doc_id", row["doc_id"], ["fetched_at"])
    assert found["fetched_at"] == row["fetched_at"]


@given(st.text())
def test_a_string_is_itself_in_arrow(value):
    assert text(value).as_py() == value


@pytest.mark.parametrize("name", TABLES)
def test_files_and_versions_are_those_of_the_lake(tiny_lake, name):
    look = Snapshot(tiny_lake.lake)
    assert look.files(name) == tiny_lake.lake.files(name)
    for partition in tiny_lake.lake.partitions(name):
        assert look.files(name, **partition) == tiny_lake.lake.files(name, partition)
        assert look.version(name, partition) == tiny_lake.lake.published(name, partition).version


def test_files_of_a_shard_are_those_of_that_shard_alone(tiny_lake):
    look, live = Snapshot(tiny_lake.lake), tiny_lake.lake.files("mixed")
    assert [f.name for file in live for f in look.files("mixed", file.shard)] == [f.name for f in live]
    assert look.files("mixed", live[0].shard[:-1]) == []


def test_files_that_can_hold_a_key_hold_it(tiny_lake):
    look = Snapshot(tiny_lake.lake)
    for row in chain.rows(tiny_lake, "document_index", kind="url")[::25]:
        held = look.holding("document_index", "key", row["key"], kind="url")
        assert any(find(look.storage, f.name, "key", row["key"]) for f in held)


def test_an_earlier_version_has_its_own_files(copied):
    chain.change(copied, "tiny", mix={"group_by": "language", "held_out": 0.1})
    with chain.opened(copied) as project:
        before = project.lake.files("mixed")
        chain.run(project, to="mixed")
        look = Snapshot(project.lake)
        assert look.files("mixed", version=1) == before
        assert look.files("mixed") == project.lake.files("mixed") != before
