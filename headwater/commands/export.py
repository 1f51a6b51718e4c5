"""`headwater export`: the training documents of a release as files of a named format."""

from typing import Annotated, Any

import typer

from headwater import show
from headwater.commands._options import Json


def export(
    release: Annotated[str, typer.Argument(metavar="RELEASE")],
    format: Annotated[str, typer.Option(help="A file name on the shelf exporters, without .py.")] = "jsonl",
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="An option of the format; may be given again.")
    ] = None,
    json: Json = False,
) -> None:
    """Write the training documents of a release under exports/ of the lake; again replaces them whole."""
    from dataclasses import asdict

    from headwater import exports, releases
    from headwater.project import Project

    project = Project.open()
    made = exports.make(project, releases.load(project, release), format, dict(map(_pair, option or [])))
    if json:
        show.as_json(asdict(made))
        return
    show.table(
        [{"file": f.name, "bytes": f.bytes, "sha256": f.sha256[:16]} for f in made.files], ["file", "bytes", "sha256"]
    )
    show.line(f"in {project.lake.storage.uri(made.folder)}")


def _pair(text: str) -> tuple[str, Any]:
    """One option: a number where it reads as one, else a word."""
    from headwater.errors import UserError

    name, sign, value = text.partition("=")
    if not sign or not name:
        raise UserError(f"option {text!r}: give NAME=VALUE")
    return name, int(value) if value.isdecimal() else value
