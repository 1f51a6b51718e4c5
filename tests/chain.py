"""The chain without an orchestrator, in this process or, as `python -m tests.chain FOLDER RECIPE TO`, in its own."""

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import yaml

from headwater import freshness, make, verify
from headwater.project import Project

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample"


def lay_out(folder, *, crawls=SAMPLE, **settings):
    """A project folder with the repository's recipes, its own lake, and settings."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "recipes", folder / "recipes")
    shutil.copytree(ROOT / "policies", folder / "policies")
    shutil.copytree(ROOT / "lists", folder / "lists")
    shutil.copytree(ROOT / "languages", folder / "languages")
    said = {"crawls": str(crawls), "evals": str(SAMPLE / "eval"), "workers": 2, **settings}
    (folder / "headwater.yaml").write_text(yaml.safe_dump(said))
    return folder


@contextmanager
def opened(folder):
    """The project of a folder; its workers end with the block."""
    project = Project.open(folder)
    try:
        yield project
    finally:
        project.engine.close()


def run(project, *, recipe="tiny", to="tokenized", crawls=None, expect=None):
    """Bring everything up to a table up to date; gives what became of each partition."""
    loaded = project.recipe(recipe)
    wanted = freshness.targets(loaded, project.crawls(loaded) if crawls is None else crawls, to)
    return [make.make(project, target.table, target.partition, expect=expect) for target in wanted]


def change(folder, recipe, **parts):
    """Give a recipe other parts."""
    file = folder / "recipes" / f"{recipe}.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), **parts}))


def published(project):
    """The newest commit of every partition of every table."""
    lake = project.lake
    return {(n, tuple(p.values())): lake.published(n, p) for n in freshness.ORDER for p in lake.partitions(n)}


def digests(project):
    """What every partition's rows digest to."""
    return {place: commit.provenance.digest for place, commit in published(project).items()}


def versions(project):
    """The newest version of every table."""
    return {name: project.lake.version(name) for name in freshness.ORDER}


def rows(project, table, columns=None, **partition):
    """Live rows of a table."""
    from headwater.lake.files import read_batches

    files = project.lake.files(table, partition)
    batches = [b for f in files for b in read_batches(project.lake.storage, f.name, columns)]
    return [row for batch in batches for row in batch.to_pylist()]


def broken(project):
    """What verify finds."""
    return [(b.table, b.what) for b in verify.verify(project).breaks]


if __name__ == "__main__":
    with opened(Path(sys.argv[1])) as here:
        run(here, recipe=sys.argv[2], to=sys.argv[3])
