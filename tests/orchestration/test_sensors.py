"""New and grown crawls are ingested, what failed is asked for again, and recipes take crawls in, in order."""

import gzip
import json
import shutil
import uuid

import dagster as dg
import pytest
import yaml
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from headwater.project import Project
from orchestration import partitions, runs
from orchestration.launch import launch
from orchestration.resources import ProjectResource
from orchestration.schedules import monthly_crawls
from orchestration.sensors import new_crawls, next_crawls
from tests import chain

CRAWLS = ["SAMPLE-2024-10", "SAMPLE-2025-03"]
# A run that is queued must say where its job is.
ORIGIN = RemoteJobOrigin(RemoteRepositoryOrigin(GrpcServerCodeLocationOrigin("localhost", 1), "headwater"), "ingest")


@pytest.fixture
def automatic(mine):
    """The same folder as `mine`, where a second recipe takes in crawls by itself."""
    chain.change(mine, "gopher", automatic=True)
    return mine


@pytest.fixture
def source(sample, fresh, tmp_path):
    """A crawl root without crawls, and how one is delivered to it."""
    root = tmp_path / "source"
    listed = json.loads((sample / "collinfo.json").read_text())
    (root / "crawl-data").mkdir(parents=True)
    settings = fresh / "headwater.yaml"
    settings.write_text(yaml.safe_dump({**yaml.safe_load(settings.read_text()), "crawls": str(root)}))

    def deliver(*crawls):
        deliver.folder = root / "crawl-data"
        for crawl in crawls:
            shutil.copytree(sample / "crawl-data" / crawl, root / "crawl-data" / crawl, dirs_exist_ok=True)
        (root / "collinfo.json").write_text(json.dumps([entry for entry in listed if entry["id"] in crawls]))

    deliver()
    return deliver


def tick(sensor, instance):
    """What a sensor asks for; the partitions that it asks for are added, as the daemon does."""
    with dg.build_sensor_context(instance=instance, resources={"project": ProjectResource()}) as context:
        result = sensor(context)
    if isinstance(result, dg.SkipReason):
        return []
    for request in result.dynamic_partitions_requests or []:
        instance.add_dynamic_partitions(request.partitions_def_name, list(request.partition_keys))
    return result.run_requests


def ran(request, instance, status=dg.DagsterRunStatus.FAILURE):
    """What the daemon keeps of a run of a request."""
    tags = {**request.tags, "dagster/run_key": request.run_key, "dagster/partition": request.partition_key}
    run = dg.DagsterRun(job_name="ingest", run_id=str(uuid.uuid4()), tags=tags, status=status, remote_job_origin=ORIGIN)
    instance.add_run(run)
    return run


def reason(sensor, instance):
    """Why a sensor asks for nothing."""
    with dg.build_sensor_context(instance=instance, resources={"project": ProjectResource()}) as context:
        result = sensor(context)
    assert isinstance(result, dg.SkipReason)
    return result.skip_message


def grow(folder):
    """One more file in the listing of a crawl."""
    listing = folder / "warc.paths.gz"
    first = gzip.decompress(listing.read_bytes()).decode().split()[0]
    root = folder.parent.parent
    more = first.replace(".warc", "-more.warc")
    shutil.copy(root / first, root / more)
    listing.write_bytes(gzip.compress(gzip.decompress(listing.read_bytes()) + f"{more}\n".encode()))


def test_each_new_crawl_becomes_a_partition_and_a_run(source, instance):
    assert tick(new_crawls, instance) == []
    source(CRAWLS[0])
    assert [r.partition_key for r in tick(new_crawls, instance)] == [CRAWLS[0]]
    source(*CRAWLS)
    assert {r.partition_key for r in tick(new_crawls, instance)} == set(CRAWLS)
    assert set(instance.get_dynamic_partitions("crawl")) == set(CRAWLS)


def test_a_crawl_delivered_again_has_the_run_key_it_had(source, instance):
    source(CRAWLS[0])
    first = tick(new_crawls, instance)
    source(CRAWLS[0])
    assert [r.run_key for r in tick(new_crawls, instance)] == [r.run_key for r in first]


def test_a_crawl_in_the_lake_is_known_and_asks_for_nothing(mine, instance):
    assert tick(new_crawls, instance) == []
    assert set(instance.get_dynamic_partitions("crawl")) == set(CRAWLS)


def test_the_monthly_schedule_asks_for_the_same(source, instance):
    source(*CRAWLS)
    with dg.build_schedule_context(instance=instance, resources={"project": ProjectResource()}) as context:
        found = list(monthly_crawls(context))
    assert [r.run_key for r in found] == [r.run_key for r in tick(new_crawls, instance)]
    assert [r.partition_key for r in found] == CRAWLS


def test_what_failed_is_asked_for_again_with_a_new_run_key(source, instance, home):
    source(CRAWLS[0])
    for warc in source.folder.rglob("*.warc.gz"):
        warc.unlink()
        warc.mkdir()  # there, with a size, and not to be read
    (first,) = tick(new_crawls, instance)
    with pytest.raises(Exception, match="directory"):
        launch("ingest", {"crawl": CRAWLS[0]}, home=home, tags={**first.tags, "dagster/run_key": first.run_key})
    (second,) = tick(new_crawls, instance)
    assert (second.partition_key, second.tags) == (first.partition_key, first.tags)
    assert second.run_key != first.run_key


def test_what_failed_three_times_is_not_asked_for_until_it_changes(source, instance):
    source(CRAWLS[0])
    keys = set()
    for _ in range(3):
        (asked,) = tick(new_crawls, instance)
        keys.add(asked.run_key)
        last = ran(asked, instance)
    assert len(keys) == 3
    assert f"{CRAWLS[0]} failed 3 times, the last time in run {last.run_id}" in reason(new_crawls, instance)
    grow(source.folder / CRAWLS[0])
    assert [r.partition_key for r in tick(new_crawls, instance)] == [CRAWLS[0]]


def test_what_gave_up_does_not_hold_up_another_crawl(source, instance):
    source(CRAWLS[0])
    for _ in range(3):
        ran(*tick(new_crawls, instance), instance)
    source(*CRAWLS)
    assert [r.partition_key for r in tick(new_crawls, instance)] == [CRAWLS[1]]


def test_a_crawl_that_cannot_be_read_does_not_hold_up_another(source, instance):
    source(*CRAWLS)
    (source.folder / CRAWLS[0] / "warc.paths.gz").unlink()
    assert [r.partition_key for r in tick(new_crawls, instance)] == [CRAWLS[1]]


@pytest.mark.parametrize("status", ["QUEUED", "STARTING", "STARTED", "CANCELING"])
def test_what_is_under_way_is_not_asked_for(source, instance, status):
    source(CRAWLS[0])
    ran(*tick(new_crawls, instance), instance, dg.DagsterRunStatus[status])
    grow(source.folder / CRAWLS[0])
    assert reason(new_crawls, instance) == f"{CRAWLS[0]} is being made"


def test_what_a_killed_process_left_is_asked_for_again(source, instance):
    source(CRAWLS[0])
    (asked,) = tick(new_crawls, instance)
    run = ran(asked, instance, dg.DagsterRunStatus.STARTED)
    instance.add_run_tags(run.run_id, {runs.PROCESS: runs.process_tag()[runs.PROCESS].rsplit(" ", 1)[0] + " 1"})
    assert [r.tags for r in tick(new_crawls, instance)] == [asked.tags]


def test_what_was_cancelled_is_not_asked_for(source, instance):
    source(CRAWLS[0])
    ran(*tick(new_crawls, instance), instance, dg.DagsterRunStatus.CANCELED)
    assert f"{CRAWLS[0]} was cancelled" in reason(new_crawls, instance)


def test_an_ingested_crawl_is_asked_for_when_it_grows_and_only_then(source, instance, fresh):
    source(CRAWLS[0])
    (first,) = tick(new_crawls, instance)
    with chain.opened(fresh) as project:
        chain.run(project, to="signals")
    ran(first, instance, dg.DagsterRunStatus.SUCCESS)
    source(CRAWLS[0])
    assert reason(new_crawls, instance) == "all 1 crawls of the source are in the lake"
    grow(source.folder / CRAWLS[0])
    (again,) = tick(new_crawls, instance)
    assert again.partition_key == CRAWLS[0]
    assert again.run_key != first.run_key


def test_what_was_made_and_is_wanted_back_is_asked_for_anew(source, instance):
    source(CRAWLS[0])
    (first,) = tick(new_crawls, instance)
    ran(first, instance, dg.DagsterRunStatus.SUCCESS)
    assert [r.run_key == first.run_key for r in tick(new_crawls, instance)] == [False]


def test_a_recipe_that_is_up_to_date_asks_for_nothing(mine, instance):
    partitions.add(instance, CRAWLS)
    assert tick(next_crawls, instance) == []


def test_a_recipe_takes_in_one_crawl_at_a_time_in_order(automatic, instance):
    partitions.add(instance, CRAWLS)
    assert [r.partition_key for r in tick(next_crawls, instance)] == [f"{CRAWLS[0]}|gopher"]
    with chain.opened(automatic) as project:
        chain.run(project, recipe="gopher", crawls=[CRAWLS[0]], to="deduped")
    assert [r.partition_key for r in tick(next_crawls, instance)] == [f"{CRAWLS[1]}|gopher"]


def test_a_crawl_that_is_not_ingested_is_waited_for(source, instance):
    source(*CRAWLS)
    partitions.add(instance, CRAWLS)
    assert tick(next_crawls, instance) == []


def test_the_run_key_follows_what_is_to_be_made(automatic, instance):
    partitions.add(instance, CRAWLS)
    (before,) = tick(next_crawls, instance)
    chain.change(automatic, "gopher", filters=["gopher_quality"])
    (after,) = tick(next_crawls, instance)
    assert before.partition_key == after.partition_key
    assert before.run_key != after.run_key
    assert Project.open().recipe("gopher").filters[0].name == "gopher_quality"


def test_a_recipe_whose_run_failed_is_asked_for_again(automatic, instance):
    partitions.add(instance, CRAWLS)
    (first,) = tick(next_crawls, instance)
    ran(first, instance)
    (second,) = tick(next_crawls, instance)
    assert second.partition_key == first.partition_key
    assert second.run_key != first.run_key
    ran(second, instance)
    ran(*tick(next_crawls, instance), instance)
    assert f"{CRAWLS[0]}|gopher failed 3 times" in reason(next_crawls, instance)


def test_a_run_by_hand_of_a_recipe_and_crawl_has_the_tag_that_a_request_looks_for(mine, home, instance):
    launch("curate", {"crawl": CRAWLS[0], "recipe": "tiny"}, home=home, asset_selection=["filtered"])
    assert instance.get_runs(limit=1)[0].tags["dagster/partition"] == f"{CRAWLS[0]}|tiny"


def test_a_recipe_that_cannot_be_read_does_not_hold_up_another(automatic, instance):
    partitions.add(instance, CRAWLS)
    (automatic / "recipes" / "tiny.yaml").write_text("nothing: of use\n")
    assert [r.partition_key for r in tick(next_crawls, instance)] == [f"{CRAWLS[0]}|gopher"]
