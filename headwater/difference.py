"""What differs between two releases, recipes or versions: documents, how they were made, and what their models score.

A document is one (crawl, doc_id): two crawls may hold the same WARC record id. All is counted by DuckDB over the
Parquet files, with bounded memory and a scratch file for what does not fit.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from headwater import contrast, remaining, sides
from headwater.lake import audit
from headwater.lake.storage import Storage
from headwater.lake.tables import TABLES
from headwater.project import Project
from headwater.sides import JUDGED, Side

BY = ("domain", "language", "licence_class")
# What can differ in a document that both sides hold.
CHANGES = ("text", "group", "copies", "licence_class")
TOLD = ("domain", "language", "group", "licence_class", "copies", "tokens_estimate")


def difference(project: Project, a: str, b: str, *, top: int = 10) -> dict[str, Any]:
    """The difference as plain data, for `--json` and for people. `top` limits the domains that are named."""
    one, other = sides.side(project, a), sides.side(project, b)
    with _workspace(project.lake.storage) as connection:
        _load(connection, project.lake.storage, one, other)
        documents = _counted(connection)
        return {
            "a": _said(one),
            "b": _said(other),
            "warnings": [*one.warnings, *other.warnings, *_unlike(one, other)],
            "documents": documents,
            "changes": _changes(connection),
            "fates": _fates(connection),
            "by": {column: _by(connection, column, top) for column in BY},
            "tokens": _tokens(connection, one, other),
            "parts": contrast.parts(one, other),
            "tables": contrast.tables(one, other),
            "scores": contrast.scores(connection, project, one, other),
        }


def _said(one: Side) -> dict[str, Any]:
    versions: dict[str, list[int]] = {}
    for held in one.held:
        versions.setdefault(held.table, []).append(held.version)
    return {"name": one.name, "kind": one.kind, "in": f"kept in {one.last}", "versions": versions}


def _unlike(one: Side, other: Side) -> Iterator[str]:
    if one.last != other.last:
        yield f"{one.name} holds what {one.last} kept, {other.name} what {other.last} kept: not the same question"
    missing = sorted(set(sides.crawls(one)) ^ set(sides.crawls(other)))
    if missing:
        yield f"crawls of only one side: {', '.join(missing)}"


@contextmanager
def _workspace(storage: Storage) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database whose tables are in a scratch file, so that its size is not bounded by memory."""
    with (
        tempfile.TemporaryDirectory(prefix="headwater-diff-") as folder,
        audit.connect(storage) as connection,
    ):
        connection.execute("set temp_directory = $folder", {"folder": folder})
        place = str(Path(folder) / "work.duckdb").replace("'", "''")
        connection.execute(f"attach '{place}' as work")
        connection.execute("use work")
        remaining.teach(connection)
        yield connection


def _load(connection: duckdb.DuckDBPyConnection, storage: Storage, one: Side, other: Side) -> None:
    """Make the table `pairs`: one row for each document of either side, with its fate in both."""
    hashed = _hashed(connection, storage, one, other)
    for letter, each in (("a", one), ("b", other)):
        connection.execute(f"create table side_{letter} as {_fate(connection, storage, each, hashed)}")
    columns = ("place", "outcome", "rule", "is_in", "digest", "tokens", *TOLD)
    names = ", ".join(f'a."{c}" as "a_{c}", b."{c}" as "b_{c}"' for c in columns)
    changed = " or ".join(_differs(change) for change in CHANGES)
    connection.execute(f"""
        create table pairs as
        with joined as (
            select crawl, doc_id, {names} from side_a a full join side_b b using (crawl, doc_id)
        ), said as (
            select *, coalesce(a_is_in, false) as in_a, coalesce(b_is_in, false) as in_b from joined
        )
        select *, case when in_a and in_b then 'both' when in_a then 'only_a' when in_b then 'only_b' else 'neither' end
                  as state,
               case when in_a and in_b then {changed}
                    else a_place is distinct from b_place or a_outcome is distinct from b_outcome
                      or a_rule is distinct from b_rule end as changed
        from said
    """)


def _hashed(connection: duckdb.DuckDBPyConnection, storage: Storage, one: Side, other: Side) -> list[str]:
    """Crawls whose texts must be read. Where the rows are the same that hold the texts, and those that say what
    deduplication removed, so are the texts."""
    unlike = {name: _unlike_rows(sides.texts(one, name), sides.texts(other, name)) for name in (None, "deduped")}
    if unlike["deduped"] - unlike[None]:
        files = [f for each in (one, other) for f in each.files("deduped", unlike["deduped"])]
        query = f"select distinct crawl from {audit.parquet(audit.uris(storage, files))} where edits is not null"
        unlike["deduped"] = {row["crawl"] for row in _rows(connection, query)} if files else set()
    both = sides.texts(one).keys() & sides.texts(other).keys()
    return sorted(both & (unlike[None] | unlike["deduped"]))


def _unlike_rows(one: Mapping[str, str], other: Mapping[str, str]) -> set[str]:
    return {crawl for crawl in one.keys() | other.keys() if one.get(crawl) != other.get(crawl)}


def _differs(change: str) -> str:
    column = "digest" if change == "text" else change
    return f'("a_{column}" is distinct from "b_{column}")'


def _fate(connection: duckdb.DuckDBPyConnection, storage: Storage, one: Side, hashed: list[str]) -> str:
    """SQL for one row a document: the last table that has it, what it says there, and what is known of it."""
    branches = []
    for place, name in enumerate(JUDGED):
        files = audit.uris(storage, one.files(name))
        if files:
            known = {column for column, _ in TABLES[name].columns}
            told = ", ".join(f'"{c}"' if c in known else f'null as "{c}"' for c in TOLD)
            verdict = f"{place} as place, outcome, rule"
            branches.append(f"select crawl, doc_id, {verdict}, {told}, null as digest from {audit.parquet(files)}")
    texts = audit.uris(storage, one.files("filtered" if one.of("filtered") else "extracted", hashed))
    if texts:
        nothing = ", ".join(f'null as "{column}"' for column in TOLD)
        hashes = f"-1, null, null, {nothing}, sha256(text)[:32]"
        source = _texts(audit.parquet(texts), audit.uris(storage, one.files("deduped", hashed)))
        branches.append(f"select crawl, doc_id, {hashes} from {source} where text is not null")
    last = JUDGED.index(one.last)
    # Later tables leave a column out that earlier ones had: the last that says something is taken.
    kept = ", ".join(f'arg_max("{column}", place) as "{column}"' for column in (*TOLD, "digest"))
    tokens = _stream(storage, one)
    return f"""
        with fates as (
            select crawl, doc_id, arg_max({{'outcome': outcome, 'rule': rule}}, place) as verdict,
                   max(place) as place, {kept}
            from ({" union all ".join(branches)}) group by crawl, doc_id
        ), stream as ({tokens})
        select fates.* exclude (verdict), verdict.outcome as outcome, verdict.rule as rule,
               place = {last} and verdict.outcome = 'kept' as is_in, stream.tokens as tokens
        from fates left join stream using (crawl, doc_id)
    """


def _texts(texts: str, deduped: list[str]) -> str:
    """SQL for the texts, less what deduplication removed of them."""
    if not deduped:
        return texts
    return f"""(
        select crawl, doc_id, case when d.edits is null then text else remaining(text, d.edits) end as text
        from {texts}
        left join (select crawl, doc_id, edits from {audit.parquet(deduped)} where edits is not null) d
        using (crawl, doc_id)
    )"""


def _stream(storage: Storage, one: Side) -> str:
    """SQL for the tokens that each document has in the stream, copies included."""
    files = audit.uris(storage, one.files("tokenized"))
    if not files:
        return "select null::varchar as crawl, null::varchar as doc_id, null::bigint as tokens where false"
    return f"select crawl, doc_id, sum(len(tokens))::bigint as tokens from {audit.parquet(files)} group by all"


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = audit.fetch(connection, query, values).to_pylist()
    return found


def _counted(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many documents are in both, in one, in neither; `changed` are those of both that differ in something."""
    (row,) = _rows(connection, """
        select count(*) filter (in_a) as a, count(*) filter (in_b) as b,
               count(*) filter (state = 'both') as both,
               count(*) filter (state = 'both' and changed) as changed,
               count(*) filter (state = 'only_a') as only_a, count(*) filter (state = 'only_b') as only_b,
               count(*) filter (state = 'neither') as neither,
               count(*) filter (state = 'neither' and changed) as neither_changed
        from pairs
    """)  # fmt: skip
    return row


def _changes(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """In how many documents of both sides each thing differs."""
    counts = ", ".join(f'count(*) filter ({_differs(change)}) as "{change}"' for change in CHANGES)
    return _rows(connection, f"select {counts} from pairs where state = 'both'")[0]


def _fates(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Documents that came to something else, by where and by which rule each side decided; with one to look at."""
    names = " ".join(f"when {place} then '{name}'" for place, name in enumerate(JUDGED))
    a, b = (f"coalesce(case {letter}_place {names} end, 'not in its crawls') as {letter}_table" for letter in "ab")
    return _rows(connection, f"""
        with counted as (
            select state, {a}, a_outcome, a_rule, {b}, b_outcome, b_rule, count(*) as documents,
                   coalesce(sum(coalesce(a_tokens_estimate * a_copies, b_tokens_estimate * b_copies)), 0)::bigint
                       as tokens_estimate,
                   min(doc_id) as example
            from pairs where state in ('only_a', 'only_b') or (state = 'neither' and changed) group by all
        )
        from counted order by state = 'neither', documents desc, state, a_table, a_outcome, a_rule,
            b_table, b_outcome, b_rule
    """)  # fmt: skip


def _by(connection: duckdb.DuckDBPyConnection, column: str, top: int) -> list[dict[str, Any]]:
    """Documents and tokens of both sides by a column, the most changed first.

    What is beyond `top` values is one row, whose `others` says how many values it stands for; a null is a value.
    """
    total = ", ".join(f"sum({name})::bigint as {name}" for name in COUNTS)
    found = _rows(connection, f"""
        with one as ({_half(column, "a")} union all by name {_half(column, "b")}),
        grouped as (select value, {total} from one group by value),
        ranked as (
            select *, row_number() over (
                order by only_a + only_b desc, changed desc, documents_a + documents_b desc, value
            ) as place from grouped
        )
        select value, 0 as others, place, {", ".join(COUNTS)} from ranked where place <= $top
        union all by name
        select null as value, count(*) as others, $top + 1 as place, {total} from ranked where place > $top
        having count(*) > 0
        order by place
    """, {"top": top})  # fmt: skip
    return [{name: value for name, value in row.items() if name != "place"} for row in found]


COUNTS = (
    "documents_a", "documents_b", "only_a", "only_b", "changed", "tokens_estimate_a", "tokens_estimate_b", "tokens_a",
    "tokens_b",
)  # fmt: skip


def _half(column: str, letter: str) -> str:
    """SQL for the documents of one side, in the columns of both."""
    other = "b" if letter == "a" else "a"
    return f"""
        select "{letter}_{column}" as value, 1 as documents_{letter}, 0 as documents_{other},
               (state = 'only_{letter}')::int as only_{letter}, 0 as only_{other},
               (state = 'both' and changed and '{letter}' = 'a')::int as changed,
               coalesce({letter}_tokens_estimate * {letter}_copies, 0) as tokens_estimate_{letter},
               0 as tokens_estimate_{other}, {letter}_tokens as tokens_{letter}, null::bigint as tokens_{other}
        from pairs where in_{letter}
    """


def _tokens(connection: duckdb.DuckDBPyConnection, one: Side, other: Side) -> dict[str, Any]:
    """Tokens of both streams, copies included: by the estimate that `mixed` works with, and as `tokenized` has them."""
    (row,) = _rows(connection, """
        select sum(a_tokens_estimate * a_copies) filter (in_a)::bigint as estimate_a,
               sum(b_tokens_estimate * b_copies) filter (in_b)::bigint as estimate_b,
               sum(a_tokens)::bigint as real_a, sum(b_tokens)::bigint as real_b
        from pairs
    """)  # fmt: skip
    return {
        "estimate": {"a": row["estimate_a"], "b": row["estimate_b"]} if _has(one, other, "mixed") else None,
        "real": {"a": row["real_a"], "b": row["real_b"]},
    }


def _has(one: Side, other: Side, name: str) -> bool:
    return bool(one.of(name) or other.of(name))
