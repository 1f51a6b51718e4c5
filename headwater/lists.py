"""List files of a project: which files a step's options name, where they are, and that they are the right ones.

A step says in LISTS which of its options are lists. A recipe gives {file: SHA-256 or null}, the file relative to the
folder `lists` of the settings. What is read is in headwater/text/entries.py.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from headwater import registry
from headwater.errors import BadRecipe, reason
from headwater.settings import Settings
from headwater.text.entries import digest, entries

SHELVES = ("filters", "editors")
SHA256 = re.compile(r"[0-9a-f]{64}")


class AStep(Protocol):
    """A step as a recipe uses it; one may also have `by_language`, all options by language."""

    @property
    def name(self) -> str:
        """Its name on a shelf."""

    @property
    def options(self) -> Mapping[str, Any]:
        """Its options, resolved."""


S = TypeVar("S", bound=AStep)
Change = Callable[[str, str, Mapping[str, str | None]], dict[str, str]]


def resolve(settings: Settings, steps: Iterable[S]) -> tuple[S, ...]:
    """The steps with the SHA-256 of every list, for a fingerprint: what a list says decides what a step does.

    Raises MissingInput where a file is not there, BadRecipe where it is not the one that is asked for.
    """

    def digests(step: str, option: str, files: Mapping[str, str | None]) -> dict[str, str]:
        return {name: _checked(settings, f"{step}.{option}", name, wanted) for name, wanted in files.items()}

    return tuple(_changed(step, digests) for step in steps)


def located(settings: Settings, steps: Iterable[S]) -> tuple[S, ...]:
    """Resolved steps with the paths of their lists, for those who read them."""

    def paths(step: str, option: str, files: Mapping[str, str | None]) -> dict[str, str]:
        return {str(place(settings, name)): wanted or digest(place(settings, name)) for name, wanted in files.items()}

    return tuple(_changed(step, paths) for step in steps)


def check(settings: Settings, steps: Iterable[AStep]) -> dict[str, int]:
    """The number of entries of every list that the steps use. Raises the error that a run would end with."""
    found: dict[str, int] = {}

    def read(step: str, option: str, files: Mapping[str, str | None]) -> dict[str, str]:
        for name in files:
            found[name] = len(entries(place(settings, name)))
            if not found[name]:
                raise BadRecipe(
                    f"{step}.{option}: list {place(settings, name)} has no entries; take it out of the recipe"
                )
        return {}

    for step in resolve(settings, steps):
        _changed(step, read)
    return found


def place(settings: Settings, name: str) -> Path:
    """Where a list is. Raises BadRecipe for what can be no name of a file, or leads out of the folder."""
    folder = Path(settings.place(settings.lists))
    try:
        path = (folder / name).resolve()
        path.is_file()
    except (TypeError, ValueError, OSError, RuntimeError) as error:
        said = f"list {str(name)[:80]!r} cannot be the name of a file in {folder}"
        raise BadRecipe(f"{said}: {reason(error)[:160]}; give the name of a file that is there") from error
    if not path.is_relative_to(folder):
        raise BadRecipe(f"list {name!r} is not in {folder}; put the file there and give its name alone")
    return path


def _checked(settings: Settings, option: str, name: str, wanted: Any) -> str:
    if wanted is not None and not (isinstance(wanted, str) and SHA256.fullmatch(wanted)):
        raise BadRecipe(f"{option}: {name}: expected a SHA-256 of 64 small hex digits or null, found {wanted!r}")
    path = place(settings, name)
    found = digest(path)
    if wanted is not None and found != wanted:
        raise BadRecipe(
            f"{option}: list {path} has SHA-256 {found}, the recipe asks for {wanted}; "
            "restore the file, or put the digest found into the recipe"
        )
    return found


def _changed(step: S, change: Change) -> S:
    """A step with its lists changed, in its options and in those by language."""
    module = registry.module(registry.home(SHELVES, step.name), step.name)
    names: tuple[str, ...] = getattr(module, "LISTS", ())
    if not names:
        return step

    def options(given: Mapping[str, Any]) -> dict[str, Any]:
        lists = {name: given[name] for name in names if given.get(name) is not None}
        return {**given, **{name: change(step.name, name, files) for name, files in lists.items()}}

    parts: dict[str, Any] = {"options": options(step.options)}
    if getattr(step, "by_language", None):
        parts["by_language"] = {language: options(given) for language, given in step.by_language.items()}  # type: ignore[attr-defined]
    return replace(step, **parts)  # type: ignore[type-var]
