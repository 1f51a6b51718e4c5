"""A job run by a command: what it writes, what the UI then shows, and what a refusal leaves behind."""

import dagster as dg
import pytest
import yaml

from headwater import catalog
from headwater.errors import AuditFailed, MissingInput, UnknownName
from headwater.freshness import ORDER
from orchestration import partitions, runs
from orchestration.launch import launch
from tests import chain

FIRST, SECOND = "SAMPLE-2024-10", "SAMPLE-2025-03"


def settings(folder, **changed):
    file = folder / "headwater.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), **changed}))


def last_run(instance):
    return instance.get_runs(limit=1)[0]


def check(instance, table, name):
    key = dg.AssetCheckKey(dg.AssetKey(table), name)
    record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    return record.event.dagster_event.asset_check_evaluation_data


def test_a_job_writes_its_tables_and_the_instance_shows_the_run(fresh, home, instance):
    told = launch("ingest", {"crawl": FIRST}, home=home, asset_selection=["sources", "raw"])
    assert [(t["asset"], t["partition"], t["written"], t["version"]) for t in told] == [
        ("sources", FIRST, True, 1), ("raw", FIRST, True, 1),
    ]  # fmt: skip
    run = last_run(instance)
    assert (run.status, run.tags["dagster/partition"]) == (dg.DagsterRunStatus.SUCCESS, FIRST)
    assert "248 rows in, 248 rows out" in check(instance, "raw", "rows_in_equal_rows_out").description
    with chain.opened(fresh) as project:
        commit = project.lake.published("raw", {"crawl": FIRST})
        assert commit.provenance.checks["few_are_quarantined"]
    shown = instance.get_latest_materialization_event(dg.AssetKey("raw")).asset_materialization
    assert shown.tags["dagster/data_version"] == commit.provenance.digest
    assert shown.metadata["dagster/partition_row_count"].value == 248


def test_evidence_is_shown_with_its_table_and_nothing_is_written_twice(mine, home, instance):
    before = versions(mine)
    told = launch("curate", {"crawl": FIRST, "recipe": "tiny"}, home=home, asset_selection=["deduped"])
    assert [t["asset"] for t in told] == ["minhash_index", "duplicate_pairs", "repeated_spans", "span_index", "deduped"]
    assert not any(t["written"] for t in told)
    assert versions(mine) == before
    # The commits were made without expectations: the checks are answered on what is published.
    assert check(instance, "deduped", "keys_are_unique").passed
    assert check(instance, "duplicate_pairs", "accepted_pairs_reach_the_threshold").passed
    assert check(instance, "deduped", "rows_in_equal_rows_out").description == "recorded with version 1"


def versions(folder):
    with chain.opened(folder) as project:
        return {name: project.lake.version(name) for name in ORDER}


def test_a_broken_expectation_leaves_the_published_version_and_shows_the_check(mine, home, instance):
    settings(mine, max_quarantined=0.0, max_page_bytes=2_000)  # many pages are larger
    before = versions(mine)
    with pytest.raises(AuditFailed, match="few_are_quarantined"):
        launch("ingest", {"crawl": SECOND}, home=home, asset_selection=["extracted"])
    assert versions(mine) == before
    assert last_run(instance).status == dg.DagsterRunStatus.FAILURE
    assert not check(instance, "extracted", "few_are_quarantined").passed
    assert check(instance, "extracted", "keys_are_unique").passed


def test_a_crawl_whose_predecessor_is_missing_does_nothing(fresh, home, instance):
    with pytest.raises(MissingInput, match=f"{FIRST} come before {SECOND}.*nothing was done"):
        launch("curate", {"crawl": SECOND, "recipe": "tiny"}, home=home)
    assert set(versions(fresh).values()) == {None}


def test_a_crawl_the_recipe_does_not_want_is_refused(mine, home):
    chain.change(mine, "tiny", crawls=["OTHER-*"])
    with pytest.raises(UnknownName, match="no crawl of recipe tiny"):
        launch("curate", {"crawl": FIRST, "recipe": "tiny"}, home=home)


def test_a_table_of_another_job_is_refused(mine, home):
    with pytest.raises(UnknownName, match="no table of job ingest 'mixed'"):
        launch("ingest", {"crawl": FIRST}, home=home, asset_selection=["mixed"])


def test_publish_builds_every_mart_and_marks_them_current(mine, home, instance):
    told = launch("publish", {}, home=home)
    assert {"marts/retention_funnel", "staging/stg_raw"} <= {t["asset"] for t in told}
    with chain.opened(mine) as project:
        assert catalog.marts_current(project)
        with catalog.connect(project) as lake:
            assert lake.execute("select count(*) from marts.retention_funnel").fetchone()[0] > 0


def test_a_run_whose_process_is_gone_fails_and_gives_its_pool_back(instance):
    tags = {runs.PROCESS: runs.process_tag()[runs.PROCESS].rsplit(" ", 1)[0] + " 1"}
    instance.add_run(dg.DagsterRun(job_name="ingest", run_id="a" * 8, tags=tags, status=dg.DagsterRunStatus.STARTED))
    instance.event_log_storage.set_concurrency_slots("table/raw", 1)
    instance.event_log_storage.claim_concurrency_slot("table/raw", "a" * 8, "raw")
    assert runs.settle(instance) == ["a" * 8]
    assert instance.get_run_by_id("a" * 8).status == dg.DagsterRunStatus.FAILURE
    assert not instance.event_log_storage.get_concurrency_info("table/raw").claimed_slots


def test_a_run_of_a_living_process_is_left_alone(instance):
    tags = runs.process_tag()
    instance.add_run(dg.DagsterRun(job_name="ingest", run_id="b" * 8, tags=tags, status=dg.DagsterRunStatus.STARTED))
    assert runs.settle(instance) == []


def test_a_partition_key_names_its_dimensions_in_order():
    assert partitions.key({"recipe": "tiny", "crawl": FIRST}) == f"{FIRST}|tiny"
    assert partitions.key({"crawl": FIRST, "extractor": "resiliparse"}) == FIRST
