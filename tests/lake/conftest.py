"""A small lake, and a short way to commit to it."""

import pytest

from headwater.lake.storage import Storage
from headwater.lake.store import Lake


@pytest.fixture
def lake(tmp_path):
    return Lake(Storage(str(tmp_path / "lake")))
