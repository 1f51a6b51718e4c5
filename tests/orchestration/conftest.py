"""A Dagster instance of one's own, and a project that the resources open."""

import dagster as dg
import pytest

from headwater.project import Project
from tests import (
    chain,
    quiet,  # noqa: F401  # before anything that imports assets
)


@pytest.fixture
def home(root, tmp_path):
    """A DAGSTER_HOME with the project's dagster.yaml."""
    folder = tmp_path / "dagster"
    folder.mkdir()
    (folder / "dagster.yaml").write_bytes((root / "dagster.yaml").read_bytes())
    return folder


@pytest.fixture
def instance(home):
    """The instance of that home."""
    with dg.DagsterInstance.from_config(str(home)) as opened:
        yield opened


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """The folder of a project with an empty lake, which every run of this test works on."""
    folder = chain.lay_out(tmp_path / "project")
    monkeypatch.setenv("HEADWATER_PROJECT", str(folder))
    return folder


@pytest.fixture
def mine(copied, monkeypatch):
    """The folder of a project whose lake is built up to tokenized, which every run of this test works on."""
    monkeypatch.setenv("HEADWATER_PROJECT", str(copied))
    return copied


@pytest.fixture
def reopened():
    """Opens a project anew, as another process would see it."""
    return Project.open
