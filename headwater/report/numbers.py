"""The numbers of the reports, gathered once: each with its value, its unit, the query that gave it and the table
versions that the query read. A document may say no number that is not here.
"""

import hashlib
import inspect
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb

from headwater import releases, remaining
from headwater.lake.audit import fetch, first
from headwater.lake.lineage import canonical
from headwater.report import queries
from headwater.report.queries import Asked

if TYPE_CHECKING:
    from headwater.project import Project
    from headwater.releases import Release

Value = str | int | float | None


@dataclass(frozen=True)
class Number:
    """One number: `tables` are the versions that `query` read, as `table@version`."""

    name: str
    what: str
    value: Value
    unit: str
    query: str
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """The rows of one query, in the order that the query gives them."""

    name: str
    what: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    query: str
    tables: tuple[str, ...]

    def dicts(self) -> list[dict[str, Value]]:
        """The rows by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def column(self, name: str) -> list[Value]:
        """One column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


@dataclass(frozen=True)
class Facts:
    """All that the documents of one release are written from, but for what people say in provider.yaml.

    `updated` is when the release was made or last amended; `definition` is the SQL of `training`;
    `counted` says whether tokens were counted; `policy` is what `mixed` says of the policy that it was made by.
    """

    release: "Release"
    updated: datetime
    numbers: Mapping[str, Number]
    listings: Mapping[str, Listing]
    definition: str
    counted: bool
    policy: Mapping[str, Any] | None = None

    def value(self, name: str) -> Value:
        """The value of a number."""
        return self.numbers[name].value

    def count(self, name: str) -> int:
        """The value of a number that counts something."""
        return int(self.numbers[name].value or 0)

    def has(self, table: str) -> bool:
        """Whether the release holds this table."""
        return table in self.release.tables()

    @property
    def takedowns(self) -> list[str]:
        """Takedowns that amended the release."""
        return sorted({name for pin in self.release.pinned for name in pin.amended_by})

    def to_json(self) -> dict[str, Any]:
        """`numbers.json`: every number with its query, and every table version with its digest."""
        return {
            "release": self.release.name,
            "recipe": self.release.recipe,
            "updated": said_time(self.updated),
            "views": {"training": self.definition},
            "tables": [_pin(pin) for pin in self.release.pinned],
            "numbers": [_number(n) for n in self.numbers.values()],
            "listings": [_listing(entry) for entry in self.listings.values()],
        }


@contextmanager
def opened(project: "Project", release: "Release") -> Iterator[duckdb.DuckDBPyConnection]:
    """The release as views, with `training` as a table of its own, so that the texts are read once."""
    with tempfile.TemporaryDirectory(prefix="headwater-") as place, releases.connect(project, release) as db:
        db.execute("set temp_directory = $place", {"place": place})
        remaining.teach(db)
        db.execute(f"create temp table training as {definition(release)}")
        yield db


def definition(release: "Release") -> str:
    """The SQL of `training`: with counted tokens, or with estimated ones where the release has no `tokenized`."""
    tokens = queries.COUNTED if _counted(release) else queries.ESTIMATED
    return queries.TRAINING.strip().replace("$tokens", tokens)


def gather(project: "Project", release: "Release", db: duckdb.DuckDBPyConnection, *, small: bool) -> Facts:
    """Every number of the reports. `small` says whether the provider is a small or medium-sized one."""
    scalars = {asked.name: _scalar(db, release, asked) for asked in queries.SCALARS}
    asked_rows = (*queries.LISTINGS, queries.listed_domains(small))
    listings = {asked.name: rows(db, release, asked) for asked in asked_rows}
    commit = project.lake.published("releases", {"release": release.name})
    amended = any(pin.amended_by for pin in release.pinned)
    updated = commit.time if commit is not None and amended else release.created_at
    return Facts(release, updated, scalars, listings, definition(release), _counted(release), _policy(project, release))


def said_time(value: datetime) -> str:
    """A time in UTC to the second, as ISO 8601 and SPDX write it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(value: Any) -> Value:
    """A value of DuckDB as JSON can hold it."""
    if isinstance(value, datetime):
        return said_time(value)
    return int(value) if isinstance(value, Decimal) else value


def _policy(project: "Project", release: "Release") -> Mapping[str, Any] | None:
    """The policy that decided, as the pinned commit of `mixed` records it; None where it records none."""
    pinned = {pin.version for pin in release.pinned if pin.table == "mixed"}
    for commit in project.lake.log("mixed") if pinned else []:
        if commit.version in pinned and commit.provenance is not None and "policy" in commit.provenance.options:
            return {**commit.provenance.options["policy"], **commit.provenance.details.get("policy", {})}
    return None


def _counted(release: "Release") -> bool:
    return "tokenized" in release.tables()


def _scalar(db: duckdb.DuckDBPyConnection, release: "Release", asked: Asked) -> Number:
    query = inspect.cleandoc(asked.sql)
    value = fetch(db, query).column(0)[0].as_py()
    estimated = asked.unit == "tokens" and not _counted(release)
    unit = "tokens, estimated at four bytes each" if estimated else str(asked.unit)
    return Number(asked.name, asked.what, plain(value), unit, query, _read(db, release, query))


def rows(db: duckdb.DuckDBPyConnection, release: "Release", asked: Asked) -> Listing:
    """The rows of one query."""
    query = inspect.cleandoc(asked.sql)
    found = fetch(db, query)
    values = tuple(tuple(plain(v) for v in row.values()) for row in found.to_pylist())
    return Listing(asked.name, asked.what, tuple(found.column_names), values, query, _read(db, release, query))


def _read(db: duckdb.DuckDBPyConnection, release: "Release", query: str) -> tuple[str, ...]:
    """The table versions behind a query."""
    names = _tables(db, query)
    if "training" in names:
        names |= _tables(db, definition(release))
    return tuple(v for name in sorted(names - {"training"}) for v in _versions(release, name))


def _tables(db: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    """The tables of a query, as DuckDB's own parser finds them."""
    waiting: list[Any] = [json.loads(first(db, "select json_serialize_sql($query)", {"query": query})[0])]
    found = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("type") == "BASE_TABLE":
                found.add(str(node["table_name"]))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found


def _versions(release: "Release", table: str) -> list[str]:
    found = sorted({pin.version for pin in release.pinned if pin.table == table})
    return [f"{table}@{version}" for version in found] or [f"{table} (not in this release)"]


def _pin(pin: Any) -> dict[str, Any]:
    said = {"table": pin.table, "version": pin.version, "partition": dict(pin.partition), "rows": pin.rows}
    return {**said, "digest": pin.digest, "amended_by": list(pin.amended_by)}


def _number(number: Number) -> dict[str, Any]:
    said = {"name": number.name, "what": number.what, "value": number.value, "unit": number.unit}
    return {**said, "query": number.query, "tables": list(number.tables)}


def _listing(entry: Listing) -> dict[str, Any]:
    said = {
        "name": entry.name,
        "what": entry.what,
        "columns": list(entry.columns),
        "rows": [list(r) for r in entry.rows],
    }
    return {**said, "query": entry.query, "tables": list(entry.tables)}


def digest_of(value: Any) -> str:
    """SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
