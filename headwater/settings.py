"""Where things are, for one project folder: `headwater.yaml`, overridden by HEADWATER_LAKE and HEADWATER_CRAWLS.

The only reader of the environment in the library.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from headwater import configuration
from headwater.errors import BadRecipe, MissingInput

FILE = "headwater.yaml"
EMBEDDED_MODEL = Path(__file__).parent / "models" / "lid.176.ftz"


@dataclass(frozen=True)
class LanguageModel:
    """A fastText language model by path (None: the embedded lid.176) and SHA-256 (None: not checked).

    Without `identify` no language is looked for: `language` is null, and a filter on it drops everything.
    """

    identify: bool = True
    path: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Settings:
    """One project: its lake, its crawls, and the limits that hostile pages meet. Paths are relative to the folder."""

    folder: Path
    lake: str = "lake"
    crawls: str = "sample"
    recipes: str = "recipes"
    evals: str = "sample/eval"
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    lake_options: Mapping[str, str] = field(default_factory=dict)
    crawls_options: Mapping[str, str] = field(default_factory=dict)
    max_page_bytes: int = 10_000_000
    page_timeout_s: float = 10.0
    max_quarantined: float = 0.1
    language_model: LanguageModel = field(default_factory=LanguageModel)

    def __post_init__(self) -> None:
        if self.workers < 1 or self.max_page_bytes < 1 or self.page_timeout_s <= 0:
            raise ValueError("workers, max_page_bytes and page_timeout_s must be positive")

    def place(self, value: str) -> str:
        """A path or URL of the settings, made absolute."""
        return value if "://" in value else str((self.folder / value).resolve())

    @property
    def recipe_folder(self) -> Path:
        """Where the recipes are."""
        return Path(self.place(self.recipes))

    @property
    def language_model_path(self) -> Path:
        """The language model's file."""
        given = self.language_model.path
        return EMBEDDED_MODEL if given is None else Path(self.place(given))

    @cached_property
    def language_model_digest(self) -> str:
        """SHA-256 of the language model; empty where none is used. Raises where it is not the one asked for."""
        path = self.language_model_path
        if not self.language_model.identify:
            return ""
        if not path.exists():
            raise MissingInput(f"language model {path} is not there; correct language_model.path in {FILE}")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        wanted = self.language_model.sha256
        if wanted is not None and wanted != found:
            raise BadRecipe(f"language model {path} has SHA-256 {found}, {FILE} asks for {wanted}")
        return found


def load(folder: Path) -> Settings:
    """The settings of a project folder; defaults where it has no headwater.yaml."""
    file = folder / FILE
    settings = configuration.load(Settings, file, {"folder": folder}) if file.exists() else Settings(folder)
    overrides = {"lake": os.environ.get("HEADWATER_LAKE"), "crawls": os.environ.get("HEADWATER_CRAWLS")}
    return replace(settings, **{k: v for k, v in overrides.items() if v})  # type: ignore[arg-type]


def project_folder() -> Path:
    """The nearest folder upwards that has a headwater.yaml, or HEADWATER_PROJECT. Raises where there is none."""
    given = os.environ.get("HEADWATER_PROJECT")
    if given:
        folder = Path(given).resolve()
        if not (folder / FILE).is_file():
            raise MissingInput(f"no {FILE} in {folder}; give the folder of a project, or make one: headwater init DIR")
        return folder
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE).exists():
            return folder
    raise MissingInput(f"no {FILE} in {here} or above; go to a project folder or make one with: headwater init DIR")
