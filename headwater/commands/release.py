"""Name and protect a set of versions."""

from typing import Annotated, Any

import typer

from headwater import show
from headwater.commands._options import Json
from headwater.errors import UserError


def release(
    name: Annotated[str | None, typer.Argument(help="Name of the release; without one, all are listed.")] = None,
    recipe: Annotated[str | None, typer.Argument(help="Recipe to release; without one, the release is shown.")] = None,
    to: Annotated[str, typer.Option(help="The last table it holds.")] = "eval_scores",
    json: Json = False,
) -> None:
    """Name and protect what is published of a recipe; list releases, or show one."""
    from headwater import freshness, releases
    from headwater.errors import UnknownName
    from headwater.project import Project

    project = Project.open()
    if name is None:
        rows = [_line(found) for found in releases.current(project)]
        show.as_json(rows) if json else show.table(
            rows, ["release", "recipe", "created_at", "partitions", "rows", "amended_by"]
        )
        return
    if to not in freshness.ORDER:
        raise UnknownName.among("table", to, freshness.ORDER)
    if recipe is None and to != "eval_scores":
        raise UserError("--to says what a new release holds; give its recipe too")
    found = releases.load(project, name) if recipe is None else releases.create(project, name, recipe, to=to)
    pins = [
        {"table": p.table, "partition": " ".join(p.partition.values()), "version": p.version, "rows": p.rows,
         "digest": p.digest[:16], "files": len(p.files), "amended_by": " ".join(p.amended_by)}
        for p in found.pinned
    ]  # fmt: skip
    if json:
        show.as_json({**_line(found), "pinned": pins})
    else:
        show.table(pins, ["table", "partition", "version", "rows", "digest", "files", "amended_by"])
        show.line(f"release {found.name} of recipe {found.recipe}, {found.created_at.isoformat()}")


def _line(found: Any) -> dict[str, Any]:
    return {
        "release": found.name,
        "recipe": found.recipe,
        "created_at": found.created_at.isoformat(),
        "partitions": len(found.pinned),
        "rows": sum(p.rows for p in found.pinned),
        "amended_by": " ".join(sorted({t for p in found.pinned for t in p.amended_by})),
    }
