"""Fixtures that every test may use: where the shared test data and the embedded sample are."""

import os
from pathlib import Path

import pytest

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
    if os.environ.get("HEADWATER_TEST_DATA"):
        return
    needs = [item for item in items if "test_data" in item.fixturenames]
    if needs:
        config.hook.pytest_deselected(items=needs)
        items[:] = [item for item in items if item not in needs]


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The larger crawls, gold texts and broken WARCs; not part of the repository."""
    return Path(os.environ["HEADWATER_TEST_DATA"])
