"""A release is made again from the crawls, byte for byte; where it is not, each partition says why."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from headwater import releases, reproduce
from headwater.errors import UnknownName, UserError
from headwater.project import Project
from headwater.takedown import apply, request
from tests import chain

FIRST, SECOND = "SAMPLE-2024-10", "SAMPLE-2025-03"
SMALL = {"steps": 2, "layers": 1, "hidden_size": 48, "intermediate_size": 64}


def settle(folder, **said):
    """Give a project other settings; the project opened anew."""
    file = folder / "headwater.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), **said}))


def again(project, name, place, **options):
    place.mkdir()
    return reproduce.reproduce(project, name, place, **options)


def states(found):
    return {(row.table, *row.partition.values()): row.state for row in found.rows}


def test_a_release_comes_out_equal_whatever_its_recipe_says_by_now(copied, tmp_path):
    with chain.opened(copied) as project:
        release = releases.create(project, "first", "tiny", to="tokenized")
        chain.change(copied, "tiny", filters=[], mix={"group_by": "crawl"})
        before = chain.versions(project)
        told = []
        found = again(project, "first", tmp_path / "again", to="tokenized", progress=told.append)
        assert chain.versions(project) == before
    assert {row.state for row in found.rows} == {"equal"}
    assert {(r.table, *sorted(r.partition.items())) for r in found.rows} == {
        (p.table, *sorted(p.partition.items())) for p in release.pinned
    }
    assert found.ok
    assert tuple(told) == found.rows
    assert found.seconds >= sum(row.seconds for row in found.rows) > 0


def test_nothing_is_made_beyond_the_table_that_is_asked_for(copy, tmp_path):
    releases.create(copy, "first", "tiny", to="tokenized")
    found = again(copy, "first", tmp_path / "again", to="extracted")
    assert {row.table for row in found.rows} >= {"raw", "extracted"}
    assert not {row.table for row in found.rows} & {"filtered", "tokenized"}


def test_a_model_is_equal_but_for_the_number_of_the_version_it_was_trained_on(copied, tmp_path):
    chain.change(copied, "tiny", model=SMALL, evals=["bits_per_byte"], mix={"group_by": "domain", "held_out": 0.2})
    with chain.opened(copied) as project:
        chain.run(project, to="eval_scores")
        assert chain.rows(project, "proxy_model")[0]["tokenized_version"] == 2
        releases.create(project, "first", "tiny")
        found = again(project, "first", tmp_path / "again")
    (model,) = [row for row in found.rows if row.table == "proxy_model"]
    assert (model.state, "tokenized_version" in model.why) == ("equal", True)
    assert set(states(found).values()) == {"equal"}


def test_another_option_than_recorded_is_named_and_what_was_made_of_it_follows(copied, tmp_path):
    with chain.opened(copied) as project:
        releases.create(project, "first", "tiny", to="tokenized")
    settle(copied, language_model={"identify": False})
    with chain.opened(copied) as project:
        found = again(project, "first", tmp_path / "again", to="tokenized")
    rows = {(row.table, row.partition.get("crawl")): row for row in found.rows}
    assert rows["raw", FIRST].state == "equal"
    assert rows["extracted", FIRST].state == "cannot"
    assert "language_model" in rows["extracted", FIRST].why
    assert "215 of 215 rows" in rows["extracted", FIRST].why
    assert "made from extracted" in rows["filtered", FIRST].why
    assert not found.ok


def test_another_version_of_a_step_and_another_file_are_named(tiny_lake):
    place = {"recipe": "tiny", "crawl": FIRST}
    said = tiny_lake.lake.published("filtered", place).provenance
    older = replace(said, steps={**said.steps, "filters/language": 0})
    assert list(reproduce.reasons(said, tiny_lake.plan("filtered", place))) == []
    (why,) = reproduce.reasons(older, tiny_lake.plan("filtered", place))
    assert why.startswith("filters/language has VERSION ")
    assert why.endswith(" here and had 0")
    source = tiny_lake.lake.published("sources", {"crawl": FIRST}).provenance
    other = replace(source, inputs=tuple(replace(i, digest="0" * 64) for i in source.inputs))
    (why,) = reproduce.reasons(other, tiny_lake.plan("sources", {"crawl": FIRST}))
    assert why == f"crawl-data/{FIRST} is not what was read then"


def test_a_crawl_that_is_out_of_reach_cannot_be_made_again_and_neither_can_what_it_feeds(copied, tmp_path):
    shutil.copytree(chain.SAMPLE, tmp_path / "sample")
    with chain.opened(copied) as project:
        releases.create(project, "first", "tiny", to="tokenized")
    shutil.rmtree(tmp_path / "sample" / "crawl-data" / SECOND)
    settle(copied, crawls=str(tmp_path / "sample"))
    with chain.opened(copied) as project:
        found = again(project, "first", tmp_path / "again", to="tokenized")
    rows = {(row.table, row.partition.get("crawl")): row for row in found.rows}
    assert {row.state for (_, crawl), row in rows.items() if crawl == FIRST} == {"equal"}
    assert {row.state for (_, crawl), row in rows.items() if crawl != FIRST} == {"cannot"}
    assert SECOND in rows["sources", SECOND].why
    assert rows["raw", SECOND].why == f"sources {SECOND} could not be made"
    assert not found.ok


def test_a_crawl_that_was_changed_in_place_differs_and_so_does_what_is_made_of_it(copied, tmp_path):
    shutil.copytree(chain.SAMPLE, tmp_path / "sample")
    with chain.opened(copied) as project:
        releases.create(project, "first", "tiny", to="extracted")
    file = next(path for path in sorted(tmp_path.rglob("*.warc.gz")) if FIRST in str(path))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 255
    file.write_bytes(data)
    settle(copied, crawls=str(tmp_path / "sample"))
    with chain.opened(copied) as project:
        found = again(project, "first", tmp_path / "again", to="extracted")
    rows = {(row.table, row.partition["crawl"]): row for row in found.rows}
    assert (rows["sources", FIRST].state, rows["sources", FIRST].why) == ("differs", "1 of 2 rows are not there again")
    assert rows["raw", FIRST].state == "differs"
    assert f"made from sources {FIRST}" in rows["raw", FIRST].why
    assert {row.state for (_, crawl), row in rows.items() if crawl == SECOND} == {"equal"}


def test_what_was_taken_down_does_not_come_back_and_is_no_failure(copied, tmp_path):
    with chain.opened(copied) as project:
        releases.create(project, "first", "tiny", to="deduped")
        gone = chain.rows(project, "raw", ["doc_id", "outcome"], crawl=FIRST)
        doc_id = next(row["doc_id"] for row in gone if row["outcome"] == "kept")
        asked = request.Request((("doc_id", doc_id),), "asked for", "ticket 1")
        apply.apply(project, request.add(project, asked).id, scan=False)
        found = again(project, "first", tmp_path / "again", to="deduped")
    rows = {(row.table, row.partition["crawl"]): row for row in found.rows}
    assert (rows["raw", FIRST].state, rows["raw", FIRST].on_purpose) == ("cannot", True)
    assert rows["raw", FIRST].why.startswith("documents were taken down since: 1 are missing on purpose; 1 of ")
    assert found.ok
    settings = replace(Project.open(copied).settings, lake=str(tmp_path / "again" / "lake"))
    made = {r["doc_id"]: r["outcome"] for r in chain.rows(Project(settings), "raw", ["doc_id", "outcome"], crawl=FIRST)}
    assert made[doc_id] == "removed"


def test_a_takedown_explains_its_own_documents_and_no_others(copied, tmp_path):
    with chain.opened(copied) as project:
        releases.create(project, "first", "tiny", to="extracted")
        doc_id = next(r["doc_id"] for r in chain.rows(project, "raw", crawl=FIRST) if r["outcome"] == "kept")
        asked = request.Request((("doc_id", doc_id),), "asked for", "ticket 1")
        apply.apply(project, request.add(project, asked).id, scan=False)
    settle(copied, language_model={"identify": False})
    with chain.opened(copied) as project:
        found = again(project, "first", tmp_path / "again", to="extracted")
    (row,) = [r for r in found.rows if r.table == "extracted" and r.partition["crawl"] == FIRST]
    assert (row.state, row.on_purpose, found.ok) == ("differs", False, False)
    assert "rows of other documents differ" in row.why


def test_an_unknown_release_and_a_folder_in_use_are_refused(copy, tmp_path):
    with pytest.raises(UnknownName):
        again(copy, "nothing", tmp_path / "a")
    with pytest.raises(UnknownName, match="eval_scores"):
        again(copy, "nothing", tmp_path / "c", to="releases")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine").touch()
    with pytest.raises(UserError, match="not empty"):
        reproduce.reproduce(copy, "nothing", tmp_path / "b")


def test_the_command_says_what_became_of_each_and_its_exit_code_says_whether_all_are_equal(copied, tmp_path):
    with chain.opened(copied) as project:
        releases.create(project, "first", "tiny", to="raw")
    command = [Path(sys.executable).with_name("headwater"), "--project", copied, "reproduce", "first", "--to", "raw"]
    done = subprocess.run([*command, "--json"], capture_output=True, check=True)
    said = json.loads(done.stdout)
    assert (said["release"], said["ok"], {row["state"] for row in said["partitions"]}) == ("first", True, {"equal"})
    settle(copied, crawls=str(tmp_path))
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 1
    assert f"cannot   sources {FIRST}" in done.stdout
