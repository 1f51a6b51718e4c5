"""The command line. Commands that answer facts import no orchestrator, so that they start in under a second."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from headwater import commands, show
from headwater.commands._options import Json
from headwater.errors import HeadwaterError, NotFound, UserError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A data lakehouse for LLM pre-training data, with lineage from every token back to its bytes in the crawl.",
)
FAILED, ASKED_WRONG, NOTHING_FOUND = 1, 2, 3


@app.callback()
def root(
    project: Annotated[Path | None, typer.Option(help="Project folder; default: the nearest one upwards.")] = None,
) -> None:
    """Options of every command."""
    if project is not None:
        os.environ["HEADWATER_PROJECT"] = str(project.resolve())


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Copy the project out of the package into a new folder."""
    from headwater import scaffold

    for part in scaffold.init(folder):
        show.line(str(folder / part))
    show.line(f"next: cd {folder} && headwater run tiny")


@app.command()
def crawls(json: Json = False) -> None:
    """Crawls at the source, and which are in the lake."""
    from headwater.project import Project

    project = Project.open()
    at_source = {c.id for c in project.source.crawls()}
    in_lake = {p["crawl"] for p in project.lake.partitions("sources")}
    rows = [
        {"crawl": crawl, "started": started, "at_source": crawl in at_source, "in_lake": crawl in in_lake}
        for crawl, started in project.started.items()
    ]
    show.as_json(rows) if json else show.table(rows, ["crawl", "started", "at_source", "in_lake"])


@app.command()
def check(recipe: str, json: Json = False) -> None:
    """Check that everything a recipe needs is there; nothing is run."""
    from headwater import checking
    from headwater.project import Project

    facts = checking.check(Project.open(), recipe)
    rows = [{"fact": fact, "value": value} for fact, value in facts.items()]
    show.as_json(facts) if json else show.table(rows, ["fact", "value"], width=2_000)


@app.command()
def run(
    recipe: Annotated[str, typer.Argument(help="A file name in recipes/, without .yaml.")],
    crawl: Annotated[list[str] | None, typer.Option(help="Only this crawl; may be given again.")] = None,
    to: Annotated[str, typer.Option(help="The last table to bring up to date.")] = "marts",
    with_predecessors: Annotated[bool, typer.Option(help="Bring earlier crawls up to date first.")] = False,
    json: Json = False,
) -> None:
    """Bring tables up to date, skipping what is current, by the same Dagster jobs as the UI runs."""
    from headwater import running

    done = running.run(recipe, crawl or [], to=to, predecessors=with_predecessors)
    if json:
        show.as_json(done)
    elif not done:
        show.line("everything is current; nothing was written")
    else:
        show.table(done, ["table", "partition", "version", "rows", "outcomes"])


@app.command()
def status(json: Json = False) -> None:
    """Per table and partition: version, rows by outcome, current or stale, failed checks."""
    from headwater import status as lake_status
    from headwater.project import Project

    rows = lake_status.status(Project.open())
    if json:
        show.as_json(rows)
        return
    flat = [
        {
            **row,
            "partition": " ".join(row["partition"].values()),
            "outcomes": " ".join(f"{k}={v}" for k, v in row["outcomes"].items()),
            "current": "current" if row["current"] else "stale",
            "failed_checks": " ".join(row["failed_checks"]),
        }
        for row in rows
    ]
    show.table(flat, ["table", "partition", "version", "rows", "outcomes", "current", "failed_checks"])


@app.command("bytes")
def payload(
    doc_id: Annotated[str | None, typer.Argument()] = None,
    token: Annotated[str | None, typer.Option(metavar="RECIPE:SHARD:POSITION", help="Of a token's document.")] = None,
    crawl: Annotated[str | None, typer.Option(help="Of several crawls that have the document, this one.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write to this file instead of standard output.")] = None,
) -> None:
    """Give a document's payload as it is in the WARC, byte for byte."""
    from headwater import story
    from headwater.project import Project

    if (doc_id is None) == (token is None):
        raise UserError("give either a document's DOC_ID or --token RECIPE:SHARD:POSITION")
    if output is None and sys.stdout.isatty():
        raise UserError("the payload is raw bytes from the web; redirect it or give --output FILE")
    body = story.record(Project.open(), doc_id, crawl=crawl, token=token).body()
    if output is not None:
        try:
            output.write_bytes(body)
        except OSError as error:
            raise UserError(f"cannot write {output}: {error.strerror}; give another file") from error
    else:
        sys.stdout.buffer.write(body)


@app.command()
def verify(
    quick: Annotated[bool, typer.Option(help="Trust the files' own digests; do not read their rows.")] = False,
    json: Json = False,
) -> None:
    """Prove conservation, the closed chain of inputs, and digests. Exit code 1 on any break."""
    from headwater import verify as proof
    from headwater.project import Project

    report = proof.verify(Project.open(), rows=not quick)
    if json:
        show.as_json(report.to_json())
    else:
        broken = f"{len(report.breaks)} break{'' if len(report.breaks) == 1 else 's'}"
        show.line(f"{report.closed} of {report.commits} commits closed; {broken}")
        if report.breaks:
            show.table(report.to_json()["breaks"], ["table", "version", "what"], width=2_000)
    if not report.ok:
        raise typer.Exit(FAILED)


@app.command()
def sql(query: str, json: Json = False) -> None:
    """Ask the catalog in SQL: every table as a view, the marts in schema marts."""
    import duckdb

    from headwater import catalog, remaining
    from headwater.project import Project

    if not query.strip():
        raise UserError("the query is empty; for example: headwater sql 'from pins'")
    with catalog.connect(Project.open()) as connection:
        remaining.teach(connection)
        try:
            answer = connection.execute(query)
            names = _distinct([column[0] for column in (answer.description if answer else None) or []])
            rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        except duckdb.Error as error:
            raise UserError(f"the query failed: {error}") from error
    show.as_json(rows) if json else show.table(rows, names)


@app.command()
def ui(
    host: Annotated[str, typer.Option(help="Address to bind to; anyone who reaches it can run jobs.")] = "127.0.0.1",
    port: int = 3000,
) -> None:
    """Open Dagster's UI, bound to loopback."""
    from headwater import running

    running.serve(host, port)


commands.register(app)


def main() -> None:
    """Run a command; an error of ours is one line, anything else a traceback."""
    try:
        app()
    except NotFound as error:
        _fail(error, NOTHING_FOUND)
    except UserError as error:
        _fail(error, ASKED_WRONG)
    except HeadwaterError as error:
        _fail(error, FAILED)
    except BrokenPipeError:
        # The reader of our output went away, as `| head` does; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


def _distinct(names: list[str]) -> list[str]:
    """Column names of an answer; a repeated one gets its number, so that no column hides another."""
    before = [names[:place].count(name) for place, name in enumerate(names)]
    return [f"{name}_{count}" if count else name for name, count in zip(names, before, strict=True)]


def _fail(error: HeadwaterError, code: int) -> None:
    sys.stderr.write(f"headwater: {show.plain(str(error), 2_000)}\n")
    sys.exit(code)
