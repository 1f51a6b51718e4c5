"""A shelf: one command a file. `NAME.py` holds a function NAME, or a group of commands as a Typer called `app`."""

from importlib import import_module
from pkgutil import iter_modules

import typer


def register(app: typer.Typer) -> None:
    """Add every command of this folder to the program, by listing it."""
    for name in sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_")):
        module = import_module(f"{__name__}.{name}")
        if isinstance(getattr(module, "app", None), typer.Typer):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
