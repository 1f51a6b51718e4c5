"""An overlay reads the lake and writes beside it."""

import pickle

import pytest

from headwater.lake.overlay import Overlay
from headwater.lake.storage import Storage


@pytest.fixture
def pair(tmp_path):
    lake = Storage(str(tmp_path / "lake"))
    lake.write("t/a", b"one")
    return lake, Overlay(lake.root, {}, str(tmp_path / "mine"))


def test_what_is_in_the_lake_is_read(pair):
    lake, over = pair
    with over.open("t/a") as file:
        assert file.read() == b"one"
    assert (over.read("t/a"), over.size("t/a"), over.exists("t/a")) == (b"one", 3, True)
    assert over.uri("t/a") == lake.uri("t/a")


def test_what_is_written_is_not_in_the_lake_and_hides_what_it_replaces(pair):
    lake, over = pair
    over.write("t/a", b"other")
    over.write("t/b", b"new")
    assert (over.read("t/a"), over.size("t/a"), lake.read("t/a")) == (b"other", 5, b"one")
    assert not lake.exists("t/b")
    assert over.names("t") == ["a", "b"]
    assert over.claim("t/c", b"") is True
    assert over.claim("t/c", b"") is False


def test_what_is_removed_goes_here_only(pair):
    lake, over = pair
    over.write("t/b", b"new")
    over.remove("t")
    over.remove("gone")
    assert over.names("t") == []
    assert lake.read("t/a") == over.read("t/a") == b"one"


def test_locks_and_sweeps_touch_nothing(pair, tmp_path):
    _, over = pair
    with over.lock("_locks/x"), over.lock("_locks/x"):
        over.sweep("t")
    assert sorted(p.name for p in (tmp_path / "lake").rglob("*")) == ["a", "t"]


def test_a_worker_gets_it_whole(pair):
    _, over = pair
    over.write("t/b", b"new")
    assert pickle.loads(pickle.dumps(over)).read("t/b") == b"new"
