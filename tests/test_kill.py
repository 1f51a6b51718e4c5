"""A run killed at any moment and started again gives what an undisturbed run gives; so do two runs that meet."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests import chain

# The undisturbed run leaves 179 files; each seed dies when one of them has just appeared, or a moment later.
FILES = 165
MOMENTS = range(10)


def start(folder):
    """The chain in a process group of its own, workers included."""
    command = [sys.executable, "-m", "tests.chain", str(folder), "tiny", "tokenized"]
    return subprocess.Popen(command, cwd=chain.ROOT, start_new_session=True, stderr=subprocess.PIPE, text=True)


def ended(process):
    _, said = process.communicate(timeout=300)
    return process.returncode, said


def files(folder):
    return sum(len(names) for _, _, names in os.walk(folder / "lake"))


def kill_at(process, folder, number, pause):
    """SIGKILL for the whole group when the lake has that many files; whether the run was still at work."""
    while process.poll() is None and files(folder) < number:
        time.sleep(0.005)
    time.sleep(pause)
    working = process.poll() is None
    if working:
        os.killpg(process.pid, signal.SIGKILL)
    ended(process)
    return working


@pytest.mark.parametrize("seed", MOMENTS)
def test_a_run_killed_at_a_random_moment_and_started_again_gives_the_same_lake(seed, tiny_lake, tmp_path):
    moment = random.Random(seed)
    folder = chain.lay_out(tmp_path / "killed")
    assert kill_at(start(folder), folder, moment.randrange(FILES), moment.random() * 0.2)
    with chain.opened(folder) as project:
        chain.run(project)
        assert chain.digests(project) == chain.digests(tiny_lake)
        assert chain.broken(project) == []
        for table in ("raw", "extracted", "signals", "filtered", "deduped", "mixed"):
            found = [row["doc_id"] for row in chain.rows(project, table, ["doc_id"])]
            assert len(found) == len(set(found))


def test_two_runs_that_meet_end_with_one_consistent_lake(tiny_lake, tmp_path):
    folder = chain.lay_out(tmp_path / "met")
    runs = [start(folder), start(folder)]
    assert [ended(run) for run in runs] == [(0, ""), (0, "")]
    with chain.opened(folder) as project:
        assert chain.digests(project) == chain.digests(tiny_lake)
        assert chain.versions(project) == chain.versions(tiny_lake)
        assert chain.broken(project) == []


def test_a_killed_run_leaves_no_temporary_file_behind_the_next_one(tmp_path):
    folder = chain.lay_out(tmp_path / "killed")
    kill_at(start(folder), folder, 20, 0.0)
    with chain.opened(folder) as project:
        chain.run(project)
    assert [p for p in (folder / "lake").rglob("*.tmp") if "_scratch" not in p.parts] == []
