"""Where things are, for one project folder: `headwater.yaml`, overridden by HEADWATER_LAKE and HEADWATER_CRAWLS.

The only reader of the environment in the library. OpenLineage's own variables are honoured: OPENLINEAGE_URL,
OPENLINEAGE_ENDPOINT, OPENLINEAGE_NAMESPACE, OPENLINEAGE_API_KEY and OPENLINEAGE_DISABLED.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from headwater import configuration
from headwater.errors import BadRecipe, MissingInput

FILE = "headwater.yaml"
EMBEDDED_MODEL = Path(__file__).parent / "models" / "lid.176.ftz"


@dataclass(frozen=True)
class LanguageModel:
    """A fastText language model by path (None: the embedded lid.176) and SHA-256 (None: not checked).

    Without `identify` no language is looked for: `language` is null, and a filter on it drops everything. `second` is
    another model that is asked as well; whether it agrees is stored.
    """

    identify: bool = True
    path: str | None = None
    sha256: str | None = None
    second: Literal["lingua"] | None = None

    def __post_init__(self) -> None:
        if self.second is not None and not self.identify:
            raise ValueError("language_model.second is a second opinion; it needs identify: true")


@dataclass(frozen=True)
class OpenLineage:
    """Where lineage events go: appended to `file`, posted to `endpoint` below `url`, both, or nowhere (the default).

    `api_key_env` names the variable that holds the endpoint's key; the key itself is in no file.
    """

    file: str | None = None
    url: str | None = None
    endpoint: str = "api/v1/lineage"
    api_key_env: str | None = None
    namespace: str = "headwater"
    timeout_s: float = 5.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url or "http://localhost")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise ValueError("openlineage.url must be http(s)://host[:port], the key in the variable of api_key_env")
        if not 0 < self.timeout_s <= 300:
            raise ValueError("openlineage.timeout_s must be more than 0 and at most 300 seconds")

    @property
    def on(self) -> bool:
        """Whether events go anywhere."""
        return self.file is not None or self.url is not None

    @property
    def api_key(self) -> str | None:
        """The endpoint's key, None where none is set. Raises MissingInput where the variable that is named is empty."""
        key = os.environ.get(self.api_key_env or "OPENLINEAGE_API_KEY")
        if self.api_key_env and not key:
            raise MissingInput(
                f"variable {self.api_key_env} is empty; set it, or take openlineage.api_key_env out of {FILE}"
            )
        return key or None


@dataclass(frozen=True)
class Settings:
    """One project: its lake, its crawls, and the limits that hostile pages meet. Paths are relative to the folder."""

    folder: Path
    lake: str = "lake"
    crawls: str = "sample"
    recipes: str = "recipes"
    policies: str = "policies"
    lists: str = "lists"
    languages: str = "languages"
    steps: str = "steps"
    evals: str = "sample/eval"
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    lake_options: Mapping[str, str] = field(default_factory=dict)
    crawls_options: Mapping[str, str] = field(default_factory=dict)
    max_page_bytes: int = 10_000_000
    page_timeout_s: float = 10.0
    max_quarantined: float = 0.1
    language_model: LanguageModel = field(default_factory=LanguageModel)
    openlineage: OpenLineage = field(default_factory=OpenLineage)

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
    def language_folder(self) -> Path:
        """Where the folders of options by language are."""
        return Path(self.place(self.languages))

    @property
    def step_folder(self) -> Path:
        """Where the project's own steps are, in a folder for each shelf."""
        return Path(self.place(self.steps))

    @property
    def policy_folder(self) -> Path:
        """Where the policies are."""
        return Path(self.place(self.policies))

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
    settings = replace(settings, **{k: v for k, v in overrides.items() if v})  # type: ignore[arg-type]
    return replace(settings, openlineage=_overridden(settings.openlineage))


def _overridden(lineage: OpenLineage) -> OpenLineage:
    if os.environ.get("OPENLINEAGE_DISABLED", "").lower() == "true":
        return OpenLineage()
    given = {name: os.environ.get(f"OPENLINEAGE_{name.upper()}") for name in ("url", "endpoint", "namespace")}
    try:
        return replace(lineage, **{k: v for k, v in given.items() if v})  # type: ignore[arg-type]
    except ValueError as error:
        raise BadRecipe(f"the environment's OPENLINEAGE_URL: {error}") from error


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
