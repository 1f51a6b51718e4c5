"""A search for repeated stretches, killed at any moment and started again, gives what an undisturbed one gives."""

import random
import shutil
import subprocess
import sys

import pytest

from tests import chain
from tests.test_kill import files, kill_at

METHODS = ["exact", {"lines": {}}, {"bloom_ngram": {"expected_ngrams": 100_000}}, {"substring": {"length": 20}}]


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A project whose two crawls are filtered and not deduplicated."""
    folder = chain.lay_out(tmp_path_factory.mktemp("spans") / "begun")
    chain.change(folder, "tiny", dedup=METHODS)
    with chain.opened(folder) as project:
        chain.run(project, to="filtered")
    return folder


@pytest.fixture(scope="module")
def undisturbed(begun, tmp_path_factory):
    """The digests of all tables after an undisturbed run, and how many files it made."""
    folder = shutil.copytree(begun, tmp_path_factory.mktemp("spans") / "undisturbed")
    before = files(folder)
    with chain.opened(folder) as project:
        chain.run(project, to="deduped")
        assert any(row["edits"] for row in chain.rows(project, "deduped"))
        return chain.digests(project), files(folder) - before


@pytest.mark.parametrize("seed", range(4))
def test_a_search_killed_and_started_again_gives_the_same_tables(seed, begun, undisturbed, tmp_path):
    digests, made = undisturbed
    folder, moment = shutil.copytree(begun, tmp_path / "killed"), random.Random(seed)
    command = [sys.executable, "-m", "tests.chain", str(folder), "tiny", "deduped"]
    process = subprocess.Popen(command, cwd=chain.ROOT, start_new_session=True, stderr=subprocess.PIPE, text=True)
    at = files(folder) + moment.randrange(made)
    assert kill_at(process, folder, at, moment.random() * 0.2)
    with chain.opened(folder) as project:
        chain.run(project, to="deduped")
        assert chain.digests(project) == digests
        assert chain.broken(project) == []
