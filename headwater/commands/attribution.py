"""`headwater attribution RELEASE`: whom a release must name, as CSV, JSON and pages to read."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from headwater import show
from headwater.commands._options import Json
from headwater.errors import UserError


def attribution(
    release: Annotated[str, typer.Argument(help="The name of a release.")],
    output: Annotated[Path | None, typer.Option(help="Also copy the bundle into this new or empty folder.")] = None,
    json: Json = False,
) -> None:
    """Write the attribution bundle of a release: every document in its stream that asks to be named."""
    from headwater import attribution as bundle
    from headwater import releases
    from headwater.project import Project

    if output is not None and output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UserError(f"{output} is not an empty folder; give another, nothing was written")
    project = Project.open()
    made = bundle.export(project, releases.load(project, release))
    storage = project.lake.storage
    for file in made.files if output is not None else ():
        assert output is not None
        output.mkdir(parents=True, exist_ok=True)
        with storage.open(f"{made.folder}/{file.name}") as source, (output / file.name).open("wb") as target:
            shutil.copyfileobj(source, target)
    rows = [{"file": f"{made.folder}/{f.name}", "bytes": f.bytes, "sha256": f.sha256} for f in made.files]
    show.as_json(rows) if json else show.table(rows, width=100)
