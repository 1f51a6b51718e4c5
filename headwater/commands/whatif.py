"""`headwater whatif RECIPE`: what another policy, option or threshold would change; nothing is written."""

from pathlib import Path
from typing import Annotated, Any

import typer

from headwater import show
from headwater.commands._options import Json
from headwater.errors import UserError


def whatif(
    recipe: Annotated[str, typer.Argument(help="A recipe whose tables are up to date.")],
    policy: Annotated[str | None, typer.Option(help="A file name in policies/, without .yaml.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="STEP.OPTION=VALUE", help="Another option of a filter or editor; may be given again."
        ),
    ] = None,
    sweep: Annotated[
        str | None,
        typer.Option(metavar="STEP.OPTION=FIRST:LAST:BY", help="Many thresholds, or a list 1,2,3."),
    ] = None,
    crawl: Annotated[list[str] | None, typer.Option(help="Only this crawl; may be given again.")] = None,
    examples: Annotated[int, typer.Option(help="How many documents gained and lost to show.", min=0)] = 5,
    output: Annotated[Path | None, typer.Option(help="Write the plot of a sweep to this .svg file.")] = None,
    json: Json = False,
) -> None:
    """Documents, characters or tokens that a recipe would gain and lose by another policy, option or threshold."""
    if (policy is None) == (not set_ and sweep is None):
        raise UserError("give either --policy NAME, or --set STEP.OPTION=VALUE and --sweep STEP.OPTION=FIRST:LAST:BY")
    if policy is not None:
        if crawl or output is not None:
            raise UserError("--crawl and --output are for --set and --sweep: a policy decides on the whole mix")
        answer, tell = _policy(recipe, policy, examples), _tell_policy
    elif sweep is not None:
        answer, tell = _sweep(recipe, sweep, set_ or [], crawl or [], output), _tell_sweep
    else:
        if output is not None:
            raise UserError("--output is for the plot of a --sweep")
        answer, tell = _settings(recipe, set_ or [], crawl or [], examples), _tell_settings
    show.as_json(answer) if json else tell(answer)


def _policy(recipe: str, policy: str, examples: int) -> dict[str, Any]:
    from headwater import whatif as rehearsal
    from headwater.project import Project

    return rehearsal.policy(Project.open(), recipe, policy, examples=examples)


def _settings(recipe: str, sets: list[str], crawls: list[str], examples: int) -> dict[str, Any]:
    from headwater import whatif_filters, whatif_settings
    from headwater.project import Project

    asked = [whatif_settings.setting(text) for text in sets]
    return whatif_filters.settings(Project.open(), recipe, asked, crawls=crawls, examples=examples)


def _sweep(recipe: str, sweep: str, sets: list[str], crawls: list[str], output: Path | None) -> dict[str, Any]:
    from headwater import whatif_filters, whatif_plot, whatif_settings
    from headwater.project import Project

    if output is not None and output.suffix != ".svg":
        raise UserError(f"{output}: the plot is drawn as SVG; give a file that ends in .svg")
    over, asked = whatif_settings.sweep(sweep), [whatif_settings.setting(text) for text in sets]
    answer = whatif_filters.sweep(Project.open(), recipe, over, sets=asked, crawls=crawls)
    if output is not None:
        output.write_text(whatif_plot.svg(answer), encoding="utf-8")
    return answer


def _tell_policy(answer: dict[str, Any]) -> None:
    before, after = (answer["policy"][which]["name"] for which in ("before", "after"))
    show.line(f"recipe {answer['recipe']}: policy {before} -> {after}; nothing was written")
    totals = ("documents", "tokens_estimate", "tokens")
    show.table([{"what": name, **answer[name]} for name in totals], ["what", "before", "after", "gained", "lost"])
    _by(answer, ("licence_class", "rule", "language", "domain"))
    shown = ["doc_id", "url", "tokens_estimate", "licence_class", "licence", "rule", "evidence"]
    _examples(answer, shown)


def _tell_settings(answer: dict[str, Any]) -> None:
    _asked(answer)
    show.table(
        [{"what": name, **answer[name]} for name in ("documents", "chars")],
        ["what", "before", "after", "gained", "lost", "other_text"],
    )
    _by(answer, ("rule", "language", "domain", "crawl"))
    _examples(answer, ["doc_id", "url", "language", "chars", "rule", "value", "threshold"])


def _tell_sweep(answer: dict[str, Any]) -> None:
    _asked(answer)
    now = answer["published"]
    show.line(f"published: {answer['sweep']['now']} keeps {now['documents']:,} documents, {now['chars']:,} characters")
    show.table(answer["points"], ["threshold", "documents", "chars", "gained", "lost", "chars_gained", "chars_lost"])


def _asked(answer: dict[str, Any]) -> None:
    """What was asked, of what, and which way the answer was found."""
    options = [f"{each['option']} {_value(each['before'])} -> {_value(each['after'])}" for each in answer["set"]]
    options += [f"{answer['sweep']['option']} at {len(answer['points'])} thresholds"] if "sweep" in answer else []
    crawls = f"{len(answer['crawls'])} crawls" if len(answer["crawls"]) != 1 else answer["crawls"][0]
    show.line(f"recipe {answer['recipe']}, filtered of {crawls}: {', '.join(options)}; nothing was written")
    if answer["not_filtered_yet"]:
        show.line(f"not filtered yet, so not in this answer: {', '.join(answer['not_filtered_yet'])}")
    read = answer["read"]
    texts = f"; {read['texts']:,} texts were read and edited anew" if read["way"] == "texts" else ""
    show.line(f"answered from {read['way']}: {read['because']}{texts}")


def _value(value: Any) -> str:
    return "off" if value is None else show.plain(value)


def _by(answer: dict[str, Any], columns: tuple[str, ...]) -> None:
    for column in columns:
        found = answer[f"by_{column}"]
        if found["rows"]:
            show.line("")
            show.line(f"by {column}: {found['changed']} change, {found['vanish']} vanish, {found['new']} are new")
            show.table(found["rows"])


def _examples(answer: dict[str, Any], columns: list[str]) -> None:
    for which in ("lost", "gained"):
        rows = answer["examples"][which]
        if rows:
            show.line("")
            show.line(f"examples of what is {which}:")
            # An address that is cut off cannot be looked at.
            show.table(rows, columns, width=2_000)
