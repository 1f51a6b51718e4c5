"""Remove documents everywhere, and prove it."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from headwater import show
from headwater.commands._options import Json
from headwater.errors import NotFound

app = typer.Typer(no_args_is_help=True, help="Remove documents from every table, and prove it by a certificate.")
Many = list[str] | None
MOST_SHOWN = 30


@app.command()
def add(
    reason: Annotated[str, typer.Option(help="Why, as it will stand on the certificate.")],
    reference: Annotated[str, typer.Option(help="The request's own number or date, such as a letter's.")],
    domain: Annotated[Many, typer.Option(help="A domain and its subdomains; may be given again.")] = None,
    url: Annotated[Many, typer.Option(help="A page, by every capture of its address; may be given again.")] = None,
    doc: Annotated[Many, typer.Option(help="A doc_id, and every capture of its address; may be given again.")] = None,
    licence: Annotated[
        Many, typer.Option(help="An SPDX id that pages name for themselves; may be given again.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="CSV with the columns kind,value or one of these names.")] = None,
    with_duplicates: Annotated[bool, typer.Option(help="Near-duplicates too: every member of a cluster.")] = False,
    requester: Annotated[str, typer.Option(help="Who asks.")] = "",
    json: Json = False,
) -> None:
    """Write a request down; nothing is removed yet."""
    from headwater.project import Project
    from headwater.takedown import request as requests

    given = {"domain": domain, "url": url, "doc_id": doc, "licence": licence}
    selectors = [(kind, value) for kind, values in given.items() for value in values or ()]
    selectors += requests.from_file(file) if file is not None else []
    asked = requests.Request(requests.checked(selectors), reason, reference, requester, with_duplicates)
    found = requests.add(Project.open(), asked)
    if json:
        show.as_json(_told(found))
    else:
        show.line(f"{found.id} {found.state}; asked for: {len(found.request.selectors)}")
        show.line(f"next: headwater takedown apply {found.id}")


@app.command()
def withdraw(
    takedown: Annotated[str, typer.Argument(metavar="ID")],
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
) -> None:
    """Take back a request that nothing was done about yet."""
    from headwater.project import Project
    from headwater.takedown import request as requests

    found = requests.withdraw(Project.open(), takedown, reason)
    show.line(f"{found.id} {found.state}")


@app.command("list")
def listed(json: Json = False) -> None:
    """Every request: state, documents, models."""
    from headwater.project import Project
    from headwater.takedown import request as requests

    rows = [_told(found) for found in requests.listed(Project.open())]
    columns = ["takedown", "state", "documents", "models", "requested_at", "reference", "reason"]
    show.as_json(rows) if json else show.table(rows, columns)


@app.command()
def apply(
    takedown: Annotated[list[str] | None, typer.Argument(help="Ids; default: all that are not applied.")] = None,
    including_releases: Annotated[bool, typer.Option(help="Clean what protected releases hold, too.")] = False,
    scan: Annotated[bool, typer.Option(help="Search every byte of the lake for the removed text.")] = True,
    marts: Annotated[bool, typer.Option(help="Build the marts anew afterwards.")] = True,
    json: Json = False,
) -> None:
    """Remove the documents, delete old versions, search every byte, and issue certificates."""
    from headwater import running
    from headwater.project import Project
    from headwater.takedown import apply as applying
    from headwater.takedown import certificate
    from headwater.takedown import request as requests

    project = Project.open()
    todo = takedown or requests.waiting(project)
    reports = (lambda: running.publish_marts(project)) if marts else None
    done = []
    for name in todo:
        told = (lambda text: None) if json else show.line
        done.append(
            applying.apply(project, name, including_releases=including_releases, scan=scan, told=told, reports=reports)
        )
    if json:
        show.as_json(done)
    for said in () if json else done:
        show.line(f"{said['takedown']}: {said['state']}; {said['documents']} documents")
        show.line(f"certificate: {project.lake.storage.uri('certificates/' + said['takedown'])}")
        if said["releases_holding"]:
            show.line(f"releases that still hold them: {', '.join(said['releases_holding'])}")
            show.line(f"next: headwater takedown apply {said['takedown']} --including-releases")
    if not todo and not json:
        show.line("nothing to apply")
    if any(map(certificate.failed, done)):
        raise typer.Exit(1)
    if any(not said["documents"] for said in done):
        raise NotFound("no document of the lake is meant; later crawls are kept from bringing what was named")


@app.command()
def check(
    certificate: Annotated[str, typer.Argument(metavar="CERT", help="A takedown's id, or the path of a certificate.")],
    json: Json = False,
) -> None:
    """Repeat the search of a certificate. Exit code 1 where anything is found or does not hold any more."""
    from headwater.project import Project
    from headwater.takedown import certificate as certificates

    project = Project.open()
    said, found, problems = certificates.check(project, certificates.place(project, certificate))
    if json:
        counts = {"files": found.files, "bytes_searched": found.bytes_read, "shared": len(found.shared)}
        show.as_json({"takedown": said["takedown"], **counts, "problems": problems})
    else:
        windows = len(said["scan"]["samples"])
        show.line(f"{said['takedown']}: {windows} windows, {found.files} files, {found.bytes_read} bytes searched")
        show.line(f"{len(found.hits)} hits, {len(problems)} problems")
        counts = Counter(problem.split(": ", 1)[0] for problem in problems)
        shown = counts.most_common(MOST_SHOWN)
        if shown:
            show.table([{"where": where, "problems": count} for where, count in shown], width=200)
        if len(counts) > MOST_SHOWN:
            show.line(f"and {len(counts) - MOST_SHOWN} more places; --json names every one")
    if problems:
        raise typer.Exit(1)


def _told(found: Any) -> dict[str, Any]:
    return {
        "takedown": found.id,
        "state": found.state,
        "documents": len(found.of("document")),
        "models": ", ".join(row["value"] for row in found.of("model")),
        **{name: found.details[name] for name in ("requested_at", "reference", "reason", "requester")},
        "selectors": [f"{kind} {value}" for kind, value in found.request.selectors],
    }
