"""Prove that the chain closes: every commit says where it comes from, and what it says is what is there."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from headwater import certificates_check, release_integrity, statistics_check
from headwater.damage import Logs, guarded
from headwater.errors import BrokenLake, reason
from headwater.lake import audit, journal, lineage
from headwater.lake.audit import Conservation
from headwater.lake.digest import of_batches
from headwater.lake.files import read_batches, read_footer
from headwater.lake.lineage import Input, Partition, Provenance, Shard, digest_of_checkpoint
from headwater.lake.store import NAME, DataFile, Published
from headwater.lake.tables import TABLES, table
from headwater.project import Project
from headwater.takedown import certificate
from headwater.takedown import request as requests

# For each table, the input whose documents it must hold, which of them, and how often.
OWED = {
    "raw": ("sources", "true", "documents", "shard"),
    "document_index": ("raw", "{kind} is not null", "1", "doc_id"),
    "consent": ("raw", "outcome in ('kept', 'removed')", "1", "doc_id"),
    "extracted": ("raw", "outcome in ('kept', 'removed')", "1", "doc_id"),
    "signals": ("extracted", "true", "1", "doc_id"),
    "filtered": ("extracted", "true", "1", "doc_id"),
    "deduped": ("filtered", "outcome in ('kept', 'removed')", "1", "doc_id"),
    "mixed": ("deduped", "outcome in ('kept', 'removed')", "1", "doc_id"),
    "tokenized": ("mixed", "outcome = 'kept'", "copies", "doc_id"),
}


Place = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Said:
    """A commit that carries a lineage record."""

    version: int
    provenance: Provenance


@dataclass(frozen=True)
class Break:
    """One place where the chain does not close."""

    table: str
    version: int
    what: str


@dataclass(frozen=True)
class Report:
    """Commits looked at, those whose chain closes, and every break."""

    commits: int
    closed: int
    breaks: tuple[Break, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is broken."""
        return not self.breaks

    def to_json(self) -> dict[str, Any]:
        """The report as others may rely on it."""
        return {
            "ok": self.ok,
            "commits": self.commits,
            "closed": self.closed,
            "breaks": [asdict(b) for b in self.breaks],
        }


def verify(project: Project, *, rows: bool = True) -> Report:
    """Look at every commit of every table; `rows` also reads all live data and computes its digests anew.

    Damage is a break and never an error: what raises is named, and the rest is looked at.
    """
    try:
        logs = Logs(project.lake)
    except BrokenLake as error:
        return Report(0, 0, (Break("lake", -1, str(error)),))
    commits = closed = 0
    breaks = list(_anchored(project, logs))
    for name in (n for n in TABLES if n != journal.TABLE):
        commits += len(logs.damage(name))
        breaks += [Break(name, version, what) for version, what in logs.damage(name)]
        for commit in logs.commits(name):
            commits += 1
            chain = guarded(_chain(logs, name, commit), f"{name}/_delta_log/{commit.version:020d}.json")
            found = [Break(name, commit.version, what) for what in chain]
            closed += not found
            breaks += found
        breaks += [Break(name, version, what) for version, what in _files(project, logs, name, rows)]
    return Report(commits, closed, tuple(breaks))


def _anchored(project: Project, logs: Logs) -> Iterator[Break]:
    """The audit log, and what quotes its entries from outside of it: releases and certificates."""
    yield from (Break(journal.TABLE, version, what) for version, what in logs.damage(journal.TABLE))
    anchors = frozenset(entry.hash for entry in journal.readable(project.lake)[0])
    checks = {
        journal.TABLE: journal.breaks(project.lake, logs.commits),
        "releases": release_integrity.breaks(project, logs, anchors),
        certificate.FOLDER: certificates_check.breaks(project, anchors),
    }
    for name, findings in checks.items():
        yield from (Break(name, -1, what) for what in guarded(findings, name))


def _chain(logs: Logs, name: str, commit: Published) -> Iterator[str]:
    """What is wrong with what one commit says."""
    said = commit.provenance
    if said is None:
        yield f"{commit.operation} without a lineage record: not written by headwater"
        return
    if said.table != name:
        yield f"its lineage record is of table {said.table}"
    if not said.key:
        return
    if lineage.fingerprint(name, said.steps, said.options) != said.fingerprint:
        yield "fingerprint does not match its options and steps"
    if lineage.key(said.fingerprint, said.inputs) != said.key:
        yield "key does not match its fingerprint and inputs"
    failed = [name for name, passed in said.checks.items() if not passed and name not in said.warnings]
    if failed:
        yield f"published although checks failed: {', '.join(failed)}"
    for read in said.inputs:
        yield from _input(logs, read)


def _input(logs: Logs, read: Input) -> Iterator[str]:
    if read.version is None:
        return
    where = f"{read.table}@{read.version} {' '.join(read.partition.values())}".strip()
    found = next((c for c in logs.commits(read.table) if c.version == read.version), None)
    if found is None or found.provenance is None:
        yield f"input {where} is not in the log"
    elif dict(found.provenance.partition) != dict(read.partition) or found.provenance.digest != read.digest:
        yield f"input {where} holds other rows than were read"


def _files(project: Project, logs: Logs, name: str, rows: bool) -> Iterator[tuple[int, str]]:
    """What is wrong with the live files of a table: (version, what)."""
    live: dict[Place, list[DataFile]] = {}
    try:
        for file in project.lake.files(name):
            live.setdefault(_place(file.partition), []).append(file)
        logged = statistics_check.logged(project.lake, name)
    except Exception as error:  # noqa: BLE001  # whatever a damaged file raises is the finding
        yield -1, f"{name}/_delta_log: the live files cannot be listed: {reason(error)}"
        return
    newest = _newest(logs, name)
    for place in sorted({*live, *(place for place, commit in newest.items() if commit.provenance.key)}, key=str):
        commit = newest.get(place)
        if commit is None:
            yield project.lake.version(name) or 0, f"files of {dict(place)} belong to no commit of headwater"
            continue
        findings = _partition(project, live.get(place, []), commit.provenance, rows, logged)
        for what in guarded(findings, f"partition {dict(place)}"):
            yield commit.version, what


def _newest(logs: Logs, name: str) -> dict[Place, Said]:
    """The newest commit of every partition, of those that can be read."""
    found: dict[Place, Said] = {}
    for commit in logs.commits(name):
        if commit.provenance is not None and isinstance(commit.provenance.partition, dict):
            found.setdefault(_place(commit.provenance.partition), Said(commit.version, commit.provenance))
    return found


def _place(partition: Partition) -> Place:
    return tuple(sorted(partition.items()))


def _partition(
    project: Project, files: list[DataFile], said: Provenance, rows: bool, logged: statistics_check.Logged
) -> Iterator[str]:
    shards = []
    for file in files:
        try:
            footer = read_footer(project.lake.storage, file.name)
        except Exception as error:  # noqa: BLE001  # whatever a damaged file raises is the finding
            yield f"{file.name} cannot be read: {reason(error)}"
            continue
        if footer.key not in (said.key, *said.details.get("keys", ())):
            yield f"{file.name} belongs to another draft"
        if footer.size != file.size or footer.rows != file.rows:
            yield f"{file.name} is not the file that was committed: other size or number of rows"
        wrong = statistics_check.unlike(logged[file.name], footer)
        if wrong:
            yield f"{file.name}: the statistics in the log are not those of the file: {', '.join(wrong)}"
        shards.append(Shard(file.shard, file.name, footer.rows, footer.digest))
        if rows:
            yield from _rows(project, said.table, file, footer.digest)
    if lineage.digest_of_shards(shards) != said.digest:
        yield "digest of the files is not the one that was committed"
    yield from _conserved(project, files, said)
    yield from guarded(_beside(project, files, said), "what is beside the files")


def _rows(project: Project, name: str, file: DataFile, digest: str) -> Iterator[str]:
    try:
        found = _digest(project, name, file)
    except Exception as error:  # noqa: BLE001  # whatever a damaged file raises is the finding
        yield f"{file.name} cannot be read: {reason(error)}"
        return
    if found != digest:
        yield f"{file.name} holds other rows than were committed"


def _digest(project: Project, name: str, file: DataFile) -> str:
    """Digest of a file's rows by the columns it has: a table that grows has had fewer."""
    with project.lake.storage.open(file.name) as opened:
        names = pq.read_schema(opened).names
    schema = pa.schema([table(name).file_schema.field(column) for column in names])
    batches = (batch.select(names).cast(schema) for batch in read_batches(project.lake.storage, file.name))
    return of_batches(schema, batches)[0]


def _beside(project: Project, files: list[DataFile], said: Provenance) -> Iterator[str]:
    """What is wrong with the files that a commit speaks of and that are no table: tokenizers and checkpoints."""
    storage = project.lake.storage
    if said.table == "tokenized":
        name = said.details["tokenizer"]
        if not storage.exists(name):
            yield f"{name} is not there"
        elif hashlib.sha256(storage.read(name)).hexdigest() != said.details["tokenizer_digest"]:
            yield f"{name} is not the tokenizer that was committed"
    if said.table == "proxy_model" and storage.local:
        for row in (r for f in files for b in read_batches(storage, f.name) for r in b.to_pylist()):
            if digest_of_checkpoint(Path(storage.uri(row["checkpoint"]))) != row["checkpoint_digest"]:
                yield f"{row['checkpoint']} is not the checkpoint that was committed"


def _swept(project: Project, names: list[str]) -> bool:
    """Whether every file of these that is missing is one that a takedown says it deleted."""
    missing = {name for name in names if not project.lake.storage.exists(name)}
    said = {row["value"] for takedown in requests.listed(project) for row in takedown.of("file")}
    return missing <= said


def _conserved(project: Project, files: list[DataFile], said: Provenance) -> Iterator[str]:
    if said.table not in OWED:
        return
    source, where, copies, key = OWED[said.table]
    try:
        reads = [read for read in said.inputs if read.table == source]
        # Of several extractors each has a row for every document; the table has one.
        reads = reads[:1] if said.table == "filtered" else reads
        inputs = [f.name for read in reads for f in project.lake.read(read)]
        if any(not project.lake.storage.exists(name) for name in inputs) and _swept(project, inputs):
            # A takedown deleted the version this was made from: what is gone cannot be compared with.
            return
        # A record that was made by hand can hold anything; only what can name a partition gets into the query.
        named = {column: value for column, value in said.partition.items() if NAME.fullmatch(value)}
        owed = Conservation(tuple(inputs), where.format(**named), copies, key)
        check = audit.conserve(project.lake.storage, said.table, [f.name for f in files], owed)
    except Exception as error:  # noqa: BLE001  # a missing or damaged input is the finding
        yield f"conservation cannot be checked: {reason(error)}"
        return
    if not check.passed:
        yield f"rows are not conserved: {check.observed}"
