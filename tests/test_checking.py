"""`headwater check` asks about what would run and is hardly meant."""

import pytest
import yaml

from headwater.checking import check
from tests import chain


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return chain.lay_out(tmp_path_factory.mktemp("checking") / "project")


@pytest.fixture
def questions(folder):
    def ask(**parts):
        said = {"description": "own", "dedup": [], "filters": [], **parts}
        (folder / "recipes" / "own.yaml").write_text(yaml.safe_dump(said))
        with chain.opened(folder) as project:
            return check(project, "own")["questions"]

    return ask


def test_a_recipe_without_doubt_is_asked_nothing(questions):
    assert questions(filters=[{"language": {"languages": ["en", "zh-Hant", "swh_Latn"]}}, "gopher_quality"]) == "none"


@pytest.mark.parametrize("option", [{"languages": ["en", "english"]}, {"min_scores": {"english": 0.5}}])
def test_a_label_of_no_known_language_is_asked_about(questions, option):
    assert questions(filters=[{"language": option}]).startswith(f"language.{next(iter(option))}: no language 'english'")


@pytest.mark.parametrize("options", [{}, {"domains": {}}, {"mode": "dclm"}])
def test_a_blocklist_without_a_list_is_asked_about(questions, options):
    assert "names no list and drops nothing" in questions(filters=[{"url_blocklist": options}])


def test_a_blocklist_with_a_list_is_not(questions):
    assert questions(filters=[{"url_blocklist": {"domains": {"high_quality_sources.txt": None}}}]) == "none"


def test_options_by_language_without_a_choice_of_languages_are_asked_about(questions):
    assert "without the filter language" in questions(by_language="fineweb2", filters=["gopher_quality"])
    chosen = {"language": {"languages": ["fra_Latn"]}}
    assert questions(by_language="fineweb2", filters=[chosen, "gopher_quality"]) == "none"


def test_a_file_of_options_for_no_known_language_is_asked_about(questions, folder):
    file = folder / "languages" / "fineweb2" / "xqz_Latn.yaml"
    file.write_text((folder / "languages" / "fineweb2" / "fra_Latn.yaml").read_text())
    asked = questions(by_language="fineweb2", filters=[{"language": {"languages": ["fra_Latn"]}}, "gopher_quality"])
    file.unlink()
    assert "by_language fineweb2: no language 'xqz_Latn'" in asked


def test_more_repeats_than_copies_are_asked_about(questions):
    steps = {"rehydrate": {1: 1, 2: 8}}
    assert questions(mix=steps).startswith("mix.rehydrate asks for 8 copies, and max_copies allows 4")
    assert questions(mix={**steps, "max_copies": 8}) == "none"
    unknown = {"rehydrate_by_language": {"english": {1: 2}}}
    assert questions(mix=unknown).startswith("mix.rehydrate_by_language: no language 'english'")


def test_no_shipped_recipe_raises_a_question(folder):
    with chain.opened(folder) as project:
        names = [file.stem for file in project.settings.recipe_folder.glob("*.yaml") if file.stem != "own"]
        assert {name: check(project, name)["questions"] for name in names} == dict.fromkeys(names, "none")
