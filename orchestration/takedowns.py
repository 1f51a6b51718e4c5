"""Takedowns as a job: what was asked for is removed, certified, and the reports are built anew without it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from pydantic import Field

from headwater.takedown import certificate, request
from orchestration import jobs, markdown
from orchestration.resources import ProjectResource


class ApplyConfig(dg.Config):
    """`takedowns`: ids to apply; none stands for all that are not applied. The rest is as of the command."""

    takedowns: list[str] = Field(default_factory=list)
    including_releases: bool = False
    scan: bool = True


@dg.op(pool="takedown", description="Remove what was asked for, search every byte, issue certificates.")
def apply_takedowns(
    context: dg.OpExecutionContext, config: ApplyConfig, project: ProjectResource
) -> Iterator[dg.AssetObservation | dg.Output[int]]:
    """One observation of the table `takedowns` for each certificate; a trace that was found fails the run."""
    from headwater.takedown import apply

    here = project.opened
    todo = config.takedowns or request.waiting(here)
    failed = []
    for takedown in todo:
        said = apply.apply(
            here, takedown, including_releases=config.including_releases, scan=config.scan, told=context.log.info
        )
        yield dg.AssetObservation(
            "takedowns",
            metadata={
                "takedown": takedown,
                "state": said["state"],
                "documents": said["documents"],
                "certificate": here.lake.storage.uri(f"certificates/{takedown}/certificate.html"),
                "tables": dg.MetadataValue.md(_tables(said["tables"])),
            },
        )
        failed += [takedown] if certificate.failed(said) else []
    if failed:
        raise dg.Failure(f"not removed everywhere, the certificates say why: {', '.join(failed)}")
    yield dg.Output(len(todo))


def _tables(amended: Sequence[Mapping[str, Any]]) -> str:
    rows = ([t["table"], " ".join(t["partition"].values()), t["removed_rows"], t["files_rewritten"]] for t in amended)
    return markdown.table(["table", "partition", "removed rows", "files anew"], rows)


@dg.job(description="Apply the takedowns that were asked for: remove, search every byte, certify.")
def takedown() -> None:
    """Apply takedowns."""
    apply_takedowns()


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[takedown],
    request_job=jobs.publish,
    description="After a takedown the catalog and its reports are built anew.",
)
def reports_after_takedowns(context: dg.RunStatusSensorContext) -> dg.RunRequest:
    """Ask for the reports once for each takedown run."""
    return dg.RunRequest(run_key=f"after {context.dagster_run.run_id}")
