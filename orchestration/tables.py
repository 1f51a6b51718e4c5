"""Table assets as Dagster runs them: with partitions, checks, a pool that lets one run write at a time, and facts."""

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import dagster as dg

import assets
from assets import How, TableAsset
from headwater import catalog
from headwater.errors import AuditFailed, UserError
from headwater.lake.lineage import Partition, canonical
from headwater.pipeline import Outcome, Progress
from headwater.project import Project
from orchestration import checks, facts, partitions
from orchestration.checks import Audit
from orchestration.resources import ProjectResource

# Who is told how far the tables of this process have come: a command's progress bar.
PROGRESS: ContextVar[Progress | None] = ContextVar("progress", default=None)

Event = dg.MaterializeResult[Any] | dg.AssetCheckResult


def definitions() -> list[dg.AssetsDefinition]:
    """Every table of the project."""
    return [definition(asset) for asset in assets.discover().values()]


def definition(asset: TableAsset) -> dg.AssetsDefinition:
    """One table, and the evidence that the same step commits before it."""
    partitioned = partitions.of_table(asset.name)

    @dg.multi_asset(
        name=asset.name,
        description=asset.specs[-1].description,
        specs=[spec.replace_attributes(partitions_def=partitioned) for spec in asset.specs],
        check_specs=checks.specs(asset),
        pool=f"table/{asset.name}",
    )
    def run(context: dg.AssetExecutionContext, project: ProjectResource) -> Iterator[Event]:
        yield from made(asset, context, project.opened)

    return run


def made(asset: TableAsset, context: dg.AssetExecutionContext, project: Project) -> Iterator[Event]:
    """Make the partition of a run, and tell Dagster; a refused draft fails the step with its checks shown."""
    audit = Audit(project)
    try:
        partition = partitions.of_run(context, project, asset.name)
        answer = asset.make(project, partition, How(expect=audit, progress=PROGRESS.get()))
    except AuditFailed as error:
        yield from audit.failures(asset, error)
        raise dg.Failure(str(error), allow_retries=False) from error
    except UserError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    outcomes = answer if isinstance(answer, list) else [answer]
    if any(outcome.written for outcome in outcomes):
        catalog.publish(project)
    by_table = {name: _evidence(project, name, partition, audit) for name in _evidence_of(asset)}
    yield from told(asset, project, audit, by_table | {asset.name: outcomes})


def told(asset: TableAsset, project: Project, audit: Audit, outcomes: Mapping[str, list[Outcome]]) -> Iterator[Event]:
    """What became of each table: version, facts and checks."""
    results = list(audit.results(asset, outcomes))
    for spec in asset.specs:
        found = outcomes[spec.key.to_user_string()]
        sample = audit.samples.get((found[0].table, canonical(dict(found[0].partition))))
        yield dg.MaterializeResult(
            asset_key=spec.key,
            metadata=facts.metadata(project, found, sample),
            check_results=[result for result in results if result.asset_key == spec.key],
            data_version=facts.data_version(found),
        )


def _evidence_of(asset: TableAsset) -> list[str]:
    return [spec.key.to_user_string() for spec in asset.specs[:-1]]


def _evidence(project: Project, name: str, partition: Partition, audit: Audit) -> list[Outcome]:
    """What holds a partition of an evidence table now."""
    commit = project.lake.published(name, partition)
    assert commit is not None
    assert commit.provenance is not None
    outcome = Outcome(name, partition, commit.version, commit.provenance, (), written=False)
    return [replace(outcome, written=audit.drafted(outcome))]
