"""`headwater trace`: back from a document or token to its bytes, forward from an address to all that was made of it."""

from typing import Annotated, Any

import typer

from headwater import show
from headwater.commands._options import Json
from headwater.errors import UserError

SHOWN_SHARDS = 20


def trace(
    document: Annotated[str | None, typer.Argument(metavar="DOC_ID|URL")] = None,
    token: Annotated[str | None, typer.Option(metavar="RECIPE:SHARD:POSITION", help="A token of a stream.")] = None,
    crawl: Annotated[str | None, typer.Option(help="Of several crawls that have the document, this one.")] = None,
    members: Annotated[
        bool, typer.Option(help="Tell every copy, also where that means reading a whole table.")
    ] = False,
    url: Annotated[str | None, typer.Option(help="Forward: every capture of an address.")] = None,
    domain: Annotated[str | None, typer.Option(help="Forward: all pages of a domain, with those below it.")] = None,
    doc: Annotated[str | None, typer.Option(metavar="DOC_ID", help="Forward: one document.")] = None,
    licence: Annotated[str | None, typer.Option(metavar="SPDX", help="Forward: all pages with this licence.")] = None,
    rule: Annotated[str | None, typer.Option(help="Forward: all documents that a rule, or a step, decided on.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Most places in streams to tell one by one; 0: all.")] = 20,
    json: Json = False,
) -> None:
    """Tell a document's story stage by stage, or where all documents of a URL, domain, licence or rule went."""
    from headwater.project import Project

    asked = {"url": url, "domain": domain, "doc": doc, "licence": licence, "rule": rule}
    forward = {kind: value for kind, value in asked.items() if value is not None}
    if len(forward) + (document is not None) + (token is not None) != 1:
        raise UserError(
            "give either a document (DOC_ID or URL), or --token RECIPE:SHARD:POSITION, or one of "
            + ", ".join(f"--{kind}" for kind in asked)
        )
    if forward:
        from headwater import reach

        ((kind, value),) = forward.items()
        found = reach.of(Project.open(), kind, value, limit=limit)
        show.as_json(found) if json else _print_reach(found)
        return
    told = _story(Project.open(), document, token, crawl, members)
    show.as_json(told) if json else show.story(told)


def _story(project: Any, document: str | None, token: str | None, crawl: str | None, members: bool) -> dict[str, Any]:
    from headwater import story

    if token is not None:
        return story.of_token(project, token, members=members)
    assert document is not None
    is_id = len(document) == 32 and set(document) <= set("0123456789abcdef")
    told = story.of_document if is_id else story.of_url
    return told(project, document, crawl, members=members)


def _print_reach(found: dict[str, Any]) -> None:
    ((kind, value),) = found["asked"].items()
    where = ", ".join(f"{row['documents']} in {row['crawl']}" for row in found["crawls"])
    show.line(f"{found['documents']} documents of {kind} {value}: {where}")
    _section(
        "tables", found["tables"], ["table", "version", "recipe", "crawl", "extractor", "outcome", "rule", "documents"]
    )
    _section("shards", found["shards"], ["crawl", "shard", "documents"])
    _section("streams", found["streams"], ["recipe", "version", "shard", "copies", "tokens"])
    places = [{**place, "recipe": s["recipe"], "shard": s["shard"]} for s in found["streams"] for place in s["places"]]
    named = ["recipe", "shard", "position", "first_token", "tokens", "copy", "crawl", "doc_id"]
    _section("places", places, named, most=len(places))
    _section("releases", found["releases"], ["release", "recipe", "documents", "kept", "copies", "tokens"])
    models = ["model", "recipe", "live", "tokenized_version", "documents", "tokens", "tokens_read", "checkpoint"]
    _section("models", found["models"], models)
    _section("exports", found["exports"], ["release", "kind", "folder", "files"])


def _section(title: str, rows: list[dict[str, Any]], columns: list[str], most: int = SHOWN_SHARDS) -> None:
    show.line("")
    show.line(title if rows else f"{title}: none")
    if rows:
        show.table(rows[:most], columns)
    if len(rows) > most:
        show.line(f"and {len(rows) - most} more; --json has all")
