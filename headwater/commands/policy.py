"""`headwater policy`: what a policy says when all of it is resolved, and whether every policy can be used."""

from typing import Annotated

import typer

from headwater import show
from headwater.commands._options import Json

app = typer.Typer(no_args_is_help=True, help="Look at policies: what may be used, by which evidence.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="A file name in policies/, without .yaml.")]


@app.command("show")
def show_policy(name: Name, json: Json = False) -> None:
    """Show a policy with its defaults, its fingerprint and the decisions on sites that it takes over."""
    from headwater.project import Project
    from headwater.rights.policy import described

    said = described(Project.open().policy(name))
    if json:
        show.as_json(said)
        return
    flat = [{"key": key, "value": value} for key, value in said.items() if key != "decided"]
    show.table(flat, ["key", "value"], width=400)
    if said["decided"]:
        show.line("")
        show.table(said["decided"], width=200)


@app.command()
def check(json: Json = False) -> None:
    """Load every policy, and see that each recipe names one that is there."""
    from headwater.project import Project
    from headwater.rights import policy as policies

    project = Project.open()
    used: dict[str, list[str]] = {}
    for recipe in project.recipe_names():
        used.setdefault(project.recipe(recipe).policy, []).append(recipe)
    names = sorted({*policies.names(project.settings.policy_folder), *used})
    rows = [
        {
            "policy": name,
            "fingerprint": project.policy(name).fingerprint,
            "decided_sites": len(project.policy(name).decided),
            "recipes": " ".join(used.get(name, [])),
        }
        for name in names
    ]
    show.as_json(rows) if json else show.table(rows, width=70)
