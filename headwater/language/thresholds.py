"""Thresholds and stop words of a language: a file of options a language, in a folder of `languages/`.

Source: FineWeb2 (Penedo et al., arXiv 2506.20920), which filters every language by the same rules with numbers of its
own. `languages/FOLDER/LANG.yaml`, where LANG is ISO 639-3 and script (`fra_Latn`), says for each filter which options
documents of that language have instead of the recipe's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater import configuration
from headwater.errors import BadRecipe, MissingInput, UserError
from headwater.text.labels import among, canonical


@dataclass(frozen=True)
class LanguageFile:
    """Options by filter for one language; `source` says where the numbers come from."""

    label: str
    source: str
    filters: Mapping[str, Mapping[str, Any]]


def folders(root: Path) -> list[str]:
    """The folders of thresholds that there are."""
    return sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def load(folder: Path) -> Mapping[str, LanguageFile]:
    """The files of a folder by canonical label. Raises MissingInput without any, BadRecipe with file and line."""
    files = sorted(folder.glob("*.yaml"))
    for path in files:
        if not path.is_file():
            raise BadRecipe(f"{path} is no file; take it away, or put a file of thresholds there")
    if not files:
        known = ", ".join(folders(folder.parent)) or "none"
        raise MissingInput(f"no thresholds by language in {folder}; folders in {folder.parent}: {known}")
    return {found.label: found for found in map(load_file, files)}


def load_file(path: Path) -> LanguageFile:
    """One file. Raises BadRecipe with file and line."""
    if canonical(path.stem) != path.stem or "_" not in path.stem:
        raise BadRecipe(
            f"{path}: the name must be ISO 639-3 and script, as in fra_Latn; try {canonical(path.stem)}.yaml"
        )
    found = configuration.load(LanguageFile, path, {"label": path.stem})
    for name, options in found.filters.items():
        try:
            configuration.resolve("filters", name, options)
        except UserError as error:
            raise BadRecipe(f"{path}: filters: {error}") from error
    return found


def overrides(files: Mapping[str, LanguageFile], name: str, options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """All options of a filter by canonical label, for the languages whose file has something to say about it."""
    return {label: {**options, **own.filters[name]} for label, own in files.items() if name in own.filters}


def require(files: Mapping[str, LanguageFile], wanted: Iterable[str], folder: str) -> None:
    """Raises MissingInput where a wanted language has no file, listing those that have one."""
    missing = [label for label in wanted if not any(among(known, [label]) for known in files)]
    if missing:
        raise MissingInput(
            f"languages without thresholds in languages/{folder}: {', '.join(missing)}; have: "
            f"{', '.join(sorted(files))}; derive them: headwater calibrate --language {missing[0]}"
        )
