"""A recipe is read strictly: what is unknown or wrong is an error with file, line and what would be right."""

import json

import pytest
import yaml

from headwater import recipe
from headwater.errors import BadRecipe, UnknownName
from tests.chain import ROOT

GOOD = """\
description: A test.
filters:
  - gopher_quality: {min_words: 30}
dedup:
  - exact
"""


@pytest.fixture
def load(tmp_path):
    def read(text, name="r"):
        (tmp_path / f"{name}.yaml").write_text(text)
        return recipe.load(tmp_path, name)

    return read


@pytest.mark.parametrize("name", ["tiny", "gopher"])
def test_the_recipes_that_come_with_the_project_load(name):
    assert recipe.load(ROOT / "recipes", name).name == name


def test_options_that_are_not_given_are_those_of_the_step(load):
    step = load(GOOD).filters[0]
    assert step.options["min_words"] == 30
    assert step.options["max_words"] == 100_000


def test_a_resolved_recipe_is_plain_data_with_its_defaults(load):
    resolved = recipe.resolved(load(GOOD))
    assert json.loads(json.dumps(resolved))["mix"]["mixer"] == {"name": "proportional", "options": {}}
    assert resolved["tokenizer"]["vocab_size"] == 32_000


@pytest.mark.parametrize(("addition", "line", "said"), [
    ("colour: red\n", 6, "unknown key 'colour'; known: description, filters, dedup"),
    ("mix: {colour: red}\n", 6, "unknown key 'colour'; known: group_by, mixer"),
    ("mix: {group_by: size}\n", 6, "group_by: expected"),
    ("mix: {held_out: 1.5}\n", 6, "1.5 is not a share"),
    ("mix: {held_out: lots}\n", 6, "held_out: expected a number, found 'lots'"),
    ("mix: {max_copies: true}\n", 6, "max_copies: expected a whole number, found True"),
    ("mix: {max_copies: 0}\n", 6, "at least 1"),
    ("mix: {mixer: nope}\n", 6, "no mixer 'nope'; have: "),
    ("mix: {mixer: {temperature: {colour: 1}}}\n", 6, "no option of temperature 'colour'; have: "),
    ("evals: bits_per_byte\n", 6, "evals: expected a list of evals"),
    ("evals:\n  - nope\n", 7, "no eval 'nope'; have: "),
    ("evals:\n  - {a: {}, b: {}}\n", 7, "expected the name of one of the evals"),
    ("model: 7\n", 6, "expected keys and values for model"),
    ("by_language: ../../etc\n", 1, "'../../etc' is no name of a folder in languages"),
    ("by_language: /etc\n", 1, "'/etc' is no name of a folder in languages"),
    ("description: again\n", 6, "key 'description' is given twice"),
])  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_line(load, tmp_path, addition, line, said):
    with pytest.raises(BadRecipe) as refused:
        load(GOOD + addition)
    assert str(refused.value).startswith(f"{tmp_path / 'r.yaml'}:{line}: ")
    assert said in str(refused.value)


def test_what_is_missing_is_told_with_the_known_keys(load):
    with pytest.raises(BadRecipe, match="missing filters, dedup; known: "):
        load("description: x\n")


@pytest.mark.parametrize("text", ["", "{", "a: !!python/object:os.system x\n", "- 1\n", "a: " + "[" * 5000])
def test_what_is_no_recipe_is_refused(load, text):
    with pytest.raises(BadRecipe):
        load(text)


@pytest.mark.parametrize("scores", ["{1: 0.5}", "{de: .nan}", "{de: high}", "{de: null}", f"{{de: {10**400}}}"])
def test_a_mapping_has_the_kinds_of_keys_and_values_that_its_option_says(load, scores):
    text = GOOD.replace("gopher_quality: {min_words: 30}", "language: {min_scores: %s}")
    assert load(text % "{de: 0.5}").filters[0].options["min_scores"] == {"de": 0.5}
    with pytest.raises(BadRecipe, match=r"r\.yaml:3: language\.min_scores: expected .* each value a number"):
        load(text % scores)


def test_an_object_of_the_language_is_never_made(load, tmp_path):
    with pytest.raises((BadRecipe, yaml.YAMLError)):
        load(GOOD + f"mix: !!python/object/apply:os.mkdir ['{tmp_path}/made']\n")
    assert not (tmp_path / "made").exists()


def test_an_unknown_recipe_is_refused_with_the_known_ones(load, tmp_path):
    load(GOOD)
    with pytest.raises(UnknownName, match="no recipe 'nope'; have: r"):
        recipe.load(tmp_path, "nope")


def test_a_recipe_outside_its_folder_cannot_be_named(load, tmp_path):
    (tmp_path / "in").mkdir()
    load(GOOD)
    with pytest.raises(UnknownName):
        recipe.load(tmp_path / "in", "../r")


def test_a_name_that_cannot_be_a_partition_is_refused(load):
    with pytest.raises(BadRecipe, match="cannot name a partition"):
        load(GOOD, "a b")


@pytest.mark.parametrize(("patterns", "crawl", "wanted"), [
    (["*"], "C1", True), (["C1"], "C1", True), (["C1"], "C10", False), (["CC-*", "D"], "D", True),
    (["c1"], "C1", False),
])  # fmt: skip
def test_crawls_are_wanted_by_name_or_pattern(load, patterns, crawl, wanted):
    assert load(GOOD + f"crawls: {patterns}\n").wants(crawl) is wanted


def test_a_few_lines_that_stand_for_billions_are_refused(load):
    lines = ["description: x", "filters:", "  - language:", "      languages:", "        - &a0 [en, en, en]"]
    lines += [f"        - &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(12)]
    with pytest.raises(BadRecipe, match="more than 100,000 entries with its aliases"):
        load("\n".join(lines))


@pytest.mark.parametrize(("scope", "window"), [
    ("global", None), ("within_crawl", 1), ("{window: 1}", 1), ("{window: 3}", 3),
])  # fmt: skip
def test_a_scope_says_how_many_crawls_a_document_is_compared_with(load, scope, window):
    assert load(GOOD + f"scope: {scope}\n").window == window


@pytest.mark.parametrize("scope", ["everything", "{window: 0}", "{window: many}", "{crawls: 3}", "{}", "3"])
def test_another_scope_is_refused(load, scope):
    with pytest.raises(BadRecipe, match="scope: "):
        load(GOOD + f"scope: {scope}\n")
