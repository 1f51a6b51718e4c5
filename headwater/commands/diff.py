"""`headwater diff`: what differs between two releases, recipes or versions."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from headwater import show
from headwater.commands._options import Json

Side = Annotated[str, typer.Argument(help="A release, a recipe (its live tables), or TABLE@VERSION.")]


def diff(
    a: Side,
    b: Side,
    top: Annotated[int, typer.Option(min=1, help="Domains, languages and classes to name.")] = 10,
    json: Json = False,
) -> None:
    """Compare documents, how they were made, and scores; say release:NAME or recipe:NAME where both have the name."""
    from headwater import difference
    from headwater.project import Project

    found = difference.difference(Project.open(), a, b, top=top)
    if json:
        show.as_json(found)
        return
    _heads(found)
    _documents(found)
    _by(found)
    _made(found)
    _scores(found["scores"])


def _heads(found: Mapping[str, Any]) -> None:
    for letter in ("a", "b"):
        side = found[letter]
        show.line(
            f"{letter.upper()}  {side['kind']} {side['name']}: {found['documents'][letter]:,} documents {side['in']}"
        )
    for warning in found["warnings"]:
        show.line(f"!  {warning}")


def _documents(found: Mapping[str, Any]) -> None:
    counts, changes = found["documents"], found["changes"]
    show.line("")
    changed = ", ".join(f"{name} {count:,}" for name, count in changes.items() if count)
    show.line(
        f"in both {counts['both']:,}, of them changed {counts['changed']:,}" + (f" ({changed})" if changed else "")
    )
    show.line(f"only in A {counts['only_a']:,}, only in B {counts['only_b']:,}")
    show.line(f"in neither {counts['neither']:,}, of them for another reason {counts['neither_changed']:,}")
    rows = [
        {
            "where": fate["state"].replace("_", " "),
            "in A": _fate(fate, "a"),
            "in B": _fate(fate, "b"),
            **{name: fate[name] for name in ("documents", "tokens_estimate", "example")},
        }
        for fate in found["fates"]
    ]
    if rows:
        show.line("")
        show.table(rows)


def _fate(fate: Mapping[str, Any], letter: str) -> str:
    return " ".join(str(fate[f"{letter}_{name}"]) for name in ("table", "outcome", "rule") if fate[f"{letter}_{name}"])


def _by(found: Mapping[str, Any]) -> None:
    for column, rows in found["by"].items():
        if rows and not (len(rows) == 1 and rows[0]["value"] is None and not rows[0]["others"]):
            show.line("")
            show.table([_named(column, row) for row in rows])
    tokens = found["tokens"]
    for name in ("estimate", "real"):
        pair = tokens[name] or {"a": None, "b": None}
        if None not in pair.values():
            show.line(f"tokens, {name}: A {pair['a']:,}, B {pair['b']:,}, B - A {pair['b'] - pair['a']:+,}")


def _named(column: str, row: Mapping[str, Any]) -> dict[str, Any]:
    value = f"({row['others']} others)" if row["others"] else "(unknown)" if row["value"] is None else row["value"]
    shown = ("documents_a", "documents_b", "only_a", "only_b", "changed", "tokens_a", "tokens_b")
    return {column: value, **{name: row[name] for name in shown}}


def _made(found: Mapping[str, Any]) -> None:
    parts = [{**part, "of": ", ".join(part["of"])} for part in found["parts"]]
    show.line("")
    same = sum(row["same_rows"] for row in found["tables"])
    show.line(f"{same} of {len(found['tables'])} partitions have the same rows; what decides them differs in")
    if not parts:
        show.line("nothing")
    if parts:
        show.table(parts, ["table", "part", "name", "a", "b", "of"])


def _scores(found: Mapping[str, Any]) -> None:
    if not found["scores"]:
        return
    show.line("")
    models = [{"side": side.upper(), **model} for side, models in found["models"].items() for model in models]
    show.table(models)
    show.line("")
    shown = ("task", "metric", "score_a", "score_b", "difference", "difference_error", "n_a", "n_b")
    rows = [{**{n: row[n] for n in shown}, "": "" if row["comparable"] else "not alike"} for row in found["scores"]]
    show.table(rows, [*shown, ""])
    held = found["held_out"]
    show.line(f"held-out documents: {held['both']} in both, {held['only_a']} only in A, {held['only_b']} only in B")
    show.line(found["note"])
