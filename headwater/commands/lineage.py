"""`headwater lineage`: the graph of versions, as text, Mermaid, SVG or JSON."""

from enum import StrEnum
from typing import Annotated

import typer

from headwater import show
from headwater.errors import UserError


class Format(StrEnum):
    """How the graph is written."""

    text = "text"
    mermaid = "mermaid"
    svg = "svg"
    json = "json"


def lineage(
    version: Annotated[str | None, typer.Argument(metavar="TABLE@VERSION", help="Default: all that is live.")] = None,
    release: Annotated[str | None, typer.Option(metavar="NAME", help="The versions of a release.")] = None,
    downstream: Annotated[bool, typer.Option(help="What was made from it, instead of what it was made from.")] = False,
    written: Annotated[Format, typer.Option("--format", help="JSON is never collapsed.")] = Format.text,
    collapse: Annotated[int, typer.Option(help="Tell crawls as one where a table has more; 0: never.")] = 8,
) -> None:
    """Show which versions were made from which, from the Delta logs alone; what is broken is shown as broken."""
    from headwater import drawing, graph
    from headwater.project import Project

    if version is not None and release is not None:
        raise UserError("give either TABLE@VERSION or --release NAME")
    project = Project.open()
    if version is not None:
        found = graph.of_version(project, version, downstream=downstream)
    elif release is not None:
        found = graph.of_release(project, release, downstream=downstream)
    else:
        found = graph.of_everything(project, downstream=downstream)
    if written is Format.json:
        show.as_json(found.to_json())
        return
    shown = graph.collapsed(found, collapse) if collapse > 0 else found
    form = {Format.text: drawing.text, Format.mermaid: drawing.mermaid, Format.svg: drawing.svg}[written]
    for line in form(shown).splitlines():
        show.line(line)
