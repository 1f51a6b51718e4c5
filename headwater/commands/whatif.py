"""`headwater whatif RECIPE --policy NAME`: what another policy would change; nothing is written."""

from typing import Annotated, Any

import typer

from headwater import show
from headwater.commands._options import Json


def whatif(
    recipe: Annotated[str, typer.Argument(help="A recipe whose mix is up to date.")],
    policy: Annotated[str, typer.Option(help="A file name in policies/, without .yaml.")],
    examples: Annotated[int, typer.Option(help="How many documents gained and lost to show.", min=0)] = 5,
    json: Json = False,
) -> None:
    """Documents, tokens, domains and languages that a recipe would gain and lose under another policy."""
    from headwater import whatif as rehearsal
    from headwater.project import Project

    answer = rehearsal.policy(Project.open(), recipe, policy, examples=examples)
    show.as_json(answer) if json else _tell(answer)


def _tell(answer: dict[str, Any]) -> None:
    before, after = (answer["policy"][which]["name"] for which in ("before", "after"))
    show.line(f"recipe {answer['recipe']}: policy {before} -> {after}; nothing was written")
    totals = ("documents", "tokens_estimate", "tokens")
    show.table([{"what": name, **answer[name]} for name in totals], ["what", "before", "after", "gained", "lost"])
    for column in ("licence_class", "rule", "language", "domain"):
        found = answer[f"by_{column}"]
        if found["rows"]:
            show.line("")
            show.line(f"by {column}: {found['changed']} change, {found['vanish']} vanish, {found['new']} are new")
            show.table(found["rows"])
    for which in ("lost", "gained"):
        rows = answer["examples"][which]
        if rows:
            show.line("")
            show.line(f"examples of what is {which}:")
            show.table(rows, ["doc_id", "url", "tokens_estimate", "licence_class", "licence", "rule", "evidence"])
