"""`headwater consent`: what pages and hosts say of their use, at the crawl and now, as separate dated facts."""

from pathlib import Path
from typing import Annotated, Any

import typer

from headwater import show
from headwater.commands._options import Json

app = typer.Typer(no_args_is_help=True, help="Read consent anew, show it, and count what changed.")
AsOf = Annotated[str, typer.Argument(help="at_crawl, or a day that consent was refreshed for.")]
MOST_SHOWN = 12


@app.command()
def refresh(
    place: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER|FILE", help="HOST/robots.txt files, or archives of them; default: the lake's."),
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="The day these files are of, YYYY-MM-DD; default: today.")] = None,
    json: Json = False,
) -> None:
    """Read consent "now" for every crawl of the lake from files that you give; nothing is fetched."""
    from headwater.project import Project
    from headwater.rights import dated

    project = Project.open()
    try:
        made = dated.refresh(project, place, as_of or dated.today())
    finally:
        project.engine.close()
    rows = [
        {
            "table": outcome.table,
            "partition": " ".join(outcome.partition.values()),
            "version": outcome.version,
            "rows": outcome.provenance.rows,
            "written": outcome.written,
        }
        for outcome in made
    ]
    show.as_json(rows) if json else show.table(rows)


@app.command("show")
def show_consent(
    asked: Annotated[str, typer.Argument(metavar="HOST|URL")],
    json: Json = False,
) -> None:
    """Show what was so of a host and those below it, or of a page, in each crawl, at the crawl and each later day."""
    from headwater.project import Project
    from headwater.rights import dated

    rows = dated.told(Project.open(), asked)
    if json:
        show.as_json(rows)
        return
    show.table([_flat(row) for row in rows], width=120)


@app.command()
def diff(crawl: str, a: AsOf, b: AsOf, json: Json = False) -> None:
    """Count the documents and hosts of a crawl whose consent differs between two dates."""
    from headwater.project import Project
    from headwater.rights import dated

    found = dated.difference(Project.open(), crawl, a, b)
    if json:
        show.as_json(found)
        return
    show.table(found["changes"])
    if found["agents"]:
        show.line("")
        show.table(found["agents"][:MOST_SHOWN])


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    shown = ("crawl", "as_of", "host", "observed_at", "robots_state")
    flat = {name: row[name] for name in shown}
    flat["denied_agents"] = _agents(row["denied_agents"])
    flat["signals"] = "; ".join(f"{s['signal']} {s['value']} ({s['where']})" for s in row["signals"])
    return {**flat, **{name: row[name] for name in ("documents", "doc_id") if name in row}}


def _agents(denied: list[str] | None) -> str:
    if denied is None:
        return "not known"
    if "*" in denied:
        return f"everybody not named, and {len(denied) - 1} AI agents"
    return ", ".join(denied) or "none"
