"""Filters and editors that would refuse every document are refused before any work, by name."""

import pytest
import yaml

from headwater import checking
from headwater.errors import BadRecipe, MissingInput
from tests import chain, steps

PICKY = """
    '''Refuse an option. Source: none, 2024.'''
    VERSION = 1
    def picky({given}, *, size: int = 1):
        '''Nothing.'''
        if size < 0:
            raise ValueError("size must not be negative")
        import {library}
        return []
"""


def check(folder, filters):
    chain.change(folder, "tiny", filters=filters)
    with chain.opened(folder) as project:
        return checking.check(project, "tiny")


@pytest.mark.parametrize(("shelf", "given"), [("filters", "columns"), ("editors", "texts")])
def test_an_option_that_a_step_refuses_is_told_before_any_work(tmp_path, shelf, given):
    folder = chain.lay_out(tmp_path / "project")
    own = {f"{shelf}__picky": PICKY.format(given=given, library="json")}
    with steps.found(folder / "steps", **own):
        assert check(folder, ["language", {"picky": {"size": 2}}])["filters"] == "language picky"
        said = rf"^{shelf[:-1]} picky does not run with these options: ValueError: size must not be negative"
        with pytest.raises(BadRecipe, match=said):
            check(folder, ["language", {"picky": {"size": -2}}])


def test_a_library_that_is_not_there_is_told_before_any_work(tmp_path):
    folder = chain.lay_out(tmp_path / "project")
    picky = PICKY.format(given="columns", library="no_such_library")
    said = r"^filter picky needs a library that is not here: No module named"
    with steps.found(folder / "steps", filters__picky=picky), pytest.raises(MissingInput, match=said):
        check(folder, ["picky"])


def test_a_list_that_is_not_there_is_told_with_the_step_that_reads_it(tmp_path):
    folder = chain.lay_out(tmp_path / "project")
    recipe = folder / "recipes/tiny.yaml"
    said = yaml.safe_load(recipe.read_text())
    said["filters"] = [{"url_blocklist": {"domains": {"nowhere.txt": None}}}]
    recipe.write_text(yaml.safe_dump(said))
    with chain.opened(folder) as project, pytest.raises(MissingInput, match=r"(?s)nowhere\.txt"):
        checking.check(project, "tiny")
