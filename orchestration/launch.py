"""Run a job in this process on the instance that the UI shows: what a command did is seen there, and the other way."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from headwater.errors import HeadwaterError, UnknownName
from orchestration import partitions, runs

# The label by which the UI files a run under the job of its code location.
REPOSITORY = {".dagster/repository": "__repository__@headwater"}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def home(project_folder: Path, environment: Mapping[str, str]) -> Path:
    """DAGSTER_HOME, or `.dagster` in the project folder; made ready with the project's dagster.yaml.

    A home of one's own keeps the dagster.yaml that it has.
    """
    given = environment.get("DAGSTER_HOME")
    found = Path(given).resolve() if given else project_folder.resolve() / ".dagster"
    found.mkdir(parents=True, exist_ok=True)
    settings, ours = found / "dagster.yaml", project_folder / "dagster.yaml"
    if not settings.exists() or (not given and settings.read_bytes() != ours.read_bytes()):
        settings.write_bytes(ours.read_bytes())
    return found


def launch(
    job: str,
    partition: Mapping[str, str],
    *,
    home: Path,
    asset_selection: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Run a job for one partition ({} for one that has none), or only some of its tables.

    Gives what was materialized: asset, partition, run and metadata. An error of Headwater is raised as it was; the run
    is then in the UI as a failed one.
    """
    from orchestration.definitions import defs

    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs.settle(instance)
        if "crawl" in partition:
            partitions.add(instance, [partition["crawl"]])
        definition = defs.resolve_job_def(job)
        try:
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
        return [_told(event, result.run_id) for event in result.get_asset_materialization_events()]


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


def _told(event: dg.DagsterEvent, run: str) -> dict[str, Any]:
    found = event.step_materialization_data.materialization
    metadata = {name: value.value for name, value in found.metadata.items()}
    return {"asset": found.asset_key.to_user_string(), "partition": found.partition, "run": run, "metadata": metadata}
