"""What is checked on a draft before it can become a commit: rows in = rows out, and a frame for the expectations.

DuckDB reads the draft's files themselves, so nothing a worker says is taken on trust.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from headwater.document import NOTHING_FOUND
from headwater.errors import AuditFailed
from headwater.lake.storage import Storage
from headwater.lake.tables import Table, table

SAMPLE_ROWS = 1_000


@dataclass(frozen=True)
class Conservation:
    """What a stage owes its input: the same documents, as often.

    `files` are the input's data files; `where` says which of their rows are input rows, `copies` how many output rows
    each gives, both as SQL. `key` is the column that must agree.
    """

    files: tuple[str, ...]
    where: str = "true"
    copies: str = "1"
    key: str = "doc_id"


@dataclass(frozen=True)
class Check:
    """The answer to one expectation: shown in the UI, kept in the commit."""

    name: str
    passed: bool
    blocking: bool = True
    observed: str = ""


def connect(storage: Storage, *, memory: str = "1GB", threads: int = 2) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with bounded memory that can read the lake's files wherever they are."""
    connection = duckdb.connect(":memory:", config={"memory_limit": memory, "threads": threads})
    connection.execute("set preserve_insertion_order = false; set enable_progress_bar = false")
    if not storage.local:
        connection.register_filesystem(storage.filesystem)
    return connection


def uris(storage: Storage, names: Sequence[str]) -> list[str]:
    """Full paths of lake files."""
    return [storage.uri(name) for name in names]


def parquet(files: Sequence[str], *, widen: bool = False) -> str:
    """SQL for the rows of data files. In a view there can be no parameters, so the names are quoted.

    `widen` gives null for columns that older files do not have yet; it costs a look at every file.
    """
    names = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"read_parquet([{names}], hive_partitioning = true, hive_types_autocast = false, union_by_name = {widen})"


def whole(connection: duckdb.DuckDBPyConnection, described: Table, files: Sequence[str]) -> str:
    """SQL for the rows of a table's data files with every column; of a table that grows null where no file has it."""
    source = parquet(files, widen=described.grows)
    if not described.grows:
        columns = [f'"{name}"' for name in described.schema.names]
    else:
        there = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
        connection.register("typed", described.schema.empty_table())
        kinds = {row[0]: row[1] for row in connection.execute("describe typed").fetchall()}
        connection.unregister("typed")
        columns = [f'"{name}"' if name in there else f'null::{kind} as "{name}"' for name, kind in kinds.items()]
    return f"select {', '.join(columns)} from {source}"


def scan(connection: duckdb.DuckDBPyConnection, described: Table, files: Sequence[str]) -> str:
    """A view over data files, by name; an empty one with the right columns where there are no files."""
    view = f"scan_{described.name}_{len(connection.execute('show tables').fetchall())}"
    if files:
        connection.execute(f"create temp view {view} as from {parquet(files)}")
    else:
        connection.register(view, described.schema.empty_table())
    return view


def fetch(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None) -> pa.Table:
    """The rows of a query as an Arrow table."""
    return connection.sql(query, params=dict(values or {})).to_arrow_table()


def first(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None) -> Any:
    """The first row of a query, or None. All rows are taken, because an unread result blocks the connection."""
    rows = connection.execute(query, dict(values or {})).fetchall()
    return rows[0] if rows else None


def conserve(storage: Storage, name: str, draft: Sequence[str], owed: Conservation) -> Check:
    """Whether the draft holds exactly the documents it owes. Two multisets are compared by count and sum of hashes."""
    with connect(storage) as connection:
        described = table(name)
        out = scan(connection, described, uris(storage, draft))
        into = _input(connection, uris(storage, owed.files))
        key = owed.key
        query = f"""
            with owed as (
                select coalesce(sum({owed.copies}), 0)::hugeint as rows,
                       coalesce(sum(hash({key})::hugeint * ({owed.copies})), 0) as sums
                from {into} where {owed.where}
            ), given as (
                select count(*)::hugeint as rows, coalesce(sum(hash({key})::hugeint), 0) as sums from {out}
            )
            select owed.rows, given.rows, owed.sums = given.sums from owed, given
        """
        rows_in, rows_out, same = first(connection, query)
    observed = f"{rows_in} rows in, {rows_out} rows out" + ("" if same else ", not the same documents")
    return Check("rows_in_equal_rows_out", bool(same and rows_in == rows_out), True, observed)


def _input(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> str:
    if files:
        connection.execute(f"create temp view input as from {parquet(files)}")
    else:
        words = ", ".join(f"null::varchar as {name}" for name in ("doc_id", "shard", "url", "domain"))
        nothing = f"{words}, 'kept' as outcome, 0 as copies, 0 as documents"
        connection.execute(f"create temp view input as select {nothing} where false")
    return "input"


def frame(storage: Storage, name: str, draft: Sequence[str]) -> dict[str, Any]:
    """One row of facts about a draft, for expectations: rows, nulls by column, outcomes, repeated keys."""
    described = table(name)
    with connect(storage) as connection:
        view = scan(connection, described, uris(storage, draft))
        columns = [column for column, _ in described.columns]
        nulls = ", ".join(f'count(*) - count("{column}") as "nulls_{column}"' for column in columns)
        key = ", ".join(f'"{column}"' for column in described.key)
        row = fetch(connection, f"select count(*) as rows, {nulls} from {view}").to_pylist()[0]
        repeated = f"select count(*) from (select 1 from {view} group by {key} having count(*) > 1)"
        row["repeated_keys"] = first(connection, repeated)[0]
        if described.outcomes:
            by = connection.execute(f"select outcome, count(*) from {view} group by 1").fetchall()
            row.update({f"outcome_{outcome}": count for outcome, count in by})
            if "rule" in columns:
                nothing = "select count(*) from {} where outcome = 'quarantined' and rule in {}"
                row["nothing_found"] = first(connection, nothing.format(view, NOTHING_FOUND))[0]
                most = (
                    f"select rule, count(*) as n from {view} where outcome = 'quarantined' and rule not in "
                    f"{NOTHING_FOUND} group by 1 order by n desc, rule limit 1"
                )
                found = connection.execute(most).fetchone()
                row["most_quarantined"] = "" if found is None else f"{found[0]} ({found[1]})"
    return {str(k): v for k, v in row.items()}


def sample(storage: Storage, name: str, draft: Sequence[str], rows: int = SAMPLE_ROWS) -> pa.Table:
    """The rows of a draft with the smallest key hashes: the same rows every time, and evenly spread. No text."""
    described = table(name)
    columns = ", ".join(
        f'"{c}"' for c, kind in described.columns if c not in ("text", "title", "body") and not pa.types.is_list(kind)
    )
    key = " || ':' || ".join(f'"{column}"::varchar' for column in described.key)
    with connect(storage) as connection:
        view = scan(connection, described, uris(storage, draft))
        query = f"select {columns} from {view} order by md5({key}), {key} limit {rows}"
        return fetch(connection, query)


def refuse(name: str, partition: Mapping[str, str], checks: Sequence[Check], report: str) -> None:
    """Raise AuditFailed where a blocking check failed."""
    failed = [f"{c.name} ({c.observed})" for c in checks if c.blocking and not c.passed]
    if failed:
        where = " ".join(partition.values())
        raise AuditFailed(
            f"{name} {where}: {'; '.join(failed)}; nothing was published, the draft is kept and the report is {report}",
            checks,
        )
