"""`headwater reproduce`: make a release again from the crawls and compare the digest of every partition."""

import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from headwater import show
from headwater.commands._options import Json
from headwater.errors import UserError


def reproduce(
    name: Annotated[str, typer.Argument(metavar="RELEASE")],
    to: Annotated[str, typer.Option(metavar="TABLE", help="The last table to make.")] = "eval_scores",
    keep: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the new lake in this new folder.")] = None,
    json: Json = False,
) -> None:
    """Make a release again from the crawls, in a lake of its own; exit code 1 where anything differs."""
    from headwater import reproduce as reproduction
    from headwater.project import Project

    def shown(row: reproduction.Row) -> None:
        if not json:
            what = " ".join([row.table, *row.partition.values()])
            show.line(f"{row.state:8} {what:60} {row.rows:9,} rows {row.seconds:7.1f} s  {row.why}".rstrip())

    project = Project.open()
    if keep is not None:
        try:
            keep.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"cannot make {keep}: {error.strerror}; give another folder") from error
    place = tempfile.TemporaryDirectory(prefix="headwater-") if keep is None else nullcontext(str(keep.resolve()))
    with place as folder:
        found = reproduction.reproduce(project, name, Path(folder), to=to, progress=shown)
    if json:
        show.as_json(found.to_json())
    else:
        counts = {state: sum(row.state == state for row in found.rows) for state in reproduction.STATES}
        parts = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        show.line(f"{name}: {parts}, in {found.seconds:.1f} s")
    if not found.ok:
        raise typer.Exit(1)
