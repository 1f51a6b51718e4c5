"""Shelves are folders: the name of a module, of its function and of the recipe entry are one word."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from headwater.errors import UnknownName

SHELVES = ("extractors", "signals", "filters", "editors", "dedupers", "mixers", "evals", "exporters", "stages")


def names(shelf: str) -> list[str]:
    """The steps on a shelf, by listing its folder; nothing on it is imported."""
    package = import_module(f"headwater.{shelf}")
    return sorted(m.name for m in iter_modules(package.__path__) if not m.name.startswith("_"))


@cache
def module(shelf: str, name: str) -> ModuleType:
    """The module of one step. Raises UnknownName with the known ones."""
    if name not in names(shelf):
        raise UnknownName.among(shelf.removesuffix("s"), name, names(shelf))
    return import_module(f"headwater.{shelf}.{name}")


def step(shelf: str, name: str) -> Callable[..., Any]:
    """The public function of one step: the attribute that has the module's name."""
    found: Callable[..., Any] = getattr(module(shelf, name), name)
    return found


def version(shelf: str, name: str) -> int:
    """The step's VERSION, bumped in its file whenever it would judge or compute differently."""
    found: int = module(shelf, name).VERSION
    return found


def discover(shelf: str) -> dict[str, Callable[..., Any]]:
    """Every step on a shelf, by name."""
    return {name: step(shelf, name) for name in names(shelf)}
