"""The audit log: every version is entered once, and no entry can be changed, dropped or put in between unseen."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from headwater.errors import BrokenLake
from headwater.lake import journal
from headwater.lake.storage import Storage, temporary_name
from headwater.lake.store import Lake
from tests.lake.commits import commit, drafted


def rewritten(project, change):
    """The newest entry's file, with its rows changed as a forger would."""
    names = [f.name for f in project.lake.files(journal.TABLE)]
    file = Path(project.lake.storage.uri(sorted(names)[3]))
    whole = pq.read_table(file)
    pq.write_table(pa.Table.from_pylist([change(dict(row)) for row in whole.to_pylist()], whole.schema), file)


def test_every_version_of_every_table_is_entered_once(tiny_lake):
    entered = [(e.table, e.version) for e in journal.entries(tiny_lake.lake)]
    there = {(name, c.version) for name in journal.TABLES if name != journal.TABLE for c in tiny_lake.lake.log(name)}
    assert len(entered) == len(set(entered))
    assert set(entered) == there
    assert list(journal.breaks(tiny_lake.lake)) == []


def test_an_entry_holds_the_lineage_record_of_its_version(tiny_lake):
    for entry in journal.entries(tiny_lake.lake):
        said = next(c for c in tiny_lake.lake.log(entry.table) if c.version == entry.version).provenance
        assert entry.record == said.to_json()


@pytest.mark.parametrize(("column", "value"), [
    ("record", "{}"), ("version", 77), ("event", "takedown"), ("table", "mixed"), ("heads", "{}"),
])  # fmt: skip
def test_an_entry_that_was_changed_is_found(copy, column, value):
    rewritten(copy, lambda row: {**row, column: value})
    assert any("was changed" in what for what in journal.breaks(copy.lake))


def test_an_entry_that_was_changed_with_its_hash_is_found_by_the_next_one(copy):
    def forge(row):
        row["record"] = "{}"
        return {**row, "hash": journal.digest(row)}

    rewritten(copy, forge)
    assert any("does not follow" in what for what in journal.breaks(copy.lake))


def test_a_version_that_is_not_entered_is_found_and_entered_by_the_next_commit(copy):
    crawl = copy.crawls()[0]
    rows = pa.table({"crawl": [crawl], "shard": ["x"]})
    write_deltalake(copy.lake.storage.uri("sources"), rows, mode="append", schema_mode="merge")
    assert any("is not in the audit log" in what for what in journal.breaks(copy.lake))
    assert journal.record(copy.lake) == 1
    assert list(journal.breaks(copy.lake)) == []
    assert journal.entries(copy.lake)[-1].event == "foreign"


def test_a_log_that_says_less_than_was_entered_is_found(copy):
    log = Path(copy.lake.storage.uri("mixed/_delta_log"))
    newest = max(log.glob("*.json"))
    newest.unlink()
    assert any("not in the table's log" in what for what in journal.breaks(copy.lake))


def test_commits_of_several_threads_are_entered_in_one_chain(tmp_path):
    lake = Lake(Storage(str(tmp_path / "lake")))
    places = [{"recipe": "r", "crawl": f"C{number}"} for number in range(6)]

    def work(place):
        commit(lake, drafted(lake, "k" * 16, ["a"], place=place))

    threads = [threading.Thread(target=work, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(journal.breaks(lake)) == []
    assert sorted(e.version for e in journal.entries(lake)) == list(range(7))


def test_an_entry_that_a_killed_run_was_writing_is_swept_by_the_next(lake):
    commit(lake, drafted(lake, "a" * 16, ["1"]))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    name = temporary_name("entry").replace(f".{os.getpid()}.", f".{ended.pid}.")
    left = Path(lake.storage.uri(f"{journal.TABLE}/{name}"))
    left.write_bytes(b"")
    commit(lake, drafted(lake, "b" * 16, ["2"]))
    assert not left.exists()


def test_the_head_changes_with_every_commit(tmp_path):
    lake = Lake(Storage(str(tmp_path / "lake")))
    heads = [journal.head(lake)]
    for number in range(3):
        commit(lake, drafted(lake, f"{number}" * 16, ["a"], place={"recipe": "r", "crawl": f"C{number}"}))
        heads.append(journal.head(lake))
    assert heads[0] == journal.START
    assert len(set(heads)) == 4
    assert json.loads(journal.entries(lake)[-1].heads) == {"minhash_index": 3}


@pytest.mark.parametrize("harm", [lambda f: f.write_bytes(b"x" * 100), Path.unlink])
def test_nothing_is_entered_after_an_entry_that_cannot_be_read(tmp_path, harm):
    lake = Lake(Storage(str(tmp_path / "lake")))
    commit(lake, drafted(lake, "k" * 16, ["a"], place={"recipe": "r", "crawl": "C"}))
    newest = max(f.name for f in lake.files(journal.TABLE))
    harm(Path(lake.storage.uri(newest)))
    for ask in (journal.head, journal.record):
        with pytest.raises(BrokenLake, match=f"newest entry of the audit log cannot be read from {newest}.*put that"):
            ask(lake)
    assert any(newest in what for what in journal.breaks(lake))


def test_a_log_that_cannot_be_read_does_not_hide_what_is_wrong_with_another(copy):
    lake = Path(copy.lake.storage.root)
    (lake / "raw" / "_delta_log" / f"{1:020d}.json").unlink()
    max((lake / "mixed" / "_delta_log").glob("*.json")).unlink()
    found = list(journal.breaks(copy.lake))
    assert any(what.startswith("the log of raw cannot be compared") for what in found)
    assert any("not in the table's log" in what for what in found)
