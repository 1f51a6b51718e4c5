"""Each expectation is one asset check, answered on the draft before the commit and recorded in it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import dagster as dg
import pyarrow as pa

import expectations
from assets import TableAsset
from headwater.errors import AuditFailed
from headwater.lake import audit
from headwater.lake.audit import Check
from headwater.lake.lineage import canonical
from headwater.pipeline import DraftView, Outcome, viewed
from headwater.project import Project

CONSERVED = "rows_in_equal_rows_out"


def specs(asset: TableAsset) -> list[dg.AssetCheckSpec]:
    """The checks of a table and of its evidence."""
    found = [
        dg.AssetCheckSpec(e.name, asset=spec.key, description=_described(e), blocking=e.blocking)
        for spec in asset.specs
        for e in expectations.discover().get(spec.key.to_user_string(), ())
    ]
    if asset.conserves:
        said = "The table holds exactly the documents that it owes its input, each as often."
        found.insert(0, dg.AssetCheckSpec(CONSERVED, asset=asset.name, description=said, blocking=True))
    return found


def _described(expectation: expectations.Expectation) -> str:
    where = {"facts": "all rows", "outcomes": "all outcomes", "rows": "a hash sample of the rows"}[expectation.frame]
    arguments = ", ".join(f"{name}={value!r}" for name, value in expectation.arguments.items())
    return f"{expectation.kind}({arguments}) on {where}."


class Audit:
    """Answers the expectations of every draft of a run, and keeps the answers and row samples for the UI."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._parameters = {"max_quarantined": project.settings.max_quarantined}
        self.answers: dict[tuple[str, str], list[Check]] = {}
        self.samples: dict[tuple[str, str], pa.Table] = {}

    def __call__(self, view: DraftView) -> list[Check]:
        """The answers for one draft, or for one published partition."""
        at = (view.table, canonical(dict(view.partition)))
        self.samples[at] = view.sample
        self.answers[at] = expectations.validate(view, self._parameters)
        return self.answers[at]

    def drafted(self, outcome: Outcome) -> bool:
        """Whether this run drafted a partition."""
        return (outcome.table, canonical(dict(outcome.partition))) in self.answers

    def failures(self, asset: TableAsset, error: AuditFailed) -> Iterator[dg.AssetCheckResult]:
        """What was answered before a draft was refused; of two extractors the later one's, which was refused."""
        last = {(table, c.name): c for (table, _), answers in self.answers.items() for c in answers}
        yield from (_result(table, check) for (table, _), check in last.items())
        if asset.conserves and f"{CONSERVED} (" in str(error):
            yield _result(asset.name, Check(CONSERVED, False, observed=str(error)))

    def results(self, asset: TableAsset, outcomes: Mapping[str, list[Outcome]]) -> Iterator[dg.AssetCheckResult]:
        """A result for every check of a table that is published, and of its evidence."""
        for spec in specs(asset):
            table = spec.asset_key.to_user_string()
            found = [self._answer(spec.name, outcome) for outcome in outcomes[table]]
            observed = "; ".join(dict.fromkeys(check.observed for check in found if check.observed))
            yield _result(table, replace(found[0], passed=all(c.passed for c in found), observed=observed))

    def _answer(self, name: str, outcome: Outcome) -> Check:
        at = (outcome.table, canonical(dict(outcome.partition)))
        blocking = {e.name: e.blocking for e in expectations.discover().get(outcome.table, ())}.get(name, True)
        here = {c.name: c for c in (*outcome.checks, *self.answers.get(at, ()))}
        if name in here and here[name].observed:
            answer: Check = replace(here[name], blocking=blocking)
            return answer
        if name in outcome.provenance.checks:
            seen = f"recorded with version {outcome.version}"
            return Check(name, outcome.provenance.checks[name], blocking, seen)
        return self._ask(name, outcome)

    def _ask(self, name: str, outcome: Outcome) -> Check:
        """Answer a check that is newer than the commit on what is published."""
        owed = self._project.plan(outcome.table, outcome.partition).owed if name == CONSERVED else None
        if owed is not None:
            return audit.conserve(self._project.lake.storage, outcome.table, _files(self._project, outcome), owed)
        checks = self(published_view(self._project, outcome))
        return next(check for check in checks if check.name == name)


def published_view(project: Project, outcome: Outcome) -> DraftView:
    """What an audit would see of a partition that is published."""
    plan = project.plan(outcome.table, outcome.partition)
    return viewed(project.lake, plan, _files(project, outcome), outcome.provenance.row_flow)


def _files(project: Project, outcome: Outcome) -> list[str]:
    return [f.name for f in project.lake.files(outcome.table, outcome.partition, outcome.version)]


def _result(table: str, check: Check) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if check.blocking else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        asset_key=table,
        check_name=check.name,
        passed=check.passed,
        severity=severity,
        description=check.observed,
        metadata={"observed": check.observed},
    )
