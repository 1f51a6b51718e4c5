"""Fixtures that every test may use: where the shared test data and the embedded sample are."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import chain, cutting, scheduling, steps

# Tests share the machine with each other and with the processes they start: a slow example is no sign of a fault.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def sample() -> Path:
    """The embedded crawl root: two tiny crawls in Common Crawl layout."""
    return ROOT / "sample"


def pytest_collection_modifyitems(config, items):
    """Tests that need the larger test data are not collected where it is not; HEADWATER_TEST_DATA says where it is."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=scheduling.rank)
    if os.environ.get("HEADWATER_TEST_DATA"):
        return
    needs = [item for item in items if "test_data" in item.fixturenames]
    if needs:
        config.hook.pytest_deselected(items=needs)
        items[:] = [item for item in items if item not in needs]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Files of a folder whose fixtures are costly go to one worker of pytest-xdist, other files each to any."""
    return scheduling.ByFixtures(config, log)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The larger crawls, gold texts and broken WARCs; not part of the repository."""
    return Path(os.environ["HEADWATER_TEST_DATA"])


@pytest.fixture(autouse=True)
def shelves():
    """A project's own steps leave the shelves with the test that opened it; later tests look at the shelves as well."""
    with steps.restored():
        yield


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """A project whose lake holds the sample by recipe tiny, up to tokenized. Look at it; change a `copy` of it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _build(tmp_path_factory.mktemp("built") / "project")
    # Made by the worker of pytest that is first to ask; each looks at a copy of its own.
    shared = tmp_path_factory.getbasetemp().parent
    with (shared / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "built").exists():
            _build(shared / "building").rename(shared / "built")
    return shutil.copytree(shared / "built", tmp_path_factory.mktemp("built") / "project")


def _build(folder):
    with chain.opened(chain.lay_out(folder)) as project:
        chain.run(project)
    return folder


@pytest.fixture(scope="session")
def tiny_lake(built):
    """The built project, opened for reading."""
    with chain.opened(built) as project:
        yield project


@pytest.fixture(scope="session")
def lined(tmp_path_factory) -> Path:
    """A project whose recipe tiny removes lines that come again, up to tokenized. Look at it, or change a copy."""
    folder = chain.lay_out(tmp_path_factory.mktemp("lined") / "project")
    chain.change(folder, "tiny", dedup=cutting.LINES)
    with chain.opened(folder) as project:
        chain.run(project)
    return folder


@pytest.fixture
def copied(built, tmp_path) -> Path:
    """A copy of the built project, to change."""
    return shutil.copytree(built, tmp_path / "copied")


@pytest.fixture
def copy(copied):
    """A copy of the built project, opened."""
    with chain.opened(copied) as project:
        yield project
