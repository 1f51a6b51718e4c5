"""The whole stage `filtered`, Delta in and out, on one core: megabytes of text a second, and memory as documents grow.

    HEADWATER_TEST_DATA=... python benchmarks/curation.py [RECIPE] [CRAWL] [ROUNDS]

The lake is filled up to `signals` before the clock starts. A round makes `filtered` anew for one crawl: it reads texts
and signals, applies the recipe's filters and editors, measures edited texts again, writes Parquet with digests, audits
the draft (conservation, facts) and commits. Beside it in the same run: a loop that only reads the same texts and writes
them to Parquet as they are. Medians of processor time.
"""

import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from headwater import freshness, make
from headwater import recipe as recipes
from headwater.engine import Guard
from headwater.lake.files import ShardWriter, read_aligned, read_batches
from headwater.project import Project
from headwater.settings import Settings
from headwater.stages import filtered

ROOT = Path(__file__).resolve().parent.parent
COPIES = (1, 4, 16)


def filled(folder: Path, name: str, crawl: str, rounds: int) -> Project:
    """A project with the crawl up to `signals`, and the recipe under a name for each round."""
    shutil.copytree(ROOT / "policies", folder / "policies")
    for part in ("lists", "languages"):
        if (ROOT / part).exists():
            shutil.copytree(ROOT / part, folder / part)
    (folder / "recipes").mkdir()
    for number in range(rounds + 1):
        shutil.copyfile(ROOT / "recipes" / f"{name}.yaml", folder / "recipes" / f"round-{number}.yaml")
    crawls = str(Path(os.environ["HEADWATER_TEST_DATA"]) / "crawls")
    project = Project(Settings(folder, crawls=crawls, workers=1))
    recipe = project.recipe("round-0")
    project.__dict__["engine"] = Here()
    for target in freshness.targets(recipe, [crawl], "signals"):
        make.make(project, target.table, target.partition)
    return project


def texts(project: Project, crawl: str, number: int) -> list[str]:
    """The files of the texts that the recipe reads."""
    ways = [recipes.label(way) for way in project.recipe(f"round-{number}").ways]
    places = ({"crawl": crawl, "extractor": way} for way in ways)
    return [f.name for place in places for f in project.lake.files("extracted", place)]


def copied(project: Project, files: list[str]) -> None:
    """Read the texts, write them to Parquet."""
    with tempfile.TemporaryDirectory() as place:
        for number, name in enumerate(files):
            out = pa.parquet.ParquetWriter(
                f"{place}/{number}.parquet", pa.schema([("doc_id", pa.string()), ("text", pa.string())])
            )
            with out:
                for batch in read_batches(project.lake.storage, name, ["doc_id", "text"]):
                    out.write_batch(batch)


class Here:
    """An engine that works in this process, so that its processor time is all that a stage costs."""

    workers = 1

    def map(self, function, tasks):
        for task in tasks:
            with tempfile.NamedTemporaryFile() as progress:
                Guard.prepare(Path(progress.name))
                with Guard(Path(progress.name)) as guard:
                    yield task, function(task, guard)

    def close(self) -> None:
        """There is nothing to end."""


def timed(function, *arguments) -> float:
    """Seconds of processor time that a call takes, whatever else the machine does."""
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


def memory(project: Project, crawl: str, copies: int) -> float:
    """Peak megabytes of a process that judges one shard, its rows repeated so often."""
    plan = project.plan("filtered", {"recipe": "round-0", "crawl": crawl})
    said = next(iter(plan.shards.values()))
    pid = os.fork()
    if pid:
        return os.wait4(pid, 0)[2].ru_maxrss / 1024
    (text, number), storage = said["sources"][0], project.lake.storage
    with ShardWriter(storage, "filtered", "_scratch/memory.parquet", shard="x", key="x") as writer:
        for _ in range(copies):
            for batch, numbers in read_aligned(storage, text, number, list(filtered.READ)):
                writer.write(filtered.judged(batch, numbers, said["steps"], said["ways"][0]))
    os._exit(0)


def main() -> None:
    name, crawl, rounds = [*sys.argv[1:], *("dclm_refinedweb", "DOCS-2024-10", "5")[len(sys.argv) - 1 :]]
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        project = filled(Path(folder), name, crawl, int(rounds))
        files = texts(project, crawl, 0)
        size = sum(
            pa.compute.sum(pa.compute.binary_length(b.column("text"))).as_py() or 0
            for f in files
            for b in read_batches(project.lake.storage, f, ["text"])
        )
        ours, bare = [], []
        for number in range(int(rounds) + 1):
            bare.append(timed(copied, project, files))
            place = {"recipe": f"round-{number}", "crawl": crawl}
            ours.append(timed(make.make, project, "filtered", place))
        a, b = statistics.median(bare[1:]), statistics.median(ours[1:])
        print(f"{name} over {crawl}: {size / 1e6:.1f} MB of text, one core, median of {rounds} rounds")
        spread = f"({min(ours[1:]):.2f}-{max(ours[1:]):.2f} s)"
        print(f"  filtered, Delta in and out  {b:6.2f} s  {size / 1e6 / b:7.1f} MB/s  {spread}")
        print(f"  texts read and written      {a:6.2f} s  {size / 1e6 / a:7.1f} MB/s  ratio {b / a:.1f}")
        project.engine.close()
        for copies in COPIES:
            print(f"  peak memory, {copies:2} times the rows of a shard: {memory(project, crawl, copies):.0f} MB")
    print(f"  peak memory of the driver: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
