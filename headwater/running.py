"""Run what is stale through the project's own Dagster jobs, on the instance that its UI shows."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from headwater import catalog
from headwater.errors import MissingInput, UnknownName, UserError
from headwater.freshness import BY_BOTH, BY_CRAWL, BY_RECIPE, ORDER, Target, ordered_crawls, stale, targets
from headwater.lake import journal
from headwater.make import EVIDENCE
from headwater.pipeline import Progress
from headwater.project import Project

MARTS = "marts"
# The tag by which a run says which recipe it is for; `orchestration.runs` has it as well.
RECIPE = "headwater/recipe"
JOBS = {**dict.fromkeys(BY_CRAWL, "ingest"), **dict.fromkeys(BY_BOTH, "curate"), **dict.fromkeys(BY_RECIPE, "train")}
MADE_WITH = {evidence: made for made, first in EVIDENCE.items() for evidence in first}


def run(name: str, crawls: Sequence[str], *, to: str = MARTS, predecessors: bool = False) -> list[dict[str, Any]]:
    """Bring a recipe's tables up to date; gives a row for each partition that was written."""
    project = Project.open()
    recipe = project.recipe(name)
    if to not in (*ORDER, MARTS):
        raise UnknownName.among("table", to, [*ORDER, MARTS])
    chosen = ordered_crawls(project, recipe, crawls, predecessors=predecessors)
    last = ORDER[-1] if to == MARTS else to
    # A run that was killed between a commit and its entry left the entry to the next one.
    journal.record(project.lake)
    todo = stale(project, list(targets(recipe, chosen, last)))
    _orchestration(project.settings.folder)
    home = dagster_home(project.settings.folder)
    written: list[dict[str, Any]] = []
    steps = list(_steps(todo))
    with _progress(len(steps)) as advance:
        for job, partition, tables in steps:
            advance(f"{job} {' '.join(partition.values())}")
            written += _launch(project, home, job, partition, tables, advance.told, {RECIPE: name})
        if to == MARTS and not catalog.marts_current(project):
            advance(MARTS)
            models = _launch(project, home, "publish", {}, None, advance.told)
            written.append({"table": MARTS, "rows": None, "outcomes": f"{len(models)} models"})
    return written


def _steps(todo: Sequence[Target]) -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """The jobs to run, in order: one for each place (crawl, crawl of a recipe, recipe), of its stale tables."""
    groups: dict[tuple[str, tuple[str, ...]], tuple[dict[str, str], list[str]]] = {}
    for target in todo:
        job = JOBS[target.table]
        place = {k: v for k, v in target.partition.items() if k in ("crawl", "recipe")}
        partition, tables = groups.setdefault((job, tuple(place.values())), (place, []))
        asset = MADE_WITH.get(target.table, target.table)
        if asset not in tables:
            tables.append(asset)
    for (job, _), (partition, tables) in groups.items():
        yield job, partition, tables


def _launch(
    project: Project,
    home: Path,
    job: str,
    partition: Mapping[str, str],
    tables: Sequence[str] | None,
    told: Progress,
    tags: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    launch = _orchestration(project.settings.folder).launch
    made = launch(job, partition, home=home, asset_selection=tables, tags=tags, progress=told)
    return [_told(found) for found in made]


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a command says of a materialization: the same facts as the UI."""
    metadata = found["metadata"]
    outcomes = {k.removeprefix("rows_"): v for k, v in metadata.items() if k.startswith("rows_")}
    return {
        "table": found["asset"],
        "partition": found["partition"],
        "version": metadata.get("delta_version"),
        "rows": metadata.get("dagster/partition_row_count", metadata.get("dagster/row_count")),
        "outcomes": " ".join(f"{name}={count}" for name, count in outcomes.items()),
    }


def _orchestration(folder: Path) -> Any:
    """The project's own orchestration code, which is not part of the package."""
    if not (folder / "orchestration").is_dir():
        raise UserError(f"{folder} has no orchestration folder; make a project with: headwater init DIR")
    os.environ["HEADWATER_PROJECT"] = str(folder)
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        return import_module("orchestration.launch")
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("dagster", "dagster_dbt", "dbt", "great_expectations"):
            raise UserError(f"{error.name} is not installed, and runs need it; install headwater[all]") from error
        raise


def dagster_home(folder: Path) -> Path:
    """DAGSTER_HOME. The default, `.dagster` of the project, follows its dagster.yaml; another keeps the one it has."""
    own = folder / ".dagster"
    home = Path(os.environ.setdefault("DAGSTER_HOME", str(own)))
    home.mkdir(parents=True, exist_ok=True)
    if home == own or not (home / "dagster.yaml").exists():
        if not (folder / "dagster.yaml").exists():
            raise MissingInput(
                f"{folder} has no dagster.yaml, and a run needs it; copy that of a new "
                f"project there: headwater init DIR; cp DIR/dagster.yaml {folder}"
            )
        shutil.copyfile(folder / "dagster.yaml", home / "dagster.yaml")
    return home


def serve(host: str, port: int) -> None:
    """Become `dagster dev` for this project."""
    folder = Project.open().settings.folder
    dagster_home(folder)
    os.environ["HEADWATER_PROJECT"] = str(folder)
    program = Path(sys.executable).with_name("dagster")
    if not program.exists():
        raise UserError("dagster is not installed; install headwater[all]")
    os.chdir(folder)
    os.execv(program, [str(program), "dev", "-w", "workspace.yaml", "-h", host, "-p", str(port)])  # noqa: S606


class _Silent:
    """Progress that nobody watches."""

    def __call__(self, description: str) -> None:
        """Another job begins."""

    def told(self, table: str, done: int, total: int) -> None:
        """A shard of a table is done."""


class _Bar(_Silent):
    """One line on a terminal: the job, and the table whose shards are being made."""

    def __init__(self, bar: Any, task: Any) -> None:
        self._bar, self._task, self._job = bar, task, ""

    def __call__(self, description: str) -> None:
        self._job = description
        self._bar.update(self._task, description=description, advance=1)

    def told(self, table: str, done: int, total: int) -> None:
        self._bar.update(self._task, description=f"{self._job}: {table} {done}/{total}")


@contextmanager
def _progress(total: int) -> Iterator[_Silent]:
    """A progress bar on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield _Bar(bar, bar.add_task("starting", total=total + 1))


def publish_marts(project: Project) -> None:
    """Build the catalog's marts anew from what is published now."""
    home = dagster_home(project.settings.folder)
    _launch(project, home, "publish", {}, None, _Silent().told)
