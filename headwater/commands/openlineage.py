"""`headwater openlineage`: the OpenLineage events of commits that are in the lake, computed from the Delta log."""

from typing import Annotated

import typer

from headwater import show
from headwater.errors import NotFound, UserError


def openlineage(
    version: Annotated[str | None, typer.Argument(metavar="TABLE[@VERSION]", help="Default: the newest.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every commit of every table, oldest first.")] = False,
    send: Annotated[bool, typer.Option(help="Send them to what headwater.yaml names, instead of printing.")] = False,
) -> None:
    """Print the OpenLineage events of a commit as JSON lines, or send them again."""
    from headwater import openlineage
    from headwater.project import Project

    if (version is None) != everything:
        raise UserError("give either TABLE@VERSION or --all; for example: headwater openlineage deduped@2")
    project = Project.open()
    if version is None:
        events = openlineage.of_lake(project)
    else:
        table, _, number = version.partition("@")
        events = iter(openlineage.of_version(project, table, _number(project.lake.version(table), table, number)))
    if send:
        show.line(f"{openlineage.send_again(project, list(events))} events sent or kept for the next time")
    else:
        show.json_lines(events)


def _number(newest: int | None, table: str, given: str) -> int:
    if newest is None:
        raise NotFound(f"table {table} has no version yet; run what makes it first")
    if given and not given.isdecimal():
        raise UserError(f"version {given!r} is not a number; give TABLE@VERSION, for example {table}@{newest}")
    return int(given) if given else newest
