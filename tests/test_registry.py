"""Steps of a project: files that are none are refused with their path and what to do."""

import pytest

from headwater import checking, extractors, registry
from headwater.errors import BadRecipe
from tests import chain, steps

GOOD = "VERSION = 1\ndef own(columns):\n    return []\n"
BAD = [
    ("own", "import no_such_library\n" + GOOD, "cannot be imported: ModuleNotFoundError"),
    ("own", "1 / 0\n" + GOOD, "cannot be imported: ZeroDivisionError"),
    ("own", "def own(:\n", "cannot be imported: SyntaxError"),
    ("own", "raise SystemExit(3)\n", "cannot be imported: SystemExit"),
    ("own", "VERSION = 1\n", "has no function own; write one"),
    ("own", "VERSION = 1\nown = 3\n", "has no function own; write one"),
    ("own", GOOD.replace("VERSION = 1\n", ""), "VERSION is 'None', not a whole number"),
    *(
        ("own", GOOD.replace("= 1", f"= {v}"), "not a whole number from 1 on")
        for v in ("0", "-1", "True", "'2'", "1.0")
    ),
    ("my-own", GOOD, "its name cannot be that of a function; use letters"),
    ("my own", GOOD, "its name cannot be that of a function; use letters"),
    ("class", GOOD, "its name cannot be that of a function; use letters"),
]


@pytest.mark.parametrize(("name", "source", "said"), BAD, ids=[f"{name}: {said}" for name, _, said in BAD])
def test_a_file_that_is_no_step_is_refused_with_its_path_and_what_to_do(tmp_path, name, source, said):
    with steps.found(tmp_path, **{f"filters__{name}": source}), pytest.raises(BadRecipe, match=said) as refused:
        registry.step("filters", name)
    assert str(refused.value).startswith(f"{tmp_path}/filters/{name}.py cannot be used as a step: ")
    assert str(refused.value).endswith(f"it needs VERSION and a function {name}")


def test_a_version_is_refused_where_it_is_asked_for_alone(tmp_path):
    zero = GOOD.replace("= 1", "= 0")
    with steps.found(tmp_path, filters__own=zero), pytest.raises(BadRecipe, match="its VERSION is '0'"):
        registry.version("filters", "own")


@pytest.mark.parametrize("case", [BAD[1], BAD[4], BAD[7], BAD[12]], ids=lambda case: case[2])
def test_a_check_of_a_recipe_tells_it(tmp_path, case):
    name, source, said = case
    folder = chain.lay_out(tmp_path / "project")
    with steps.found(folder / "steps", **{f"filters__{name}": source}):
        chain.change(folder, "tiny", filters=["language", name])
        with chain.opened(folder) as project, pytest.raises(BadRecipe, match=said):
            checking.check(project, "tiny")


def test_a_name_that_another_project_has_taken_is_told_with_where(tmp_path):
    taken = (tmp_path / "two" / "filters", tmp_path / "two" / "extractors")
    for folder in taken:
        folder.mkdir(parents=True)
    (taken[0] / "own.py").write_text(GOOD)
    with steps.found(tmp_path / "one", filters__own=GOOD):
        with pytest.raises(BadRecipe, match=f"another project .*{tmp_path}/one/filters/own.py; give it another"):
            registry.extend(tmp_path / "two")
        assert str(taken[1]) not in extractors.__path__
