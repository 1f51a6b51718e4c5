"""Shelves are folders: the name of a module, of its function and of the recipe entry are one word."""

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from headwater.errors import BadRecipe, UnknownName, reason

SHELVES = (
    "extractors",
    "signals",
    "filters",
    "editors",
    "dedupers",
    "embedders",
    "mixers",
    "evals",
    "exporters",
    "stages",
)


# A project's own signals and stages would change the tables' schemas.
OF_PROJECTS = ("extractors", "filters", "editors", "dedupers", "embedders", "mixers", "evals", "exporters")


def extend(folder: Path) -> None:
    """Add a project's own steps: FOLDER/SHELF/NAME.py is found as if it lay on the shelf.

    Raises BadRecipe where a step has the name of one that is there already, of headwater or of another project that
    this process has opened; nothing is added then.
    """
    new = []
    for shelf in OF_PROJECTS:
        place, package = str(folder / shelf), import_module(f"headwater.{shelf}")
        if not Path(place).is_dir() or place in package.__path__:
            continue
        taken = {m.name for m in iter_modules([place])} & set(names(shelf))
        if taken:
            raise BadRecipe(f"{place}/{min(taken)}.py has the name of {_whose(shelf, min(taken))}; give it another")
        new.append((package, place))
    for package, place in new:
        package.__path__.append(place)


def _whose(shelf: str, name: str) -> str:
    own, *others = import_module(f"headwater.{shelf}").__path__
    if not is_own(shelf, name):
        return f"one of headwater's {shelf}"
    return f"a step of another project that this process has opened, {_file([own, *others], name)}"


def is_own(shelf: str, name: str) -> bool:
    """Whether a step is one of a project, not one of headwater."""
    return name not in {m.name for m in iter_modules(import_module(f"headwater.{shelf}").__path__[:1])}


def _file(places: Iterable[str], name: str) -> str:
    """Where a step is, for messages."""
    known = (Path(place) / end for place in places for end in (f"{name}.py", f"{name}/__init__.py"))
    return str(next((path for path in known if path.is_file()), f"{name}.py"))


def names(shelf: str) -> list[str]:
    """The steps on a shelf, by listing its folder; nothing on it is imported."""
    package = import_module(f"headwater.{shelf}")
    return sorted(m.name for m in iter_modules(package.__path__) if not m.name.startswith("_"))


@cache
def module(shelf: str, name: str) -> ModuleType:
    """The module of one step. Raises UnknownName with the known ones, BadRecipe where it cannot be imported."""
    if name not in names(shelf):
        raise UnknownName.among(shelf.removesuffix("s"), name, names(shelf))
    if not name.isidentifier() or iskeyword(name):
        raise _unusable(shelf, name, "its name cannot be that of a function; use letters, digits and low lines")
    try:
        return import_module(f"headwater.{shelf}.{name}")
    except (Exception, SystemExit) as error:  # a project's file may do anything
        raise _unusable(shelf, name, f"it cannot be imported: {reason(error)}; mend it") from error


def _unusable(shelf: str, name: str, why: str) -> BadRecipe:
    path = _file(import_module(f"headwater.{shelf}").__path__, name)
    return BadRecipe(f"{path} cannot be used as a step: {why}; it needs VERSION and a function {name}")


def home(shelves: tuple[str, ...], name: str) -> str:
    """The shelf of a step that may be on several. Raises UnknownName with all that are there."""
    for shelf in shelves:
        if name in names(shelf):
            return shelf
    said = " or ".join(shelf.removesuffix("s") for shelf in shelves)
    raise UnknownName.among(said, name, [known for shelf in shelves for known in names(shelf)])


def step(shelf: str, name: str) -> Callable[..., Any]:
    """The public function of one step: the attribute that has the module's name.

    Raises UnknownName, and BadRecipe for a file that is no step: one of a project that was not finished.
    """
    found: Callable[..., Any] | None = getattr(module(shelf, name), name, None)
    if not callable(found):
        raise _unusable(shelf, name, f"it has no function {name}; write one")
    version(shelf, name)
    return found


def version(shelf: str, name: str) -> int:
    """The step's VERSION, bumped in its file whenever it would judge or compute differently. Raises as `step` does."""
    found = getattr(module(shelf, name), "VERSION", None)
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise _unusable(shelf, name, f"its VERSION is {str(found)[:40]!r}, not a whole number from 1 on; give it one")
    return found


def reads(signal: str) -> tuple[str, ...]:
    """The columns of `extracted` that a signal is given, in order: its READS, or the text alone."""
    found: tuple[str, ...] = getattr(module("signals", signal), "READS", ("text",))
    return found


def discover(shelf: str) -> dict[str, Callable[..., Any]]:
    """Every step on a shelf, by name."""
    return {name: step(shelf, name) for name in names(shelf)}
