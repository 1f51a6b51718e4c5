"""The takedown job: what the UI runs is what the command does, and the reports are asked for after it."""

import json
import shutil

import dagster as dg
import pytest

from headwater.takedown import request as requests
from orchestration.definitions import defs
from orchestration.takedowns import reports_after_takedowns
from tests import chain
from tests.takedown.conftest import HOST, asked, removed


@pytest.fixture
def project(built, fresh):
    """The built project, with a request that is not applied, as the one that the job opens."""
    shutil.copytree(built / "lake", fresh / "lake", dirs_exist_ok=True)
    with chain.opened(fresh) as opened:
        requests.add(opened, asked(("domain", HOST)))
        yield opened


def test_the_job_applies_what_was_asked_for_and_shows_its_certificate(project, instance):
    result = defs.resolve_job_def("takedown").execute_in_process(instance=instance)
    assert result.output_for_node("apply_takedowns") == 1
    assert removed(project, "extracted")
    (event,) = [e for e in result.all_events if e.event_type == dg.DagsterEventType.ASSET_OBSERVATION]
    metadata = event.event_specific_data.asset_observation.metadata
    assert metadata["state"].value == "removed, no trace found"
    said = json.loads(project.lake.storage.read(f"certificates/{metadata['takedown'].value}/certificate.json"))
    assert said["documents"] == metadata["documents"].value


def test_the_reports_are_asked_for_after_a_takedown(project, instance):
    result = defs.resolve_job_def("takedown").execute_in_process(instance=instance)
    (event,) = [e for e in result.all_events if e.event_type == dg.DagsterEventType.RUN_SUCCESS]
    context = dg.build_run_status_sensor_context(
        sensor_name="reports_after_takedowns",
        dagster_event=event,
        dagster_instance=instance,
        dagster_run=result.dagster_run,
    )
    asked_for = reports_after_takedowns(context)
    assert asked_for.run_key == f"after {result.run_id}"
    assert [job.name for job in reports_after_takedowns.jobs] == ["publish"]
