"""provider.yaml is read as strictly as a recipe, and its template can be read as it stands."""

import pytest

from headwater.errors import BadRecipe, UserError
from headwater.project import Project
from headwater.report import provider
from headwater.report.data_card import HUMAN
from tests import chain


@pytest.fixture
def project(tmp_path):
    return Project.open(chain.lay_out(tmp_path / "project"))


def load(project, text):
    provider.place(project).write_text(text)
    return provider.load(project)


def test_without_a_file_nothing_is_said(project):
    assert provider.load(project) == provider.Provider()


def test_the_template_says_nothing_yet(project):
    provider.write_template(project)
    said = provider.load(project)
    assert said.provider == provider.Who()
    assert said.dataset == provider.DataSet()
    assert set(said.card) == set(HUMAN)
    assert set(said.comments) == set(provider.COMMENTS)
    assert not any([*said.card.values(), *said.comments.values()])


def test_a_file_that_is_there_is_not_overwritten(project):
    provider.write_template(project)
    with pytest.raises(UserError, match="is there already"):
        provider.write_template(project)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("providr: {}", "1: unknown key 'providr'; known: provider, "),
        ("provider:\n  nme: x", "2: unknown key 'nme'"),
        ("crawls: {made_by: them}", "made_by: expected one of us, others or null, found 'them'"),
        ("card: {colour: red}", "card: no field 'colour'; have: owners"),
        ("comments: {'9.9': x}", "comments: no field '9.9'; have: 1.3.g"),
        ("card: {owners: 3}", r"card: owners: expected a text or null, found 3"),
        ("model: {placed_on_market: 2026-09-01}", "placed_on_market: expected"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text, message, project):
    with pytest.raises(BadRecipe, match=f"provider.yaml:.*{message}"):
        load(project, text)


def test_the_digest_is_of_the_file(project):
    assert load(project, "provider: {name: A}").digest != load(project, "provider: {name: B}").digest
