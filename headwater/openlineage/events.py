"""Run events of the lineage record: START, and COMPLETE, FAIL or ABORT.

Built from what the Delta log holds, so the events of a commit are the same whenever they are computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as package_version
from typing import Any
from uuid import UUID

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    DatasetFacet,
    JobFacet,
    RunFacet,
    base_subset_dataset,
    dataset_version_dataset,
    documentation_job,
    error_message_run,
    job_type_job,
    lifecycle_state_change_dataset,
    output_statistics_output_dataset,
    processing_engine_run,
    source_code_location_job,
)
from openlineage.client.serde import Serde

from headwater import registry
from headwater.errors import AuditFailed, ConcurrentCommit, HeadwaterError, WorkerFailed
from headwater.lake.lineage import Input, Partition, Provenance, code_version, now
from headwater.lake.store import Published
from headwater.openlineage import datasets, own, rights
from headwater.openlineage.datasets import Facets, Logs
from headwater.pipeline import Begun, Plan
from headwater.project import Project

LONGEST_MESSAGE = 4_000
# Dimensions that a job is told apart by; the others say which of its partitions a run made.
OF_JOB = ("recipe", "extractor")
State = lifecycle_state_change_dataset.LifecycleStateChange


@dataclass(frozen=True)
class _Work:
    """What is known of a run when it begins, and still when it has ended."""

    project: Project
    table: str
    partition: Partition
    inputs: tuple[Input, ...]
    run: str
    started: str
    code: Mapping[str, str]
    logs: Logs
    facet: Facets

    def event(self, state: RunState, at: str, run: Mapping[str, RunFacet], output: OutputDataset) -> dict[str, Any]:
        """One event as plain data."""
        engine = self.facet(
            processing_engine_run.ProcessingEngineRunFacet,
            version=self.code.get("headwater", "unknown"),
            name="headwater",
            openlineageAdapterVersion=self.code.get("headwater", "unknown"),
        )
        event = RunEvent(
            eventType=state,
            eventTime=at,
            run=Run(runId=str(UUID(hex=self.run)), facets={"processing_engine": engine, **run}),
            job=self._job(),
            inputs=self._inputs(),
            outputs=[output],
            producer=self.facet.producer,
        )
        return Serde.to_dict(event)

    def _inputs(self) -> list[InputDataset]:
        return [datasets.read_dataset(self.project, self.facet, self.logs, read) for read in self.inputs]

    def _job(self) -> Job:
        name = ".".join([self.table, *(self.partition[d] for d in OF_JOB if d in self.partition)])
        kind = {"processingType": "BATCH", "integration": "HEADWATER", "jobType": "TABLE"}
        facets: dict[str, JobFacet] = {"jobType": self.facet(job_type_job.JobTypeJobFacet, **kind)}
        if self.table in registry.names("stages"):
            said = (registry.module("stages", self.table).__doc__ or "").split("\n\n")[0]
            facets["documentation"] = self.facet(documentation_job.DocumentationJobFacet, description=said)
            facets["sourceCodeLocation"] = self._source(f"headwater/stages/{self.table}.py")
        return Job(namespace=self.project.settings.openlineage.namespace, name=name, facets=facets)

    def _source(self, path: str) -> JobFacet:
        """Where the stage's code is, as a package URL: https://github.com/package-url/purl-spec"""
        release, git = self.code.get("headwater", "unknown"), self.code.get("git")
        said = {"type": "git" if git else "package", "url": f"{_purl(release)}#{path}", "path": path}
        return self.facet(source_code_location_job.SourceCodeLocationJobFacet, **said, version=git or release)

    def output(self) -> OutputDataset:
        """The table with the partition that is being replaced, and nothing of a version."""
        namespace, name = datasets.table_name(self.project, self.table)
        said: dict[str, Any] = {}
        if self.partition:
            where = datasets.condition(self.partition)
            said["subset"] = self.facet(base_subset_dataset.OutputSubsetOutputDatasetFacet, outputCondition=where)
        facets = datasets.table_facets(self.facet, self.table)
        return OutputDataset(namespace=namespace, name=name, facets=facets, outputFacets=said)


def _purl(release: str) -> str:
    return f"pkg:pypi/headwater@{release}"


def _facets() -> Facets:
    return Facets(_purl(package_version("headwater")))


def _of_plan(project: Project, plan: Plan, begun: Begun) -> _Work:
    place = plan.table, plan.partition, plan.inputs
    return _Work(project, *place, begun.run, begun.started, code_version(), Logs(project), _facets())


def _of_record(project: Project, said: Provenance, at: str) -> _Work:
    place = said.table, said.partition, said.inputs
    return _Work(project, *place, said.run, said.started or at, said.code, Logs(project), _facets())


def started(project: Project, plan: Plan, begun: Begun) -> dict[str, Any]:
    """START, when a draft is begun."""
    return _start(_of_plan(project, plan, begun))


def _start(work: _Work) -> dict[str, Any]:
    return work.event(RunState.START, work.started, {}, work.output())


def failed(project: Project, plan: Plan, begun: Begun, error: BaseException) -> dict[str, Any]:
    """FAIL, with the checks of a refused draft; ABORT where it was interrupted or another run was first."""
    work = _of_plan(project, plan, begun)
    message = work.facet(error_message_run.ErrorMessageRunFacet, message=_message(error), programmingLanguage="PYTHON")
    output = work.output()
    if isinstance(error, AuditFailed) and error.checks:
        _facets_of(output)["dataQualityAssertions"] = datasets.assertions(work.facet, list(error.checks))
    interrupted = isinstance(error, ConcurrentCommit) or not isinstance(error, Exception)
    return work.event(RunState.ABORT if interrupted else RunState.FAIL, now(), {"errorMessage": message}, output)


def _message(error: BaseException) -> str:
    """What went wrong, in words of ours: what a worker met may quote a page, and no event may hold a page's text."""
    kinds = " of ".join(type(e).__name__ for e in (error, error.__cause__) if e is not None)
    ours = isinstance(error, HeadwaterError) and not isinstance(error, WorkerFailed)
    return f"{kinds}: {error}"[:LONGEST_MESSAGE] if ours else f"{kinds}; the run's own log says more"


def of_commit(project: Project, commit: Published) -> list[dict[str, Any]]:
    """START and COMPLETE of a commit that is in the log."""
    said = commit.provenance
    assert said is not None
    at = commit.time.isoformat(timespec="milliseconds")
    work = _of_record(project, said, at)
    return [_start(work), work.event(RunState.COMPLETE, at, _run_facets(work, said), _published(work, commit, said))]


def _run_facets(work: _Work, said: Provenance) -> dict[str, RunFacet]:
    """Rows in and out, the policy that was asked, the takedown that was carried out."""
    flow = [_flow(read, work.logs.record(read)) for read in work.inputs]
    outcomes = dict(said.row_flow.get("outcomes", {}))
    found: dict[str, RunFacet] = {
        "headwater_rowFlow": work.facet(own.HeadwaterRowFlowRunFacet, inputs=flow, rows=said.rows, outcomes=outcomes)
    }
    policy, takedown = rights.policy(said), rights.takedown(said)
    if policy is not None:
        found["headwater_consentPolicy"] = work.facet(own.HeadwaterConsentPolicyRunFacet, **policy)
    if takedown is not None:
        found["headwater_takedown"] = work.facet(own.HeadwaterTakedownRunFacet, **takedown)
    return found


def _flow(read: Input, record: Provenance | None) -> dict[str, Any]:
    place = {"table": read.table, "partition": dict(read.partition)}
    if record is None:
        return place
    flow = {"rows": record.rows, "outcomes": dict(record.row_flow.get("outcomes", {}))}
    return {**place, "version": read.version, **flow}


def _published(work: _Work, commit: Published, said: Provenance) -> OutputDataset:
    """The table at the version of a commit."""
    facet, output = work.facet, work.output()
    facets: dict[str, DatasetFacet] = output.facets or {}
    version = dataset_version_dataset.DatasetVersionDatasetFacet
    facets["version"] = facet(version, datasetVersion=str(commit.version))
    written = Input(said.table, said.partition, commit.version, said.digest)
    facets["headwater_deltaCommit"] = datasets.delta_commit(facet, written, said)
    columns, state = datasets.column_lineage(work.project, facet, said), _state(work, commit, said)
    composition = rights.composition(said)
    if columns is not None:
        facets["columnLineage"] = columns
    if state is not None:
        change = lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet
        facets["lifecycleStateChange"] = facet(change, lifecycleStateChange=state)
    if composition is not None:
        kind = own.HeadwaterLicenceCompositionDatasetFacet
        facets["headwater_licenceComposition"] = facet(kind, classes=composition)
    of_output = _facets_of(output)
    of_output["outputStatistics"] = _statistics(work, commit)
    of_output["dataQualityAssertions"] = datasets.assertions(facet, datasets.recorded(said))
    return output


def _facets_of(output: OutputDataset) -> dict[str, Any]:
    # The specification files assertions under inputs; nobody reads the last table of a chain, so ours are here too.
    facets: dict[str, Any] | None = output.outputFacets
    assert facets is not None
    return facets


def _statistics(work: _Work, commit: Published) -> output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet:
    files = work.project.lake.files(work.table, work.partition, commit.version)
    return work.facet(
        output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
        rowCount=sum(f.rows for f in files),
        size=sum(f.size for f in files),
        fileCount=len(files),
    )


def _state(work: _Work, commit: Published, said: Provenance) -> State | None:
    """CREATE for a table's first rows, OVERWRITE where a partition is replaced, as every takedown does."""
    told = [c for c in work.logs.of(said.table) if c.provenance is not None and c.provenance.key]
    before = [c.provenance for c in told if c.version < commit.version]
    if not before:
        return State.CREATE
    replaced = any(p is not None and dict(p.partition) == dict(said.partition) for p in before)
    return State.OVERWRITE if replaced or rights.takedown(said) is not None else None
