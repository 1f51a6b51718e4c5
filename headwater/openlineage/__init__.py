"""The lineage record of a commit as OpenLineage run events, sent to a file or an HTTP endpoint when asked to.

Nothing here is a source: events are computed from the Delta log, so what was not sent, or was lost by the one who got
it, can be sent again (`headwater openlineage`). Spec: OpenLineage 2-0-2, https://openlineage.io/spec/2-0-2/OpenLineage.json
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from headwater.errors import MissingInput, NotFound

if TYPE_CHECKING:
    from headwater.lake.store import Published
    from headwater.openlineage.transport import Outbox
    from headwater.pipeline import Begun, Outcome, Plan, Teller
    from headwater.project import Project

Event = dict[str, Any]


def tellers(project: "Project") -> tuple["Teller", ...]:
    """Who is told of the project's commits: nobody unless `openlineage` is set.

    Raises before any work where what is set cannot be met: the client is not installed, the key is not there.
    """
    return (Emitter(project),) if project.settings.openlineage.on else ()


def emit(project: "Project", table: str, version: int) -> None:
    """Tell of one commit that no teller was told of, such as a takedown's. Nothing where `openlineage` is not set."""
    if project.settings.openlineage.on:
        _send(outboxes(project), of_version(project, table, version))


def of_version(project: "Project", table: str, version: int) -> list[Event]:
    """The events of one commit, START and COMPLETE, from the log alone. Raises NotFound where there is no such one."""
    events = _builder()
    commit = next((c for c in project.lake.log(table) if c.version == version), None)
    if commit is None:
        raise NotFound(f"table {table} has no version {version}; headwater status shows the newest ones")
    if not _told_of(commit):
        raise NotFound(f"{table}@{version} is the birth of the table or not written by Headwater; it has no lineage")
    found: list[Event] = events.of_commit(project, commit)
    return found


def of_lake(project: "Project") -> Iterator[Event]:
    """The events of every commit of every table, oldest commit first."""
    from headwater.lake.tables import TABLES

    events = _builder()
    commits = [(name, commit) for name in TABLES for commit in project.lake.log(name) if _told_of(commit)]
    for _, commit in sorted(commits, key=lambda c: (c[1].time, list(TABLES).index(c[0]), c[1].version)):
        yield from events.of_commit(project, commit)


def send_again(project: "Project", events: list[Event]) -> int:
    """Send events to everything that is set, leaving out those that its file has; gives how many were sent or kept."""
    if not project.settings.openlineage.on:
        raise MissingInput("openlineage is not set in headwater.yaml; give file: PATH or url: URL under it")
    sent = 0
    for outbox in outboxes(project):
        has = outbox.transport.holds()
        missing = [event for event in events if (event["run"]["runId"], event["eventType"]) not in has]
        outbox.send(missing)
        sent += len(missing)
    return sent


def outboxes(project: "Project") -> tuple["Outbox", ...]:
    """Where the project's events go. The same ones for as long as the process lives, so that one dead end is known."""
    _builder()
    from headwater.openlineage import transport

    return transport.outboxes(project.settings.openlineage, project.settings.folder)


class Emitter:
    """Tells of each run when it begins and when it ends."""

    def __init__(self, project: "Project") -> None:
        self._project = project
        self._outboxes = outboxes(project)
        self._events = _builder()

    def started(self, plan: "Plan", begun: "Begun") -> None:
        """START."""
        _send(self._outboxes, [self._events.started(self._project, plan, begun)])

    def committed(self, outcome: "Outcome") -> None:
        """COMPLETE, from the log."""
        _send(self._outboxes, of_version(self._project, outcome.table, outcome.version)[1:])

    def failed(self, plan: "Plan", begun: "Begun", error: BaseException) -> None:
        """FAIL or ABORT; what is in the log was committed all the same, whatever came after it."""
        for commit in self._project.lake.log(plan.table):
            if commit.provenance is not None and commit.provenance.run == begun.run:
                _send(self._outboxes, of_version(self._project, plan.table, commit.version)[1:])
                return
        _send(self._outboxes, [self._events.failed(self._project, plan, begun, error)])


def _send(found: tuple["Outbox", ...], events: list[Event]) -> None:
    for outbox in found:
        outbox.send(events)


def _told_of(commit: "Published") -> bool:
    return commit.provenance is not None and commit.provenance.key != ""


def _builder() -> Any:
    try:
        from headwater.openlineage import events
    except ImportError as error:
        if (error.name or "").split(".")[0] != "openlineage":
            raise
        raise MissingInput("the OpenLineage client is not installed; pip install 'headwater[openlineage]'") from error
    return events
