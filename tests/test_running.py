"""What a run needs of the project's folder is named where it is not there."""

import pytest

from headwater import running
from headwater.errors import MissingInput


def test_a_project_without_dagster_yaml_is_told_where_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    with pytest.raises(MissingInput, match=r"has no dagster\.yaml, and a run needs it; .*cp DIR/dagster\.yaml"):
        running.dagster_home(tmp_path)


def test_a_home_that_has_its_own_needs_none_of_the_project(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("{}")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    assert running.dagster_home(tmp_path) == home
