"""The audit log: one entry for every version of every table, each holding the hash of the one before it.

The entries are rows of the Delta table `audit_log`, appended by the only function that commits. What a kill between a
commit and its entry leaves out is entered by the next one: `heads` says up to which version each table is entered.
An entry's hash covers all of its other columns, so that no entry can be changed, left out or put in between without
every later hash being wrong. Releases and certificates quote the head, which anchors the chain outside the table.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import CommitProperties, Transaction
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction

from headwater.errors import BrokenLake, ConcurrentCommit, reason
from headwater.lake.files import ShardWriter, delta_statistics, read_batches, read_footer
from headwater.lake.lineage import canonical
from headwater.lake.tables import TABLES, table

if TYPE_CHECKING:
    from headwater.lake.store import Lake, Published

log = logging.getLogger(__name__)

TABLE = "audit_log"
START = "0" * 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ATTEMPTS = 8
HASHED = ("entry", "time", "event", "table", "version", "record", "heads", "previous")


@dataclass(frozen=True)
class Entry:
    """One entry. `record` is what the version says of itself: its lineage record, or '' where it has none."""

    entry: int
    time: datetime
    event: str
    table: str
    version: int
    record: str
    heads: str
    previous: str
    hash: str

    def holds(self) -> bool:
        """Whether the hash is that of the other columns."""
        return self.hash == digest({name: getattr(self, name) for name in HASHED})


def digest(row: dict[str, Any]) -> str:
    """SHA-256 over the columns of an entry, its own hash left out."""
    said = {**{name: row[name] for name in HASHED}, "time": row["time"].isoformat(timespec="microseconds")}
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def record(lake: "Lake", names: Sequence[str] = tuple(TABLES)) -> int:
    """Enter every version of these tables that is not entered yet; gives how many were. Called after each commit."""
    for _ in range(ATTEMPTS):
        with lake.storage.lock(f"_locks/{TABLE}"):
            last = _last(lake)
            new = list(_missing(lake, names, last))
            if not new or _append(lake, new, -1 if last is None else last.entry):
                return len(new)
    raise ConcurrentCommit(f"the audit log was written by others {ATTEMPTS} times in a row; run again")


def head(lake: "Lake") -> str:
    """Hash of the newest entry: quote it outside the lake, and nobody can rewrite what is before it unseen."""
    last = _last(lake)
    return START if last is None else last.hash


def entries(lake: "Lake") -> list[Entry]:
    """Every entry in order."""
    return sorted((e for file in lake.files(TABLE) for e in _of_file(lake, file.name)), key=lambda e: e.entry)


def readable(lake: "Lake") -> tuple[list[Entry], list[str]]:
    """Every entry that can be read, in order, and what of the log cannot be."""
    found: list[Entry] = []
    damage: list[str] = []
    try:
        files = lake.files(TABLE)
    except Exception as error:  # noqa: BLE001  # whatever a damaged file raises is the finding
        return [], [f"the entries cannot be listed: {reason(error)}"]
    for file in files:
        try:
            found += _of_file(lake, file.name)
        except Exception as error:  # noqa: BLE001  # whatever a damaged file raises is the finding
            damage.append(f"{file.name} cannot be read: {reason(error)}")
    return sorted(found, key=lambda e: e.entry), damage


def breaks(lake: "Lake", log: "Callable[[str], Sequence[Published]] | None" = None) -> Iterator[str]:
    """What is wrong with the chain, and with what it says of the tables; `log` gives the commits of a table."""
    found, damage = readable(lake)
    yield from damage
    yield from _chain(found)
    yield from _unlike(found, log or lake.log)


def _of_file(lake: "Lake", name: str) -> list[Entry]:
    return [Entry(**row) for batch in read_batches(lake.storage, name) for row in _rows(batch)]


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """Rows as Python has them. The times are made here: pyarrow would import pandas for it, a quarter of a second."""
    place = batch.schema.get_field_index("time")
    micros = batch.column("time").cast(pa.int64())
    for row in batch.set_column(place, "time", micros).to_pylist():
        yield {**row, "time": EPOCH + timedelta(microseconds=row["time"])}


def _chain(found: list[Entry]) -> Iterator[str]:
    previous = START
    for place, entry in enumerate(found):
        if entry.entry != place:
            yield f"entry {place} is missing: {entry.entry} comes next"
            break
        if entry.previous != previous:
            yield f"entry {place} does not follow the one before it: its `previous` is not that one's hash"
        if not entry.holds():
            yield f"entry {place} ({entry.table}@{entry.version}) was changed: its hash is not that of its columns"
        previous = entry.hash


def _unlike(found: list[Entry], log: "Callable[[str], Sequence[Published]]") -> Iterator[str]:
    """Where the tables' logs do not say what was entered when they were written."""
    entered = {(e.table, e.version): e.record for e in found}
    for name in (n for n in TABLES if n != TABLE):
        try:
            there = {commit.version: commit for commit in log(name)}
        except Exception as error:  # noqa: BLE001  # whatever a damaged file raises is the finding
            yield f"the log of {name} cannot be compared with the audit log: {reason(error)}"
            continue
        for version, commit in sorted(there.items()):
            if (name, version) not in entered:
                yield f"{name}@{version} is not in the audit log"
            elif entered[name, version] != _record(commit):
                yield f"{name}@{version} says something else than was entered in the audit log"
        for place in sorted(k for k in entered if k[0] == name and k[1] not in there):
            yield f"{name}@{place[1]} is in the audit log and not in the table's log"


def _last(lake: "Lake") -> Entry | None:
    """The newest entry; None before the first. Raises BrokenLake where it cannot be read: nothing may follow it."""
    name = f"{TABLE}/_delta_log"
    try:
        files = lake.files(TABLE)
        if not files:
            return None
        name = max(files, key=lambda f: f.shard).name
        last = max(_of_file(lake, name), key=lambda e: e.entry)
        json.loads(last.heads)
    except Exception as error:
        raise BrokenLake(
            f"the newest entry of the audit log cannot be read from {name}: {reason(error)}; put that file back from "
            f"a copy of the lake, headwater verify says what else is damaged"
        ) from error
    return last


def _missing(lake: "Lake", names: Sequence[str], last: Entry | None) -> Iterator[dict[str, Any]]:
    heads: dict[str, int] = {} if last is None else json.loads(last.heads)
    number, previous = (-1, START) if last is None else (last.entry, last.hash)
    for name in (n for n in names if n != TABLE):
        known = heads.get(name, -1)
        newest = lake.version(name)
        if newest is None or newest <= known:
            continue
        for commit in sorted((c for c in lake.log(name) if c.version > known), key=lambda c: c.version):
            number += 1
            heads[name] = commit.version
            row = {
                "entry": number,
                "time": datetime.now(tz=UTC),
                "event": _event(commit),
                "table": name,
                "version": commit.version,
                "record": _record(commit),
                "heads": canonical(heads),
                "previous": previous,
            }
            previous = digest(row)
            yield {**row, "hash": previous}


def _event(commit: "Published") -> str:
    said = commit.provenance
    if said is None:
        return "foreign"
    if not said.key:
        return "create"
    return "takedown" if "takedown" in said.details else "commit"


def _record(commit: "Published") -> str:
    return "" if commit.provenance is None else commit.provenance.to_json()


def _append(lake: "Lake", rows: list[dict[str, Any]], base: int) -> bool:
    """Whether the rows became the next entries; False where another writer was first."""
    target = lake.created(TABLE)
    lake.storage.sweep(TABLE)
    shard = f"entry-{rows[0]['entry']:012d}"
    name = f"{TABLE}/{shard}-{rows[-1]['hash'][:16]}.parquet"
    with ShardWriter(lake.storage, TABLE, name, shard=shard, key=rows[-1]["hash"]) as writer:
        writer.write(pa.Table.from_pylist(rows, schema=table(TABLE).file_schema))
    footer = read_footer(lake.storage, name)
    seen = target.transaction_version(TABLE)
    if (-1 if seen is None else seen) != base:
        lake.storage.remove(name)
        return False
    properties = CommitProperties(max_commit_retries=0, app_transactions=[Transaction(TABLE, rows[-1]["entry"])])
    try:
        target.create_write_transaction(
            [AddAction(name.removeprefix(f"{TABLE}/"), footer.size, {}, 0, True, delta_statistics(footer))],
            mode="append",
            schema=table(TABLE).schema,
            partition_by=[],
            commit_properties=properties,
        )
    except CommitFailedError as error:
        log.info("the audit log was written by another at the same time: %s", error)
        lake.storage.remove(name)
        return False
    return True
