"""Every recipe that is shipped runs over the embedded sample with its audits on."""

import pytest

import expectations
from headwater import recipe
from headwater.settings import Settings
from tests import chain

NAMES = [name for name in recipe.names(chain.ROOT / "recipes") if name != "tiny"]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """One lake for all: texts by the same extractor are made once."""
    folder = chain.lay_out(tmp_path_factory.mktemp("shipped") / "project")
    with chain.opened(folder) as opened:
        yield opened


def audit(view):
    return expectations.validate(view, {"max_quarantined": Settings(chain.ROOT).max_quarantined})


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_recipe_keeps_some_of_the_sample_and_drops_some_by_its_own_rules(project, name):
    (*_, last) = chain.run(project, recipe=name, to="filtered", crawls=["SAMPLE-2024-10"], expect=audit)
    rows = chain.rows(project, "filtered", ["doc_id", "outcome", "rule", "edits"], recipe=name)
    outcomes = [row["outcome"] for row in rows]
    steps = {step.name for step in project.recipe(name).filters}
    assert last.table == "filtered"
    assert len(rows) == len({row["doc_id"] for row in rows}) == 215
    assert outcomes.count("kept") > 5
    assert {row["rule"].partition(".")[0] for row in rows if row["outcome"] == "dropped"} <= steps
    assert outcomes.count("dropped") > 5


def test_the_chain_of_all_shipped_recipes_closes(project):
    assert chain.broken(project) == []
