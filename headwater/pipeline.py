"""Plan, draft, audit, commit: how every table is made.

A stage says what it reads, how, and which function makes one shard (a `Plan`); `publish` does the rest the same way
for all of them. After a kill the next run finds the finished files of the draft by their name and makes only the rest.
"""

import json
import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from headwater.engine import Engine, Guard, Task
from headwater.errors import ConcurrentCommit
from headwater.lake import audit, journal, lineage, scratch, tombstones
from headwater.lake.audit import Check, Conservation
from headwater.lake.files import Footer
from headwater.lake.lineage import Input, Partition, Provenance, Shard
from headwater.lake.overlay import Overlay
from headwater.lake.storage import Storage
from headwater.lake.store import Draft, Lake

log = logging.getLogger(__name__)

Work = Callable[[Task, Guard], None]
Audit = Callable[["DraftView"], list[Check]]
Progress = Callable[[str, int, int], None]
Measure = Callable[[Storage, Sequence[str]], Mapping[str, Any]]


@dataclass(frozen=True)
class Plan:
    """How to make one partition of one table.

    `shards` maps the name of each output file to what `work` needs for it, plain data. `options` and `steps` are all
    that decides the result besides the inputs. `prepare` runs on the driver before the shards and adds to their
    arguments; it may give details for the commit under `details`. `removals` is how many takedowns had been resolved
    when the plan was made: with one more, what it would read may be gone. `measure` gives facts about the draft's
    files for the expectations; what it holds them against does not decide the result.
    """

    table: str
    partition: Partition
    inputs: tuple[Input, ...]
    steps: Mapping[str, int]
    options: Mapping[str, Any]
    shards: Mapping[str, Mapping[str, Any]]
    work: Work
    owed: Conservation | None = None
    prepare: Callable[[Draft, Engine], Mapping[str, Any]] | None = None
    finish: Callable[[Draft], None] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    removals: int | None = None
    measure: Measure | None = None

    @property
    def fingerprint(self) -> str:
        """Hash of the options and step versions."""
        return lineage.fingerprint(self.table, self.steps, self.options)

    @property
    def key(self) -> str:
        """Hash of the fingerprint and the inputs' digests: the identity of the result."""
        return lineage.key(self.fingerprint, self.inputs)


@dataclass(frozen=True)
class DraftView:
    """What an audit may look at: the facts frame and the row sample of a draft that is not published."""

    table: str
    partition: Partition
    facts: Mapping[str, Any]
    sample: Any


@dataclass(frozen=True)
class Outcome:
    """What publishing did: the version that now holds the partition, and whether it is new."""

    table: str
    partition: Partition
    version: int
    provenance: Provenance
    checks: tuple[Check, ...]
    written: bool


@dataclass(frozen=True)
class Begun:
    """Work on a partition that has begun: `run` names it, in its record as well; `started` is when, UTC."""

    run: str
    started: str


class Teller(Protocol):
    """Who is told when work on a partition begins and how it ends, after the fact; OpenLineage is one.

    Of a run that was killed it hears nothing more: what must not be missed is read from the log.
    """

    def started(self, plan: Plan, begun: Begun) -> None:
        """A draft is begun."""

    def committed(self, outcome: Outcome) -> None:
        """The draft was published."""

    def failed(self, plan: Plan, begun: Begun, error: BaseException) -> None:
        """Nothing was published."""


def current(lake: Lake, plan: Plan) -> Outcome | None:
    """The published partition where it is what the plan would make; None where there is none or it is stale."""
    found = lake.published(plan.table, plan.partition)
    if found is None or found.provenance is None or found.provenance.key != plan.key:
        return None
    said = found.provenance
    checks = tuple(Check(name, passed, name not in said.warnings) for name, passed in said.checks.items())
    return Outcome(plan.table, plan.partition, found.version, found.provenance, checks, written=False)


def publish(
    lake: Lake,
    plan: Plan,
    engine: Engine,
    *,
    expect: Audit | None = None,
    progress: Progress | None = None,
    tellers: Sequence[Teller] = (),
) -> Outcome:
    """Bring one partition up to date: nothing where it is current, else draft, audit and commit.

    Raises AuditFailed and leaves the published version as it was; raises ConcurrentCommit when another run committed
    other rows meanwhile. Where the other run committed the same, that is the answer.
    """
    before = lake.published(plan.table, plan.partition)
    done = current(lake, plan)
    if done is not None:
        _tidy(lake, plan)
        return done
    # In this order: a takedown holds the second lock's other half and then claims partitions of its own tables.
    with lake.drafting(), lake.claim(plan.table, plan.partition):
        done = current(lake, plan)
        if done is not None:
            return done
        if plan.removals is not None and plan.removals != tombstones.resolved(lake):
            raise ConcurrentCommit(
                f"documents were removed while {plan.table} was planned; nothing was changed, run again"
            )
        if lake.published(plan.table, plan.partition) != before:
            raise ConcurrentCommit(lake.met(plan.table, plan.partition))
        try:
            with _told(plan, tellers) as begun:
                outcome = _commit(lake, plan, begun, engine, expect, progress)
        except ConcurrentCommit:
            done = current(lake, plan)
            if done is None:
                raise
            return done
    for teller in tellers:
        teller.committed(outcome)
    return outcome


@contextmanager
def _told(plan: Plan, tellers: Sequence[Teller]) -> Iterator[Begun]:
    """Tell of the beginning, and of a failure whatever it is."""
    begun = Begun(uuid.uuid4().hex, lineage.now())
    for teller in tellers:
        teller.started(plan, begun)
    try:
        yield begun
    except BaseException as error:
        for teller in tellers:
            teller.failed(plan, begun, error)
        raise


def _tidy(lake: Lake, plan: Plan) -> None:
    """Make up for a run that was killed right after its commit: its entry, scratch files, reports of failed audits."""
    journal.record(lake, [plan.table])
    draft = Draft(lake.storage, plan.table, plan.partition, plan.key, -1)
    left = [folder for folder in (scratch.folder(draft), _reports(draft)) if lake.storage.exists(folder)]
    if left:
        with lake.claim(plan.table, plan.partition):
            for folder in left:
                lake.storage.remove(folder)


def _commit(
    lake: Lake, plan: Plan, begun: Begun, engine: Engine, expect: Audit | None, progress: Progress | None
) -> Outcome:
    draft = lake.draft(plan.table, plan.partition, plan.key)
    details = _write(draft, plan, engine, progress)
    footers = lake.footers(draft, list(plan.shards))
    checks = _audit(lake, draft, plan, footers, expect)
    provenance = _provenance(plan, begun, draft, footers, checks, details)
    version = lake.commit(draft, footers, provenance)
    lake.storage.remove(_reports(draft))
    if plan.finish is not None:
        plan.finish(draft)
    return Outcome(plan.table, plan.partition, version, provenance, tuple(checks), written=True)


def _write(draft: Draft, plan: Plan, engine: Engine, progress: Progress | None) -> Mapping[str, Any]:
    finished = draft.finished()
    missing = sorted(set(plan.shards) - finished)
    shared = dict(plan.prepare(draft, engine)) if plan.prepare is not None else {}
    details = shared.pop("details", {})
    tasks = [Task(shard, {"draft": draft, **plan.shards[shard], **shared}) for shard in missing]
    done = len(plan.shards) - len(missing)
    for _ in engine.map(plan.work, tasks):
        done += 1
        if progress is not None:
            progress(plan.table, done, len(plan.shards))
    return {**plan.details, **details}


@contextmanager
def rehearsed(lake: Lake, plan: Plan, engine: Engine) -> Iterator[tuple[Draft, Mapping[str, Any]]]:
    """What a plan would make, and its details: a draft in a folder that goes away with the block.

    The lake is only read. Nothing is audited or told.
    """
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        storage = Overlay(lake.storage.root, lake.storage.options, folder)
        draft = Draft(storage, plan.table, plan.partition, plan.key, -1)
        yield draft, _write(draft, plan, engine, None)


def _audit(lake: Lake, draft: Draft, plan: Plan, footers: Sequence[Footer], expect: Audit | None) -> list[Check]:
    files = [draft.name(footer.shard) for footer in footers]
    checks = [] if plan.owed is None else [audit.conserve(lake.storage, plan.table, files, plan.owed)]
    if expect is not None:
        view = viewed(lake, plan, files, _flow(footers))
        checks += expect(view)
    report = f"{_reports(draft)}/{plan.key[:16]}.json"
    if any(c.blocking and not c.passed for c in checks):
        text = json.dumps({"checks": [c.__dict__ for c in checks], "draft": files}, indent=1)
        lake.storage.write(report, text.encode())
    audit.refuse(plan.table, plan.partition, checks, lake.storage.uri(report))
    return checks


def viewed(lake: Lake, plan: Plan, files: Sequence[str], flow: Mapping[str, Any]) -> DraftView:
    """What an audit sees of data files, drafted or published; `flow` has their rows by outcome."""
    facts = {**audit.frame(lake.storage, plan.table, files), **flow}
    facts.update(plan.measure(lake.storage, files) if plan.measure is not None else {})
    return DraftView(plan.table, plan.partition, facts, audit.sample(lake.storage, plan.table, files))


def _reports(draft: Draft) -> str:
    """Where the reports of a partition's failed audits are, until it is published."""
    return f"_audits/{draft.folder}"


def _flow(footers: Sequence[Footer]) -> dict[str, Any]:
    outcomes: dict[str, int] = {}
    for footer in footers:
        for outcome, count in footer.outcomes.items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    return {"rows": sum(f.rows for f in footers), "outcomes": dict(sorted(outcomes.items()))}


def _provenance(
    plan: Plan,
    begun: Begun,
    draft: Draft,
    footers: Sequence[Footer],
    checks: Sequence[Check],
    details: Mapping[str, Any],
) -> Provenance:
    shards = [Shard(f.shard, draft.name(f.shard), f.rows, f.digest) for f in footers]
    flow = _flow(footers)
    return Provenance(
        table=plan.table,
        partition=dict(plan.partition),
        inputs=plan.inputs,
        steps=dict(plan.steps),
        options=plan.options,
        fingerprint=plan.fingerprint,
        key=plan.key,
        row_flow=flow,
        rows=flow["rows"],
        digest=lineage.digest_of_shards(shards),
        checks={check.name: check.passed for check in checks},
        details=dict(details),
        code=lineage.code_version(),
        run=begun.run,
        started=begun.started,
        warnings=tuple(check.name for check in checks if not check.blocking),
    )


__all__ = ["Audit", "Begun", "DraftView", "Outcome", "Plan", "Teller", "current", "publish", "rehearsed", "viewed"]
