"""Deleting what no live version and no protected release holds: old versions, drafts, scratch, change data."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from headwater import releases
from headwater.engine import Guard, Task
from headwater.lake.files import shard_of
from headwater.lake.store import DataFile
from headwater.lake.tables import TABLES
from headwater.project import Project
from headwater.takedown import rewrite
from headwater.takedown.amends import BY_CONTENT

# Where whole folders are of use to a run that is under way, and none is while documents are removed.
BETWEEN = ("_scratch", "_audits")
# Rows that hold or are taken from a text. The others of a protected version say where a document was, not what it said.
HOLD_TEXT = ("extracted", "signals", "filtered", "minhash_index", "span_index", "tokenized")
# Old versions of these hold no text, and say what was trained, measured, released and removed.
KEPT = ("proxy_model", "eval_scores", "releases", "takedowns", "audit_log")


def live(project: Project) -> set[str]:
    """Every data file that the newest version of a table names."""
    return {file.name for name in TABLES for file in project.lake.files(name)}


def unneeded(project: Project) -> list[str]:
    """Every data file that is neither live nor protected."""
    spared = live(project) | set(releases.protected(project))
    return [name for name in sorted(_data_files(project)) if name not in spared]


def sweep(project: Project, names: Iterable[str]) -> None:
    """Delete files, and what is between the phases of runs. Logs, checkpoints and exports stay."""
    storage = project.lake.storage
    for name in (*names, *BETWEEN):
        storage.remove(name)


def _data_files(project: Project) -> Iterator[str]:
    root = Path(project.lake.storage.root)
    for name in (n for n in TABLES if n not in KEPT):
        found = (path.relative_to(root) for path in (root / name).rglob("*") if path.is_file())
        yield from (path.as_posix() for path in found if "_delta_log" not in path.parts)


def held(project: Project, gone: dict[str, list[str]], shards: Collection[tuple[str, str]]) -> dict[str, list[str]]:
    """Protected files, not live, that still hold texts of removed documents, with the releases that hold them."""
    held_by, now = releases.protected(project), live(project)
    files = [f for f in released_files(project) if f.name not in now and _may_hold(f, shards)]
    tasks = [
        Task(f"{number:06d}", {"storage": project.lake.storage, "name": f.name, "gone": gone})
        for number, f in enumerate(files)
    ]
    holding = {task.arguments["name"] for task, holds in project.engine.map(_look, tasks) if holds}
    return {name: held_by[name] for name in sorted(holding)}


def _look(task: Task, guard: Guard) -> bool:
    name, table = task.arguments["name"], task.arguments["name"].split("/", 1)[0]
    crawl = name.split("crawl=", 1)[1].split("/", 1)[0] if "crawl=" in name else None
    return rewrite.holds(task.arguments["storage"], table, name, crawl, task.arguments["gone"])


def _may_hold(file: DataFile, shards: Collection[tuple[str, str]]) -> bool:
    name = file.name.split("/", 1)[0]
    if name not in HOLD_TEXT:
        return False
    return name in BY_CONTENT or (file.partition["crawl"], file.shard) in shards


def released_files(project: Project) -> list[DataFile]:
    """Every file that a release holds."""
    found: dict[str, DataFile] = {}
    for release in releases.current(project):
        for pin in release.pinned:
            for name in pin.files:
                found[name] = DataFile(name, shard_of(name), 0, 0, dict(pin.partition))
    return sorted(found.values(), key=lambda f: f.name)
