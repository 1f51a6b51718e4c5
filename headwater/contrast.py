"""How two sides were made, part by part of their fingerprints, and what their models score."""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from typing import Any

import duckdb

from headwater.lake import audit
from headwater.lake.lineage import canonical
from headwater.project import Project
from headwater.sides import Held, Side

# The task that is over each recipe's own held-out documents, and not over examples that all recipes share.
HELD_OUT = "held_out"
NOTE = (
    "One model a side. The standard error of the difference is over the examples alone and takes the two as "
    "independent; what another seed or order of data would change is not in it. No cause can be read from it."
)


def parts(one: Side, other: Side) -> list[dict[str, Any]]:
    """Steps, options and outside inputs that differ: `a` and `b` are canonical values, null where one has none.

    A part that differs in the same way in several partitions is told once, with the crawls it is of.
    """
    found: dict[tuple[str, str, str, str | None, str | None], list[str]] = {}
    mine, theirs = _by_place(one), _by_place(other)
    for place in sorted(mine.keys() | theirs.keys()):
        for kind, name, a, b in _unlike(mine.get(place), theirs.get(place)):
            found.setdefault((place[0], kind, name, a, b), []).append(place[1])
    return [
        {"table": table, "part": kind, "name": name, "a": a, "b": b, "of": sorted({c for c in crawls if c})}
        for (table, kind, name, a, b), crawls in found.items()
    ]


def _by_place(one: Side) -> dict[tuple[str, str], Held]:
    """Partitions by table and by what else than the recipe names them, so that two recipes' stand side by side."""
    named = ((h, [v for k, v in sorted(h.partition.items()) if k != "recipe"]) for h in one.held)
    return {(held.table, " ".join(values)): held for held, values in named}


def _unlike(a: Held | None, b: Held | None) -> Iterator[tuple[str, str, str | None, str | None]]:
    if a is None or b is None:
        there, gone = (None if held is None else f"version {held.version}" for held in (a, b))
        yield "partition", "", there, gone
        return
    left, right = _said(a), _said(b)
    for kind in left:
        for name in sorted(left[kind].keys() | right[kind].keys()):
            if left[kind].get(name) != right[kind].get(name):
                yield kind, name, left[kind].get(name), right[kind].get(name)


def _said(held: Held) -> dict[str, dict[str, str]]:
    """What decides a partition besides the tables that it reads."""
    said = held.said
    return {
        "step": {name: str(version) for name, version in said.steps.items()},
        "option": dict(flat(said.options)),
        "input": {read.table: read.digest for read in said.inputs if read.version is None},
    }


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Options as (dotted path, canonical value). A list of [name, options] is told by its names, then name by name."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif _are_steps(value):
        yield path, ", ".join(name for name, _ in value)
        for name, options in value:
            yield from flat(options, f"{path}.{name}") if options else ()
    else:
        yield path, value if isinstance(value, str) else canonical(value)


def _are_steps(value: Any) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    pairs = [e for e in value if isinstance(e, Sequence) and len(e) == 2]
    return len(pairs) == len(value) and all(isinstance(e[0], str) and isinstance(e[1], Mapping) for e in pairs)


def tables(one: Side, other: Side) -> list[dict[str, Any]]:
    """Every partition of both sides: versions, rows, and whether its rows and the way it was made are the same."""
    mine, theirs = _by_place(one), _by_place(other)
    found = []
    for place in mine | theirs:
        a, b = mine.get(place), theirs.get(place)
        found.append({
            "table": place[0],
            "partition": place[1],
            "version_a": None if a is None else a.version,
            "version_b": None if b is None else b.version,
            "rows_a": None if a is None else a.said.rows,
            "rows_b": None if b is None else b.said.rows,
            "same_rows": a is not None and b is not None and a.digest == b.digest,
            "made_the_same_way": a is not None and b is not None and a.said.fingerprint == b.said.fingerprint,
        })  # fmt: skip
    return found


def scores(connection: duckdb.DuckDBPyConnection, project: Project, one: Side, other: Side) -> dict[str, Any]:
    """Scores of both sides' models, task by task, with the standard error of their difference."""
    models = {letter: _models(connection, project, each) for letter, each in (("a", one), ("b", other))}
    rows = {letter: _scored(connection, project, each) for letter, each in (("a", one), ("b", other))}
    names = sorted(rows["a"].keys() | rows["b"].keys())
    held_out = _held_out(connection)
    same_texts = not (held_out["only_a"] or held_out["only_b"])
    compared = [_compared(name, rows["a"].get(name), rows["b"].get(name)) for name in names]
    for row in compared:
        row["comparable"] = row["comparable"] and (same_texts or row["task"] != HELD_OUT)
    return {
        "models": models,
        "scores": compared,
        "held_out": held_out,
        "note": NOTE if compared else "",
    }


def _table(connection: duckdb.DuckDBPyConnection, project: Project, one: Side, name: str) -> list[dict[str, Any]]:
    files = audit.uris(project.lake.storage, one.files(name))
    found: list[dict[str, Any]] = []
    if files:
        found = audit.fetch(connection, f"select * from {audit.parquet(files)} order by all").to_pylist()
    return found


def _models(connection: duckdb.DuckDBPyConnection, project: Project, one: Side) -> list[dict[str, Any]]:
    told = ("model", "seed", "tokens_seen", "steps", "parameters", "loss", "device")
    return [{name: row[name] for name in told} for row in _table(connection, project, one, "proxy_model")]


def _scored(
    connection: duckdb.DuckDBPyConnection, project: Project, one: Side
) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["task"], row["metric"]): row for row in _table(connection, project, one, "eval_scores")}


def _compared(name: tuple[str, str], a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> dict[str, Any]:
    row: dict[str, Any] = {"task": name[0], "metric": name[1]}
    for column in ("score", "standard_error", "n", "shots", "scorer_version"):
        row |= {f"{column}_a": None if a is None else a[column], f"{column}_b": None if b is None else b[column]}
    if a is None or b is None:
        return {**row, "difference": None, "difference_error": None, "comparable": False}
    return {
        **row,
        "difference": b["score"] - a["score"],
        "difference_error": sqrt(a["standard_error"] ** 2 + b["standard_error"] ** 2),
        "comparable": all(a[c] == b[c] for c in ("n", "shots", "scorer_version")),
    }


def _held_out(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The documents that scores on held-out text are over: a recipe that keeps others is scored on others."""
    row = audit.first(connection, """
        select count(*) filter (a and b), count(*) filter (a and not b), count(*) filter (b and not a)
        from (select coalesce(a_rule = 'held_out', false) as a, coalesce(b_rule = 'held_out', false) as b from pairs)
    """)  # fmt: skip
    return {"both": row[0], "only_a": row[1], "only_b": row[2]}
