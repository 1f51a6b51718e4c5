"""`headwater report`: the documents of a release for people."""

from typing import Annotated

import typer

from headwater import show
from headwater.commands._options import Json


def report(
    release: Annotated[str | None, typer.Argument(metavar="RELEASE")] = None,
    template: Annotated[bool, typer.Option("--template", help="Write a commented provider.yaml to fill in.")] = False,
    json: Json = False,
) -> None:
    """Write data card, dataset card, Croissant, EU summary, SPDX and Data Provenance documents of a release."""
    from headwater.errors import UserError
    from headwater.project import Project
    from headwater.report import provider

    if (release is None) != template:
        raise UserError("give either a release or --template")
    project = Project.open()
    if release is None:
        show.line(f"wrote {provider.write_template(project)}; fill it in, then: headwater report RELEASE")
        return
    from dataclasses import asdict

    from headwater import exports, releases
    from headwater import report as documents

    loaded = releases.load(project, release)
    made = exports.make(project, loaded, exports.REPORT)
    answered = documents.completeness(project, loaded)
    if json:
        show.as_json(
            {**asdict(made), "completeness": {k: {"answered": a, "fields": n} for k, (a, n) in answered.items()}}
        )
        return
    show.table([{"file": f.name, "bytes": f.bytes, "sha256": f.sha256[:16]} for f in made.files])
    for name, (count, total) in answered.items():
        show.line(f"{name}: {count} of {total} fields answered; the rest is asked for in {provider.FILE}")
    show.line(f"in {project.lake.storage.uri(made.folder)}")
