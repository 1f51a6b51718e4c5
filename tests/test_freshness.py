"""Which partitions a request needs, in which order, and which of them are stale."""

import shutil

import pytest

from headwater import freshness
from headwater.errors import UnknownName
from headwater.project import Project
from tests import chain

FIRST, SECOND = "SAMPLE-2024-10", "SAMPLE-2025-03"


def stale(project, to="tokenized"):
    recipe = project.recipe("tiny")
    found = freshness.stale(project, list(freshness.targets(recipe, project.crawls(recipe), to)))
    return [(target.table, target.partition.get("crawl")) for target in found]


def test_every_table_comes_after_what_it_is_made_from(tiny_lake):
    place = {}
    for number, target in enumerate(freshness.targets(tiny_lake.recipe("tiny"), [FIRST, SECOND], "tokenized")):
        for read in tiny_lake.plan(target.table, target.partition).inputs:
            if read.version is not None:
                assert place[read.table, tuple(sorted(read.partition.items()))] < number
        place[target.table, tuple(sorted(target.partition.items()))] = number


def test_a_table_that_is_none_is_refused(tiny_lake):
    with pytest.raises(UnknownName, match="no table 'nope'"):
        list(freshness.targets(tiny_lake.recipe("tiny"), [FIRST], "nope"))


def test_in_an_empty_lake_everything_is_stale(tmp_path):
    with chain.opened(chain.lay_out(tmp_path / "p")) as project:
        recipe = project.recipe("tiny")
        assert len(stale(project)) == len(list(freshness.targets(recipe, [FIRST, SECOND], "tokenized")))


def test_in_a_finished_lake_nothing_is_stale(tiny_lake):
    assert stale(tiny_lake) == []


def test_a_crawl_changed_at_the_source_makes_all_that_comes_from_it_stale_and_nothing_else(copied, sample, tmp_path):
    crawls = shutil.copytree(sample, tmp_path / "crawls")
    file = next((crawls / f"crawl-data/{SECOND}").rglob("*.warc.gz"))
    file.write_bytes(file.read_bytes() + b"\0")
    settings = (copied / "headwater.yaml").read_text().replace(str(sample), str(crawls))
    (copied / "headwater.yaml").write_text(settings)
    with chain.opened(copied) as project:
        found = stale(project)
    assert {crawl for _, crawl in found} == {SECOND, None}
    assert {table for table, _ in found} == set(freshness.ORDER[: freshness.ORDER.index("tokenized") + 1])


def test_a_step_of_another_version_makes_its_table_and_all_after_it_stale(copied, monkeypatch):
    from headwater import registry

    with chain.opened(copied) as project:
        monkeypatch.setattr(registry.module("filters", "gopher_quality"), "VERSION", 99)
        tables = {table for table, _ in stale(project)}
    evidence = {"minhash_index", "duplicate_pairs", "repeated_spans", "span_index"}
    assert tables == {"filtered", *evidence, "deduped", "mixed", "tokenized"}


def test_a_limit_of_the_settings_is_part_of_how_a_table_is_made(copied):
    (copied / "headwater.yaml").write_text((copied / "headwater.yaml").read_text() + "max_page_bytes: 5\n")
    with chain.opened(copied) as project:
        assert {table for table, _ in stale(project, "extracted")} == {"extracted"}


def test_the_number_of_workers_is_not(copied):
    (copied / "headwater.yaml").write_text((copied / "headwater.yaml").read_text().replace("workers: 2", "workers: 7"))
    with chain.opened(copied) as project:
        assert stale(project) == []


def test_the_tokenizer_is_no_reason_to_mix_again(copied):
    chain.change(copied, "tiny", tokenizer={"vocab_size": 3000})
    with chain.opened(copied) as project:
        assert stale(project) == [("tokenized", None)]


def test_a_second_recipe_shares_the_tables_that_no_recipe_decides(copied):
    with chain.opened(copied) as project:
        recipe = project.recipe("gopher")
        wanted = list(freshness.targets(recipe, project.crawls(recipe), "tokenized"))
        tables = {target.table for target in freshness.stale(project, wanted)}
    assert tables.isdisjoint(freshness.BY_CRAWL)


@pytest.mark.parametrize(("scope", "compared"), [
    ("global", ["C1", "C2", "C3"]), ("within_crawl", []), ({"window": 1}, []), ({"window": 2}, ["C3"]),
    ({"window": 9}, ["C1", "C2", "C3"]),
])  # fmt: skip
def test_a_crawl_is_compared_with_the_earlier_ones_in_scope(tmp_path, monkeypatch, scope, compared):
    monkeypatch.setattr(Project, "crawls", lambda self, recipe: ["C1", "C2", "C3", "C4"])
    chain.change(chain.lay_out(tmp_path / "project"), "tiny", scope=scope)
    with chain.opened(tmp_path / "project") as project:
        assert project.compared(project.recipe("tiny"), "C4") == compared
