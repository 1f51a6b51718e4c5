"""`headwater clusters`: how large the clusters of duplicates are, and how often FineWeb2's rule would repeat each."""

from pathlib import Path
from typing import Annotated, Any

import typer

from headwater import show
from headwater.commands._options import Json
from headwater.errors import UserError


def clusters(
    recipe: str,
    output: Annotated[Path | None, typer.Option(help="Write the sizes as a picture to this .svg file.")] = None,
    top: Annotated[int, typer.Option(min=0, help="Largest clusters to name.")] = 10,
    weights: Annotated[
        str | None,
        typer.Option(metavar="RECIPE", help="Derive steps for mix.rehydrate from what this recipe's filters drop."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="With --weights: how often the best size is repeated.")] = 10,
    at_least: Annotated[int, typer.Option(min=1, help="With --weights: documents that a language must have.")] = 1000,
    json: Json = False,
) -> None:
    """Tell how many clusters of which size a recipe has, and the largest; or derive repeats by their size."""
    from headwater import cluster_plot, cluster_sizes
    from headwater.project import Project

    if output is not None and (output.suffix != ".svg" or weights is not None):
        raise UserError(f"{output}: the sizes are drawn as SVG, without --weights; give a file that ends in .svg")
    project = Project.open()
    if weights is not None:
        _tell_weights(cluster_sizes.removal_rates(project, recipe, weights), most, at_least, json)
        return
    found = cluster_sizes.sizes(project, recipe, top=top)
    if output is not None:
        drawn = cluster_plot.svg(f"{recipe}: clusters by size", cluster_plot.described(found), found["sizes"])
        output.write_text(drawn, encoding="utf-8")
    show.as_json(found) if json else _tell(found)


def _tell(found: dict[str, Any]) -> None:
    from headwater import cluster_plot

    show.line(f"recipe {found['recipe']}, {cluster_plot.described(found)}")
    show.table([{"documents at most": row.pop("at_most"), **row} for row in found["sizes"]])
    if found["examples"]:
        show.line("")
        show.line("the largest:")
        columns = ["cluster", "documents", "lowest_similarity", "crawls_of_copies", "crawl", "url"]
        # An address that is cut off cannot be looked at.
        show.table(found["examples"], columns, width=2_000)


def _tell_weights(found: dict[str, dict[int, tuple[int, int]]], most: int, at_least: int, json: bool) -> None:
    from headwater import rehydration

    totals = {name: sum(n for n, _ in counts.values()) for name, counts in found.items()}
    rates = {name: counts for name, counts in found.items() if totals[name] >= at_least}
    if not rates:
        raise UserError(f"no language has {at_least} documents; the most has {max(totals.values(), default=0)}")
    steps = {language: rehydration.derived(counts, most) for language, counts in rates.items()}
    if json:
        rows = {
            name: [{"size": size, "documents": n, "dropped": out} for size, (n, out) in counts.items()]
            for name, counts in rates.items()
        }
        show.as_json({name: {"steps": steps[name], "counts": rows[name]} for name in rates})
        return
    show.line("rehydrate_by_language:")
    for language, sizes in steps.items():
        inner = ", ".join(f"{size}: {times}" for size, times in sizes.items())
        show.line(f"  {language}: {{{inner}}}   # of {totals[language]:,} documents")
    if len(rates) < len(found):
        show.line(f"# {len(found) - len(rates)} languages of fewer than {at_least:,} documents are left out")
