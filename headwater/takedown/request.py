"""Requests to remove documents: what is asked for, by whom, why. Adding one changes no document."""

import csv
import getpass
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from headwater import openlineage, pipeline
from headwater.engine import Guard, Task
from headwater.errors import NotFound, UserError
from headwater.lake.files import read_batches
from headwater.lake.lineage import Input, canonical
from headwater.lake.store import Published
from headwater.lake.tables import table
from headwater.lake.tombstones import TABLE
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.warc import facts

VERSION = 1
KINDS = ("domain", "url", "doc_id", "licence")
REQUESTED, RESOLVED, APPLIED, INCOMPLETE, WITHDRAWN = "requested", "resolved", "applied", "incomplete", "withdrawn"
# What an `apply` that names none takes up; one that protected releases keep incomplete among them.
OPEN = (REQUESTED, RESOLVED, INCOMPLETE)
MOST_SELECTORS = 1_000_000
MOST_CHARS = 8_192
Row = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What is to be removed. `selectors` are (kind, value), kind one of KINDS; a domain is its subdomains too."""

    selectors: tuple[tuple[str, str], ...]
    reason: str
    reference: str
    requester: str = ""
    with_duplicates: bool = False

    @property
    def id(self) -> str:
        """Names the request: equal requests have one id, so adding one again changes nothing."""
        said = [sorted(self.selectors), self.reason, self.reference, self.requester, self.with_duplicates]
        return f"T-{hashlib.sha256(canonical(said).encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class Takedown:
    """A request as the lake holds it: its state, what was recorded, and its rows by kind."""

    request: Request
    state: str
    details: Mapping[str, Any]
    rows: tuple[Row, ...]

    @property
    def id(self) -> str:
        """The request's id."""
        return self.request.id

    def of(self, kind: str) -> list[Row]:
        """Its rows of one kind."""
        return [row for row in self.rows if row["kind"] == kind]


def checked(selectors: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Selectors in order, each once. Raises UserError for one that cannot select anything."""
    found = sorted({_selector(kind.strip(), value.strip()) for kind, value in selectors})
    if not found:
        raise UserError("nothing to remove is named; give --domain, --url, --doc, --licence or --file")
    if len(found) > MOST_SELECTORS:
        raise UserError(f"{len(found)} selectors are more than {MOST_SELECTORS}; divide the list into several requests")
    return tuple(found)


def _selector(kind: str, value: str) -> tuple[str, str]:
    if kind not in KINDS:
        raise UserError(f"{kind!r} is nothing to remove by; have: {', '.join(KINDS)}")
    if not value or len(value) > MOST_CHARS or not value.isprintable():
        raise UserError(f"{kind} {value[:80]!r} is empty, longer than {MOST_CHARS} characters or not printable")
    if kind == "domain":
        host = facts.host(f"http://{value}") if not set(value) & set("/:@?#") else None
        if host is None or "." not in host:
            raise UserError(f"domain {value!r} is no host name; for one page give --url")
        return kind, host
    if kind == "doc_id" and not (len(value) == 32 and set(value) <= set("0123456789abcdef")):
        raise UserError(f"doc_id {value!r} is not 32 hexadecimal digits")
    if kind == "url" and ("://" not in value or facts.host(value) is None):
        raise UserError(f"url {value!r} has no scheme or no host; give it whole, as https://host/path")
    return kind, value


def from_file(path: Path) -> list[tuple[str, str]]:
    """Selectors of a CSV file with the columns `kind` and `value`, or with one column named as a kind."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = set(reader.fieldnames or ())
            if {"kind", "value"} <= columns:
                return [(_cell(path, reader, row, "kind"), _cell(path, reader, row, "value")) for row in reader]
            kinds = [kind for kind in KINDS if kind in columns]
            if len(kinds) == 1:
                return [(kinds[0], _cell(path, reader, row, kinds[0])) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"cannot read {path}: {error}") from error
    raise UserError(
        f"{path} needs the columns kind,value or one of {', '.join(KINDS)}; found {', '.join(sorted(columns))}"
    )


def _cell(path: Path, reader: "csv.DictReader[str]", row: Mapping[str, str | None], column: str) -> str:
    value = row.get(column)
    if None in row:
        raise UserError(f"{path}:{reader.line_num}: more cells than columns; put a value with a comma in quotes")
    if not value:
        raise UserError(f"{path}:{reader.line_num}: {column} is empty; correct the line or leave it out")
    return value


def add(project: Project, request: Request) -> Takedown:
    """Write a request down. One that is there already stays as it is, whatever its state."""
    if not request.reason.strip() or not request.reference.strip():
        raise UserError("a takedown needs a reason and a reference, such as a letter's date and number: give both")
    try:
        return load(project, request.id)
    except NotFound:
        rows = [row("request", value, detail=kind) for kind, value in request.selectors]
        details = {
            "state": REQUESTED,
            "reason": request.reason,
            "reference": request.reference,
            "requester": request.requester,
            "with_duplicates": request.with_duplicates,
            "requested_at": now(),
            "entered_by": getpass.getuser(),
        }
        write(project, request.id, rows, details)
    return load(project, request.id)


def withdraw(project: Project, takedown: str, reason: str) -> Takedown:
    """Take back a request that nothing was done about yet; it stays written down. Raises UserError for another."""
    found = load(project, takedown)
    if found.state != REQUESTED:
        raise UserError(f"takedown {takedown} is {found.state}: what was removed cannot be brought back")
    details = {**found.details, "state": WITHDRAWN, "withdrawn_at": now(), "withdrawn_because": reason}
    write(project, takedown, list(found.rows), details)
    return load(project, takedown)


def now() -> str:
    """The time as it is recorded."""
    return datetime.now(tz=UTC).isoformat(timespec="seconds")


def row(kind: str, value: str, **said: Any) -> Row:
    """One row of `takedowns`."""
    return {**dict.fromkeys(table(TABLE).file_schema.names), "kind": kind, "value": value, **said}


def write(project: Project, takedown: str, rows: list[Row], details: Mapping[str, Any]) -> None:
    """Replace the rows of a takedown by one commit."""
    names = table(TABLE).file_schema.names
    ordered = sorted(rows, key=lambda r: [str(r[name] or "") for name in names])
    digest = hashlib.sha256(canonical([ordered, details]).encode()).hexdigest()
    plan = Plan(
        table=TABLE,
        partition={"takedown": takedown},
        inputs=(Input("request", {}, None, digest),),
        steps={"takedown": VERSION},
        options={"state": details["state"]},
        shards={"rows": {"rows": ordered}},
        work=work,
        details={**details, "tombstones": sum(r["kind"] == "tombstone" for r in rows)},
    )
    pipeline.publish(project.lake, plan, project.engine, tellers=openlineage.tellers(project))


def work(task: Task, guard: Guard) -> None:
    """Write the rows."""
    with task.arguments["draft"].writer(task.shard) as writer:
        writer.write(pa.Table.from_pylist(task.arguments["rows"], schema=table(TABLE).file_schema))


def listed(project: Project) -> list[Takedown]:
    """Every takedown, the earliest request first."""
    found = [load(project, place["takedown"]) for place in project.lake.partitions(TABLE)]
    return sorted(found, key=lambda t: (t.details["requested_at"], t.id))


def waiting(project: Project) -> list[str]:
    """Ids of what an `apply` that names none takes up, the earliest request first."""
    return [found.id for found in listed(project) if found.state in OPEN]


def load(project: Project, takedown: str) -> Takedown:
    """One takedown by its id. Raises NotFound."""
    commit: Published | None = project.lake.published(TABLE, {"takedown": takedown})
    if commit is None or commit.provenance is None:
        known = ", ".join(p["takedown"] for p in project.lake.partitions(TABLE)) or "none"
        raise NotFound(f"no takedown {takedown!r}; have: {known}")
    files = project.lake.files(TABLE, {"takedown": takedown})
    rows = tuple(r for f in files for b in read_batches(project.lake.storage, f.name) for r in b.to_pylist())
    said = commit.provenance.details
    request = Request(
        tuple(sorted((r["detail"], r["value"]) for r in rows if r["kind"] == "request")),
        said["reason"], said["reference"], said["requester"], said["with_duplicates"],
    )  # fmt: skip
    return Takedown(request, said["state"], said, rows)
