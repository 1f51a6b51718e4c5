"""`lake.duckdb`: a catalog of version-pinned views over the lake, with the marts beside them, for any DuckDB client.

It is rebuilt beside the old one and swapped in by a rename, so that whoever has it open keeps reading what they opened.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from headwater.errors import MissingInput
from headwater.lake.audit import first, uris, whole
from headwater.lake.lineage import digest_of_folder
from headwater.lake.storage import file_lock, temporary_name
from headwater.lake.tables import TABLES, Table
from headwater.project import Project

NAME = "lake.duckdb"

# Whoever opens the published file locks it, so what this package reads and builds on is a copy of its own.
PRIVATE = "_catalog"


def path(project: Project) -> Path:
    """Where the catalog is: in the lake, or in the project folder where the lake is an object store."""
    return _root(project) / NAME


def _root(project: Project) -> Path:
    storage = project.lake.storage
    return Path(storage.root) if storage.local else project.settings.folder


def _private(project: Project) -> Path:
    return _root(project) / PRIVATE / NAME


@contextmanager
def building(project: Project, *, marts: bool = True) -> Iterator[Path]:
    """A private copy of the catalog with fresh views, to add marts to; swapped in when the block ends without error.

    The marts of before are kept in it unless `marts` is off. One process builds at a time; another waits.
    """
    project.lake.prepare()
    final = _private(project)
    draft = final.with_name(temporary_name(NAME))
    with file_lock(final.with_name("lock")):
        try:
            _build(project, draft, final if marts else None)
            yield draft
            draft.replace(final)
            shutil.copyfile(final, draft)
            draft.replace(path(project))
        finally:
            draft.unlink(missing_ok=True)


def publish(project: Project) -> Path:
    """Bring the views up to date; the marts stay as they were last built."""
    with building(project):
        pass
    return path(project)


def without_marts(project: Project) -> Path:
    """Bring the views up to date and leave the marts out, for they may tell of what was removed."""
    with building(project, marts=False):
        pass
    return path(project)


def connect(project: Project) -> duckdb.DuckDBPyConnection:
    """The catalog, read-only. Raises MissingInput where nothing was ever published."""
    found = _private(project)
    if not found.exists():
        raise MissingInput(f"there is no catalog {path(project)} yet; run a recipe first: headwater run RECIPE")
    connection = duckdb.connect(str(found), read_only=True)
    if not project.lake.storage.local:
        connection.register_filesystem(project.lake.storage.filesystem)
    return connection


def pins(project: Project) -> dict[str, int]:
    """The newest version of every table that has one: what the views are pinned to."""
    versions = {name: project.lake.version(name) for name in TABLES}
    return {name: version for name, version in versions.items() if version is not None}


def marts_key(project: Project, versions: Mapping[str, int]) -> str:
    """What the marts depend on: the versions they read and the dbt project's files."""
    models = digest_of_folder(project.settings.folder / "dbt_project", ("models", "macros", "tests", "*.yml"))
    return f"{models} {sorted(versions.items())}"


def marts_current(project: Project) -> bool:
    """Whether the marts were built from what is published now."""
    if not _private(project).exists() or not path(project).exists():
        return False
    with connect(project) as connection:
        names = {row[0] for row in connection.execute("select table_name from information_schema.tables").fetchall()}
        if "marts_built" not in names:
            return False
        row = first(connection, "select key from marts_built")
    return row is not None and row[0] == marts_key(project, pins(project))


def mark_marts(project: Project, draft: Path) -> None:
    """Note in a catalog that is being built what its marts were built from."""
    with duckdb.connect(str(draft)) as connection:
        versions = dict(connection.execute("select table_name, version from pins").fetchall())
        key = marts_key(project, versions)
        connection.execute("create or replace table marts_built as select $key as key", {"key": key})


def _build(project: Project, draft: Path, old: Path | None) -> None:
    with duckdb.connect(str(draft)) as connection:
        if not project.lake.storage.local:
            connection.register_filesystem(project.lake.storage.filesystem)
        connection.execute("create table pins (table_name varchar, version bigint, published_at timestamp)")
        for described in TABLES.values():
            _view(connection, project, described)
        if old is not None and old.exists():
            _keep_marts(connection, old)


def _view(connection: duckdb.DuckDBPyConnection, project: Project, described: Table) -> None:
    log = project.lake.log(described.name)
    files = project.lake.files(described.name, version=log[0].version) if log else []
    if log:
        row = [described.name, log[0].version, log[0].time.replace(tzinfo=None)]
        connection.execute("insert into pins values (?, ?, ?)", row)
    if files:
        source = whole(connection, described, uris(project.lake.storage, [f.name for f in files]))
        connection.execute(f'create view "{described.name}" as {source}')
        return
    connection.register("nothing", described.schema.empty_table())
    connection.execute(f"create table empty_{described.name} as from nothing")
    connection.execute(f'create view "{described.name}" as from empty_{described.name}')
    connection.unregister("nothing")


def _quoted(text: str) -> str:
    # A view's text cannot hold parameters; the names are the lake's own.
    return text.replace("'", "''")


def _keep_marts(connection: duckdb.DuckDBPyConnection, old: Path) -> None:
    connection.execute(f"attach '{_quoted(str(old))}' as old (read_only)")
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'old' "
        "and (schema_name = 'marts' or table_name = 'marts_built')"
    ).fetchall()
    for schema, name in tables:
        connection.execute(f'create schema if not exists "{schema}"')
        connection.execute(f'create or replace table "{schema}"."{name}" as from old."{schema}"."{name}"')
    connection.execute("detach old")
