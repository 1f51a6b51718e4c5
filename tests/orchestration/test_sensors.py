"""New crawls are ingested once; recipes take them in, in order."""

import json
import shutil

import dagster as dg
import pytest
import yaml

from headwater.project import Project
from orchestration import partitions
from orchestration.resources import ProjectResource
from orchestration.schedules import monthly_crawls
from orchestration.sensors import new_crawls, next_crawls
from tests import chain

CRAWLS = ["SAMPLE-2024-10", "SAMPLE-2025-03"]


@pytest.fixture
def source(sample, fresh, tmp_path):
    """A crawl root without crawls, and how one is delivered to it."""
    root = tmp_path / "source"
    listed = json.loads((sample / "collinfo.json").read_text())
    (root / "crawl-data").mkdir(parents=True)
    settings = fresh / "headwater.yaml"
    settings.write_text(yaml.safe_dump({**yaml.safe_load(settings.read_text()), "crawls": str(root)}))

    def deliver(*crawls):
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


def test_each_new_crawl_becomes_a_partition_and_a_run(source, instance):
    assert tick(new_crawls, instance) == []
    source(CRAWLS[0])
    assert [(r.run_key, r.partition_key) for r in tick(new_crawls, instance)] == [(CRAWLS[0], CRAWLS[0])]
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
    assert [(r.run_key, r.partition_key) for r in found] == [(crawl, crawl) for crawl in CRAWLS]


def test_a_recipe_that_is_up_to_date_asks_for_nothing(mine, instance):
    (mine / "recipes" / "gopher.yaml").unlink()
    partitions.add(instance, CRAWLS)
    assert tick(next_crawls, instance) == []


def test_a_recipe_takes_in_one_crawl_at_a_time_in_order(mine, instance):
    partitions.add(instance, CRAWLS)
    assert [r.partition_key for r in tick(next_crawls, instance)] == [f"{CRAWLS[0]}|gopher"]
    with chain.opened(mine) as project:
        chain.run(project, recipe="gopher", crawls=[CRAWLS[0]], to="deduped")
    assert [r.partition_key for r in tick(next_crawls, instance)] == [f"{CRAWLS[1]}|gopher"]


def test_a_crawl_that_is_not_ingested_is_waited_for(source, instance):
    source(*CRAWLS)
    partitions.add(instance, CRAWLS)
    assert tick(next_crawls, instance) == []


def test_the_run_key_follows_what_is_to_be_made(mine, instance):
    partitions.add(instance, CRAWLS)
    (before,) = tick(next_crawls, instance)
    chain.change(mine, "gopher", filters=["gopher_quality"])
    (after,) = tick(next_crawls, instance)
    assert before.partition_key == after.partition_key
    assert before.run_key != after.run_key
    assert Project.open().recipe("gopher").filters[0].name == "gopher_quality"
