"""Run a job in this process on the instance that the UI shows: what a command did is seen there, and the other way."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import dagster as dg

from headwater.errors import HeadwaterError, UnknownName
from headwater.pipeline import Progress
from orchestration import partitions, runs
from orchestration.definitions import defs
from orchestration.facts import CURRENT
from orchestration.tables import PROGRESS

# The label by which the UI files a run under the job of its code location.
REPOSITORY = {".dagster/repository": "__repository__@headwater"}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def launch(
    job: str,
    partition: Mapping[str, str],
    *,
    home: Path,
    asset_selection: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Run a job for one partition ({} for one that has none), or only some of its tables.

    Gives what was materialized: asset, partition, run, whether it was written, version and metadata. An error of
    Headwater is raised as it was; the run is then in the UI as a failed one. What steps print is in the UI's logs, not
    here.
    """
    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs.settle(instance)
        if "crawl" in partition:
            partitions.add(instance, [partition["crawl"]])
        definition = defs.resolve_job_def(job)
        try:
            with _quiet(), _told_of(progress):
                result = definition.execute_in_process(
                    instance=instance,
                    partition_key=partitions.key(partition) if partition else None,
                    asset_selection=_selected(definition, asset_selection),
                    run_config=QUIET,
                    tags={**REPOSITORY, **runs.process_tag(), **(tags or {})},
                )
        except dg.Failure as failure:
            if isinstance(failure.__cause__, HeadwaterError):
                raise failure.__cause__ from None
            raise
        return [_row(event, result.run_id) for event in result.get_asset_materialization_events()]


@contextmanager
def _quiet() -> Iterator[None]:
    """Standard output goes nowhere; Dagster's capture, which shows it in the UI, sits on top of this."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield


@contextmanager
def _told_of(progress: Progress | None) -> Iterator[None]:
    before = PROGRESS.set(progress)
    try:
        yield
    finally:
        PROGRESS.reset(before)


def _selected(definition: dg.JobDefinition, names: Sequence[str] | None) -> list[dg.AssetKey] | None:
    """The assets of some tables of a job, with the evidence that is made in the same step."""
    if names is None:
        return None
    graph = definition.asset_layer.asset_graph
    steps = {key: graph.get(key).assets_def.keys for key in definition.asset_layer.executable_asset_keys}
    known = {key.to_user_string(): key for key in steps}
    for name in names:
        if name not in known:
            raise UnknownName.among(f"table of job {definition.name}", name, known)
    return sorted({key for name in names for key in steps[known[name]]})


def _row(event: dg.DagsterEvent, run: str) -> dict[str, Any]:
    found = event.step_materialization_data.materialization
    metadata = {name: value.value for name, value in found.metadata.items()}
    return {
        "asset": found.asset_key.to_user_string(),
        "partition": found.partition,
        "run": run,
        # dbt says of no model that it was current: it builds all of them.
        "written": metadata.get("state") != CURRENT,
        "version": metadata.get("delta_version"),
        "metadata": metadata,
    }
