"""`filtered` by real runs: editors, several extractors, steps that raise, a project's own steps."""

import pytest
import yaml

from headwater import recipe as recipes
from headwater import story
from headwater.errors import AuditFailed, BadRecipe
from headwater.pipeline import Outcome
from tests import chain, steps
from tests.stages.crawls import archive, root
from tests.test_curation import CUT, RAISE

FILTER = """
    '''Drop texts that name a word. Source: none, 2024.'''
    import numpy as np
    from headwater.document import Columns, Finding
    VERSION = 1
    def unwanted(columns: Columns, *, word: str | None = "unwanted") -> list[Finding]:
        '''One rule.'''
        if word is None:
            return []
        found = np.array([word in text for text in columns["text"].to_pylist()], dtype=np.float64)
        return [Finding("word", found, 1.0, found >= 1.0)]
"""
HANG = """
    '''Never end on a word. Source: none, 2024.'''
    import re
    VERSION = 1
    def endless(columns, *, word: str = "unwanted"):
        '''No findings.'''
        for text in columns["text"].to_pylist():
            if word in text:
                re.match(r"(a+)+$", "a" * 64 + "b")
        return []
"""
HANG_IN_AN_EDITOR = """
    '''Never end on a word. Source: none, 2024.'''
    import re
    import numpy as np
    from headwater.document import Edits
    VERSION = 1
    def endless_edit(texts, *, word: str = "plain"):
        '''No edits.'''
        if any(word in (text or "") for text in texts.to_pylist()):
            re.match(r"(a+)+$", "a" * 64 + "b")
        return Edits(*np.zeros((5, 0), dtype=np.int64), rules=())
"""
SLOW_START = """
    '''Take long once in a process. Source: none, 2024.'''
    import time
    from functools import cache
    import numpy as np
    from headwater.document import Edits
    VERSION = 1
    @cache
    def prepared():
        begun = time.process_time()
        while time.process_time() < begun + 1.5:
            pass
    def slow_start(texts):
        '''No edits.'''
        prepared()
        return Edits(*np.zeros((5, 0), dtype=np.int64), rules=())
"""
LEAVE = """
    '''End the process on a word, as a library may. Source: none, 2024.'''
    VERSION = 1
    def leaving(columns, *, word: str = "unwanted"):
        '''No findings.'''
        if any(word in text for text in columns["text"].to_pylist()):
            raise SystemExit(0)
        return []
"""
PAGES = [
    "<html><body><main><p>A plain page about rivers and the water in them.</p></main></body></html>",
    "<html><body><main><p>This page has xxx in it and a bomb besides.</p></main></body></html>",
    "<html><body><main><p>An unwanted page about nothing at all, of some words.</p></main></body></html>",
    "<html><body><main><p>Another page, with xx here and there xxxx and so on.</p></main></body></html>",
]


@pytest.fixture
def project(tmp_path):
    """A project of four pages in one crawl, with a recipe `own` that a test writes."""
    crawls = root(tmp_path / "crawls", C_1={"a.warc.gz": archive(*(p.encode() for p in PAGES))})
    folder = chain.lay_out(tmp_path / "project", crawls=crawls, max_quarantined=0.5, workers=1, page_timeout_s=1.0)
    for other in (folder / "recipes").glob("*.yaml"):
        other.unlink()
    own = {"editors__cut_x": CUT, "filters__touchy": RAISE, "filters__unwanted": FILTER}
    own |= {"filters__endless": HANG, "editors__endless_edit": HANG_IN_AN_EDITOR}
    own |= {"editors__slow_start": SLOW_START, "filters__leaving": LEAVE}
    with steps.found(folder / "steps", **own), chain.opened(folder) as opened:
        yield opened


def run(project, **parts) -> list[Outcome]:
    said = {"description": "own", "dedup": [], "filters": [], **parts}
    file = project.settings.recipe_folder / "own.yaml"
    file.write_text(yaml.safe_dump(said))
    return chain.run(project, recipe="own", to="filtered")


def rows(project):
    found = chain.rows(project, "filtered", recipe="own")
    return sorted(found, key=lambda row: row["url"])


def test_a_filter_that_is_one_file_in_the_project_drops_by_its_own_rule(project):
    run(project, filters=["unwanted"])
    assert [(row["outcome"], row["rule"]) for row in rows(project)] == [
        ("kept", None), ("kept", None), ("dropped", "unwanted.word"), ("kept", None),
    ]  # fmt: skip
    assert [name for name in project.lake.published("filtered", {"recipe": "own", "crawl": "C-1"}).provenance.steps
            if name.startswith("filters/")] == ["filters/unwanted"]  # fmt: skip


def test_edited_text_is_kept_with_what_was_removed(project):
    run(project, filters=["cut_x"])
    second = rows(project)[1]
    assert "xxx" not in second["text"]
    assert sum(e["stop"] - e["start"] - e["put"] for e in second["edits"]) == 3
    assert second["chars"] == len(second["text"])
    assert rows(project)[0]["edits"] is None


def test_a_step_that_raises_on_one_document_costs_that_document_alone(project):
    run(project, filters=["touchy", "unwanted"])
    assert [(row["outcome"], row["rule"], row["detail"]) for row in rows(project)] == [
        ("kept", None, None), ("quarantined", "filters.touchy", "ValueError"), ("dropped", "unwanted.word", None),
        ("kept", None, None),
    ]  # fmt: skip
    assert chain.broken(project) == []


def test_a_document_on_which_a_step_never_ends_costs_that_document_alone(project):
    run(project, filters=["cut_x", "endless", "endless_edit"])
    assert [(row["outcome"], row["rule"], row["detail"]) for row in rows(project)] == [
        ("quarantined", "editors.endless_edit", "timeout"), ("kept", None, None),
        ("quarantined", "filters.endless", "timeout"), ("kept", None, None),
    ]  # fmt: skip
    assert "xxx" not in rows(project)[1]["text"]
    assert chain.broken(project) == []


def test_what_a_step_does_once_in_a_process_is_no_documents_time(project):
    run(project, filters=["slow_start"])
    assert [row["outcome"] for row in rows(project)] == ["kept"] * 4


def test_a_step_that_ends_the_process_on_one_document_costs_that_document_alone(project):
    run(project, filters=["leaving"])
    assert [(row["outcome"], row["rule"], row["detail"]) for row in rows(project)] == [
        ("kept", None, None), ("kept", None, None), ("quarantined", "filters.leaving", "SystemExit"),
        ("kept", None, None),
    ]  # fmt: skip


def test_of_two_extractors_only_the_text_that_hangs_is_lost(project):
    whole = {"resiliparse": {"main_content": False}}
    run(project, extractors=["resiliparse", whole], filters=["endless"])
    found = rows(project)[2]
    assert (found["outcome"], found["rule"], found["detail"]) == ("quarantined", "filters.endless", "timeout")
    assert [row["outcome"] for row in rows(project)].count("kept") == 3
    assert len(found["alternatives"]) == 2


def test_too_many_documents_that_a_step_cannot_judge_fail_the_audit(project):
    import expectations

    def expect(view):
        return expectations.validate(view, {"max_quarantined": 0.5})

    run(project)
    chain.change(project.settings.folder, "own", filters=[{"touchy": {"word": "e"}}])
    with pytest.raises(AuditFailed, match=r"few_are_quarantined \(.*; most by filters\.touchy \(\d\)\)"):
        chain.run(project, recipe="own", to="filtered", expect=expect)


def test_of_several_extractors_a_document_is_one_row_that_tells_of_all(project):
    run(project, extractors=["resiliparse", {"resiliparse": {"main_content": False}}], filters=["unwanted"])
    found = rows(project)
    other = recipes.label(project.recipe("own").ways[1])
    assert [row["extractor"] for row in found] == ["resiliparse"] * 4
    assert [[a["extractor"] for a in row["alternatives"]] for row in found] == [["resiliparse", other]] * 4
    assert [a["rule"] for a in found[2]["alternatives"]] == ["unwanted.word"] * 2
    assert chain.broken(project) == []


def test_the_text_of_the_next_extractor_is_kept_where_the_first_ones_is_not(project):
    quiet = {"resiliparse": {"main_content": False}}
    run(project, extractors=["resiliparse", quiet], prefer="longest")
    longest = [max(row["alternatives"], key=lambda a: a["chars"])["chars"] for row in rows(project)]
    assert [row["chars"] for row in rows(project)] == longest


def test_the_same_extractor_twice_is_refused(project):
    with pytest.raises(BadRecipe, match="the same one is listed twice"):
        run(project, extractors=["resiliparse", "resiliparse"])


def test_a_second_run_makes_nothing(project):
    filters = ["cut_x", {"unwanted": {"word": "nothing"}}]
    assert all(outcome.written for outcome in run(project, filters=filters))
    assert not any(outcome.written for outcome in run(project, filters=filters))


def test_a_step_of_the_project_with_a_name_that_is_taken_is_refused(tmp_path):
    taken = steps.found(tmp_path, filters__language=FILTER)
    with pytest.raises(BadRecipe, match=r"has the name of one of headwater's filters"), taken:
        pass


def test_a_token_of_an_edited_text_leads_to_its_place_in_the_text_as_extracted(project):
    parts = {"filters": ["cut_x"], "mix": {"held_out": 0.0}, "tokenizer": {"vocab_size": 300}}
    run(project, **parts)
    chain.run(project, recipe="own", to="tokenized")
    texts = {row["doc_id"]: row["text"] for row in chain.rows(project, "extracted")}
    led = []
    for row in chain.rows(project, "tokenized", recipe="own"):
        for token in range(row["first_token"], row["first_token"] + len(row["tokens"]) - 1):
            told = story.of_token(project, f"own:{row['shard']}:{token}")
            if "extracted_start" in told["token"]:
                was = texts[row["doc_id"]][told["token"]["extracted_start"] : told["token"]["extracted_stop"]]
                assert was.replace("x", "") == told["token"]["text"]
                led.append(was)
    assert sum("x" not in was for was in led) > 20
