"""Every step of every shelf, tested at birth: a new file is covered by being there."""

import inspect
import json
import re
import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import configuration, editing, recipe, registry
from headwater.errors import UnknownName
from tests.chain import ROOT

STEPS = [(shelf, name) for shelf in registry.SHELVES for name in registry.names(shelf)]
MEASURES = [(shelf, name) for shelf, name in STEPS if shelf != "stages"]
LISTS = {"filters": "filters", "dedupers": "dedup", "evals": "evals"}
HEAVY = (
    "numba",
    "torch",
    "fasttext",
    "resiliparse",
    "trafilatura",
    "justext",
    "lxml",
    "transformers",
    "tokenizers",
    "dagster",
)


def test_the_shelves_hold_what_the_first_recipes_need():
    assert len(STEPS) >= 20
    assert {"filters", "dedupers", "mixers", "evals", "extractors", "signals", "stages"} <= {s for s, _ in STEPS}


@pytest.mark.parametrize(("shelf", "name"), STEPS)
def test_a_step_says_what_it_is(shelf, name):
    assert len(registry.module(shelf, name).__doc__.split()) >= 5


@pytest.mark.parametrize(("shelf", "name"), MEASURES)
def test_a_step_names_its_source(shelf, name):
    source = r"arXiv|FIPS|Source|\b(19|20)\d\d\b|\w\.(org|com|net|io|de|edu)\b"
    assert re.search(source, registry.module(shelf, name).__doc__)


@pytest.mark.parametrize(("shelf", "name"), STEPS)
def test_a_step_has_a_version(shelf, name):
    version = registry.version(shelf, name)
    assert type(version) is int
    assert version >= 1


@pytest.mark.parametrize(("shelf", "name"), STEPS)
def test_a_step_is_the_function_of_its_files_name(shelf, name):
    step = registry.discover(shelf)[name]
    assert step.__name__ == name
    assert step.__module__ == f"headwater.{shelf}.{name}"


@pytest.mark.parametrize(("shelf", "name"), MEASURES)
def test_options_have_defaults_and_can_only_be_given_by_name(shelf, name):
    given_by_stage = {"url", "texts", "examples"}
    given = len(registry.reads(name)) if shelf == "signals" else 1
    for parameter in list(inspect.signature(registry.step(shelf, name)).parameters.values())[given:]:
        assert parameter.kind is parameter.KEYWORD_ONLY
        assert parameter.default is not parameter.empty or parameter.name in given_by_stage


@pytest.mark.parametrize(("shelf", "name"), MEASURES)
def test_resolved_options_are_plain_data_that_resolve_to_themselves(shelf, name):
    resolved = configuration.resolve(shelf, name, {})
    assert json.loads(json.dumps(resolved)) == resolved
    assert configuration.resolve(shelf, name, resolved) == resolved


@pytest.mark.parametrize(("shelf", "name"), [step for step in MEASURES if step[0] in LISTS])
def test_a_step_survives_a_recipe(shelf, name, tmp_path):
    resolved = configuration.resolve(shelf, name, {})
    parts = {"filters": [], "dedup": [], "evals": [], LISTS[shelf]: [{name: resolved}]}
    (tmp_path / "r.yaml").write_text(json.dumps({"description": "x", **parts}))
    loaded = getattr(recipe.load(tmp_path, "r"), LISTS[shelf])
    assert [(step.name, dict(step.options)) for step in loaded] == [(name, resolved)]


@pytest.mark.parametrize(("shelf", "name"), MEASURES)
def test_an_option_that_is_none_is_refused_with_the_known_ones(shelf, name):
    with pytest.raises(UnknownName, match=f"no option of {name} 'colour'; have: "):
        configuration.resolve(shelf, name, {"colour": 1})


@pytest.mark.parametrize("shelf", registry.SHELVES)
def test_a_step_that_is_not_there_is_refused_with_those_that_are(shelf):
    with pytest.raises(UnknownName, match="no .* 'nope'; have: " + ", ".join(registry.names(shelf))):
        registry.step(shelf, "nope")


@pytest.mark.parametrize("shelf", registry.SHELVES)
def test_to_look_at_a_shelf_loads_nothing_heavy(shelf):
    code = (
        f"import sys\nfrom headwater import registry\nregistry.discover({shelf!r})\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


EDITORS = registry.names("editors")
LINES = ("", " ", "One word. ", "one", "ONE TWO", "12", "3 likes", "Sign-in now", "see a.com", "a@b.com", "[1]", "{")
edited = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(LINES), max_size=12).map("\n".join))


@pytest.mark.parametrize("name", EDITORS)
@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.none(), edited), max_size=4))
def test_an_editor_keeps_its_contract_and_finds_nothing_in_what_it_left(name, batch):
    editor, texts = registry.step("editors", name), pa.array(batch, pa.string())
    found = editor(texts)
    editing.check(texts, found, name)
    assert len(editor(editing.splice(texts, found)).text) == 0


@pytest.mark.parametrize("name", EDITORS)
@pytest.mark.parametrize("batch", [[], [None], [""], ["", None, ""], ["x"], ["\n"]], ids=str)
def test_an_editor_takes_batches_with_next_to_nothing_in_them(name, batch):
    texts = pa.array(batch, pa.string())
    found = registry.step("editors", name)(texts)
    editing.check(texts, found, name)
    left = editing.splice(texts, found).to_pylist()
    assert [text is None for text in left] == [text is None for text in batch]


@pytest.mark.parametrize("name", EDITORS)
def test_an_editor_does_to_a_text_what_it_does_to_it_among_others(name):
    plain = ["", "\n".join(LINES), "a@b.com and 1.2.3.4", "ONE\nTWO three\nONE"]
    editor, batch = registry.step("editors", name), pa.array(plain)
    many = editing.splice(batch, editor(batch)).to_pylist()
    ones = [editing.splice(pa.array([text]), editor(pa.array([text])))[0].as_py() for text in plain]
    assert many == ones
