"""Releases: a named, protected set of table versions. What a release pins is spared by vacuum and can be read again.

A release lists its files and not only versions: a takedown that includes releases writes a cleaned file beside the
old one and amends the list, although a version of the Delta log cannot be changed any more.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from headwater import freshness, openlineage, pipeline
from headwater import recipe as recipes
from headwater.engine import Guard, Task
from headwater.errors import MissingInput, UnknownName, UserError
from headwater.lake import audit, journal
from headwater.lake.files import read_batches
from headwater.lake.lineage import Input, canonical, code_version
from headwater.lake.store import Published
from headwater.lake.tables import TABLES, table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.recipe import Recipe

VERSION = 1
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")

# What has no version of its own in the lake, and what grows after a release was made of it.
UNPINNED = ("releases", "takedowns", "audit_log")


@dataclass(frozen=True)
class Pinned:
    """One partition of a table as a release holds it: `files` are names relative to the lake root, sorted."""

    table: str
    partition: Mapping[str, str]
    version: int
    digest: str
    key: str
    rows: int
    files: tuple[str, ...]
    amended_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """A named set of versions. `details` holds the recipe's text, the code, the settings that decide rows, the head
    of the audit log at the time, and what created it."""

    name: str
    recipe: str
    created_at: datetime
    pinned: tuple[Pinned, ...]
    details: Mapping[str, Any]

    def files(self, name: str, **partition: str) -> list[str]:
        """Files of a table, of those partitions that match."""
        wanted = partition.items()
        return [f for p in self.pinned if p.table == name and wanted <= dict(p.partition).items() for f in p.files]

    def tables(self) -> list[str]:
        """The tables it holds, in order of the chain."""
        return [name for name in TABLES if any(p.table == name for p in self.pinned)]


def names(project: Project) -> list[str]:
    """Every release of the lake."""
    return sorted(p["release"] for p in project.lake.partitions("releases"))


def create(project: Project, name: str, recipe: str, *, to: str = freshness.ORDER[-1]) -> Release:
    """Pin what is published of a recipe, up to a table. A release that is there already with the same pins stays.

    Raises MissingInput where a table is missing or was made from something other than what would be pinned beside it;
    UserError where the name is taken by other pins.
    """
    if not NAME.fullmatch(name):
        raise UserError(f"release {name!r}: a name is letters, digits, . _ - and at most 81 of them")
    loaded = project.recipe(recipe)
    pins = _pins(project, loaded, to)
    plan = plan_of(name, pins, loaded.name, _details(project, loaded))
    if name in names(project):
        before = load(project, name)
        if _content(before.pinned) != _content(pins):
            raise UserError(f"release {name} exists and holds other versions; releases never change: give another name")
        return before
    pipeline.publish(project.lake, plan, project.engine, tellers=openlineage.tellers(project))
    return load(project, name)


def load(project: Project, name: str) -> Release:
    """A release by name. Raises UnknownName with the known ones."""
    commit = project.lake.published("releases", {"release": name}) if NAME.fullmatch(name) else None
    if commit is None or commit.provenance is None:
        raise UnknownName.among("release", name, names(project))
    files = project.lake.files("releases", {"release": name})
    rows = [r for f in files for b in read_batches(project.lake.storage, f.name) for r in b.to_pylist()]
    details = commit.provenance.details
    created = datetime.fromisoformat(details["created_at"])
    return Release(name, details["recipe"], created, tuple(sorted(map(_pinned, rows), key=_order)), details)


def connect(project: Project, release: Release) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with a view for each table, over exactly the files of a release."""
    connection = audit.connect(project.lake.storage)
    for described in TABLES.values():
        found = audit.uris(project.lake.storage, release.files(described.name))
        if found:
            connection.execute(f'create view "{described.name}" as {audit.whole(connection, described, found)}')
        else:
            connection.register(described.name, described.schema.empty_table())
    return connection


def protected(project: Project) -> dict[str, list[str]]:
    """Every file that a release holds, with the releases that hold it."""
    found: dict[str, list[str]] = {}
    for name in names(project):
        for pin in load(project, name).pinned:
            for file in pin.files:
                found.setdefault(file, []).append(name)
    return found


def plan_of(name: str, pins: tuple[Pinned, ...], recipe: str, details: Mapping[str, Any]) -> Plan:
    """How the rows of a release are written: one partition of `releases`."""
    return Plan(
        table="releases",
        partition={"release": name},
        # No version of the log holds what a takedown amended.
        inputs=tuple(Input(p.table, dict(p.partition), None if p.amended_by else p.version, p.digest) for p in pins),
        steps={"releases": VERSION},
        options={
            "recipe": recipe,
            "pins": hashlib.sha256(canonical([_row(recipe, p) for p in pins]).encode()).hexdigest(),
        },
        shards={"pins": {"rows": [_row(recipe, p) for p in pins]}},
        work=work,
        details=details,
    )


def work(task: Task, guard: Guard) -> None:
    """Write the pins."""
    with task.arguments["draft"].writer(task.shard) as writer:
        writer.write(pa.Table.from_pylist(task.arguments["rows"], schema=table("releases").file_schema))


def _details(project: Project, recipe: Recipe) -> dict[str, Any]:
    settings = project.settings
    text = (settings.recipe_folder / f"{recipe.name}.yaml").read_text(encoding="utf-8")
    return {
        "recipe": recipe.name,
        "recipe_text": text,
        "policy_name": recipe.policy,
        "policy_text": project.policy(recipe.policy).text,
        "resolved": json.loads(canonical(recipes.resolved(recipe))),
        "created_at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "code": code_version(),
        "audit_head": journal.head(project.lake),
        "settings": {
            "language_model": settings.language_model_digest,
            "max_page_bytes": settings.max_page_bytes,
            "page_timeout_s": settings.page_timeout_s,
        },
    }


def _pins(project: Project, recipe: Recipe, to: str) -> tuple[Pinned, ...]:
    """The live versions that a recipe's tables are at; every one must be made from the others as they are."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Published] = {}
    for target in freshness.targets(recipe, project.crawls(recipe), to):
        commit = project.lake.published(target.table, target.partition)
        if commit is not None and commit.provenance is not None:
            found[_place(target.table, target.partition)] = commit
    _add_read(project, found)
    if (to, (("recipe", recipe.name),)) not in found and to in freshness.BY_RECIPE:
        raise MissingInput(f"{to} of recipe {recipe.name} is not there; run it first: headwater run {recipe.name}")
    for commit in found.values():
        _check_made_from(found, commit, recipe.name)
    return tuple(sorted((_pin(project, commit) for commit in found.values()), key=_order))


def _add_read(project: Project, found: dict[tuple[str, tuple[tuple[str, str], ...]], Published]) -> None:
    """What the tables say they read and no recipe lists, such as consent as of a date."""
    waiting = list(found.values())
    while waiting:
        commit = waiting.pop()
        assert commit.provenance is not None
        for read in commit.provenance.inputs:
            place = _place(read.table, read.partition)
            if read.version is None or read.table in UNPINNED or place in found:
                continue
            more = project.lake.published(read.table, read.partition)
            if more is not None and more.provenance is not None:
                found[place] = more
                waiting.append(more)


def _check_made_from(found: Mapping[Any, Published], commit: Published, recipe: str) -> None:
    assert commit.provenance is not None
    for read in commit.provenance.inputs:
        beside = found.get(_place(read.table, read.partition))
        if beside is None or beside.provenance is None or beside.provenance.digest == read.digest:
            continue
        raise MissingInput(
            f"{commit.provenance.table}@{commit.version} was made from {read.table}@{read.version}, and {read.table} "
            f"is now at {beside.version} with other rows; bring it up to date first (headwater run {recipe}), "
            f"or release up to an earlier table with --to"
        )


def _pin(project: Project, commit: Published) -> Pinned:
    said = commit.provenance
    assert said is not None
    files = tuple(f.name for f in project.lake.files(said.table, said.partition))
    return Pinned(said.table, dict(said.partition), commit.version, said.digest, said.key, said.rows, files)


def _place(name: str, partition: Mapping[str, str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    return name, tuple(sorted(partition.items()))


def _order(pin: Pinned) -> tuple[int, str]:
    return list(TABLES).index(pin.table), canonical(dict(pin.partition))


def _content(pins: tuple[Pinned, ...]) -> list[tuple[str, str, str]]:
    return [(p.table, canonical(dict(p.partition)), p.digest) for p in pins]


def _row(recipe: str, pin: Pinned) -> dict[str, Any]:
    return {
        "recipe": recipe,
        "table": pin.table,
        "place": canonical(dict(pin.partition)),
        "version": pin.version,
        "key": pin.key,
        "digest": pin.digest,
        "rows": pin.rows,
        "files": canonical(list(pin.files)),
        "amended_by": canonical(list(pin.amended_by)),
    }


def _pinned(row: Mapping[str, Any]) -> Pinned:
    return Pinned(
        row["table"], json.loads(row["place"]), row["version"], row["digest"], row["key"], row["rows"],
        tuple(json.loads(row["files"])), tuple(json.loads(row["amended_by"])),
    )  # fmt: skip


def current(project: Project) -> Iterator[Release]:
    """Every release, by name."""
    for name in names(project):
        yield load(project, name)
