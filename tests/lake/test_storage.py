"""A file appears whole or not at all."""

import os
import subprocess
import sys

import pytest

from headwater.lake.storage import Storage, temporary_name


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path))


def write_half(storage, name):
    with storage.create(name) as file:
        file.write(b"half")
        raise RuntimeError


def test_a_file_that_failed_half_way_leaves_nothing(storage, tmp_path):
    with pytest.raises(RuntimeError):
        write_half(storage, "a/b.bin")
    assert list((tmp_path / "a").iterdir()) == []


def test_a_file_has_no_name_before_it_is_whole(storage):
    with storage.create("a/b.bin") as file:
        file.write(b"half")
        assert not storage.exists("a/b.bin")
    assert storage.read("a/b.bin") == b"half"


def test_a_failed_replacement_leaves_the_old_file(storage):
    storage.write("x", b"old")
    with pytest.raises(RuntimeError):
        write_half(storage, "x")
    assert storage.read("x") == b"old"


def test_what_the_dead_left_is_swept_and_what_the_living_write_is_not(storage, tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    mine, theirs = temporary_name("x"), temporary_name("x").replace(f".{os.getpid()}.", f".{ended.pid}.")
    foreign = ".x.elsewhere.1.00000000.tmp"
    for name in (mine, theirs, foreign):
        (tmp_path / name).write_bytes(b"")
    storage.sweep("")
    assert sorted(storage.names("")) == sorted([mine, foreign])


def test_a_folder_that_is_not_there_has_no_names_and_can_be_removed(storage):
    assert storage.names("nowhere") == []
    storage.remove("nowhere")


def test_a_removed_folder_is_gone_with_all_that_is_in_it(storage):
    storage.write("a/b/c", b"")
    storage.remove("a")
    assert not storage.exists("a")
