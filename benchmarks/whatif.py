"""How much sooner `headwater whatif --set` answers than a rerun of `filtered`, and that both say the same.

    PYTHONPATH=. [HEADWATER_TEST_DATA=DIR] python benchmarks/whatif.py [CRAWL ...]

Crawls of the shared test data, or of the sample; all of them unless some are named. For each case `filtered` is made by
the recipe as it is, the question is asked, and then the recipe is changed and `filtered` made again: the rerun is what
a user would otherwise wait for. Both sides use the same warm workers; the numbers of kept documents and characters must
be equal. Seconds are on the clock; the question's are the median of three.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from headwater import freshness, make, whatif_filters
from headwater import whatif_settings as read
from headwater.lake.audit import connect, first, parquet, uris
from headwater.project import Project

ROOT = Path(__file__).resolve().parent.parent
CASES = (
    ("gopher", "gopher_quality.min_words=100"),
    ("gopher", "gopher_quality.min_words=20"),
    ("dclm_refinedweb", "gopher_quality.min_words=100"),
    ("dclm_refinedweb", "gopher_quality.min_words=20"),
    ("dclm_refinedweb", "refinedweb.max_removed_word_ratio=0.2"),
    ("dclm_refinedweb", "refinedweb_lines.min_words=4"),
)
SWEEPS = (("gopher", "gopher_quality.min_words=20:200:10"), ("dclm_refinedweb", "gopher_quality.min_words=20:200:20"))


def lay_out(folder: Path, crawls: Path) -> Project:
    """A project with the repository's recipes, to change."""
    for name in ("recipes", "policies", "lists", "languages"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "headwater.yaml").write_text(yaml.safe_dump({"crawls": str(crawls), "workers": 2}))
    return Project.open(folder)


def filtered(project: Project, recipe: str, crawls: list[str]) -> float:
    """Bring `filtered` up to date; seconds that its own partitions took."""
    loaded, seconds = project.recipe(recipe), 0.0
    for target in freshness.targets(loaded, crawls, "filtered"):
        begun = time.perf_counter()
        make.make(project, target.table, target.partition)
        seconds += time.perf_counter() - begun if target.table == "filtered" else 0.0
    return seconds


def change(project: Project, recipe: str, text: str) -> None:
    """The recipe with another option, as a user would write it."""
    said = read.setting(text)
    file = project.settings.recipe_folder / f"{recipe}.yaml"
    parts = yaml.safe_load(file.read_text())
    for place, step in enumerate(parts["filters"]):
        name, options = (step, {}) if isinstance(step, str) else next(iter(step.items()))
        if name == said.address.step:
            parts["filters"][place] = {name: {**(options or {}), said.address.option: said.value}}
    file.write_text(yaml.safe_dump(parts))


def totals(project: Project, recipe: str, crawls: list[str]) -> tuple[int, int]:
    """Documents and characters that are kept now."""
    files = [f.name for crawl in crawls for f in project.lake.files("filtered", {"recipe": recipe, "crawl": crawl})]
    with connect(project.lake.storage) as db:
        source = parquet(uris(project.lake.storage, files))
        found: tuple[int, int] = first(db, f"select count(*), sum(chars)::bigint from {source} where outcome = 'kept'")
        return found


def asked(project: Project, recipe: str, text: str, crawls: list[str]) -> tuple[float, dict[str, Any]]:
    """The answer, and the median of three times."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        answer = whatif_filters.settings(project, recipe, [read.setting(text)], crawls=crawls)
        times.append(time.perf_counter() - begun)
    return statistics.median(times), answer


def main(names: list[str]) -> None:
    """Print a line for each case."""
    data = os.environ.get("HEADWATER_TEST_DATA")
    root = Path(data) / "crawls" if data else ROOT / "sample"
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        project = lay_out(Path(folder), root)
        crawls = names or project.crawls()
        for recipe in dict.fromkeys(recipe for recipe, _ in CASES):
            filtered(project, recipe, crawls)
        project.engine.close()
        # Which crawls are in the lake is looked up once for each opening.
        project = Project.open(Path(folder))
        for recipe, text in CASES:
            filtered(project, recipe, crawls)
            seconds, answer = asked(project, recipe, text, crawls)
            file = project.settings.recipe_folder / f"{recipe}.yaml"
            kept = file.read_bytes()
            change(project, recipe, text)
            rerun = filtered(project, recipe, crawls)
            same = totals(project, recipe, crawls) == (answer["documents"]["after"], answer["chars"]["after"])
            file.write_bytes(kept)
            print(
                f"{recipe:16} {text:42} {answer['documents']['before']:>6} -> {answer['documents']['after']:>6}; "
                f"whatif {seconds:6.2f} s, rerun {rerun:6.2f} s: {rerun / seconds:5.1f} x; "
                f"{answer['read']['texts']} texts read; {'equal' if same else 'NOT EQUAL'}",
                flush=True,
            )
            assert same
        for recipe, text in SWEEPS:
            filtered(project, recipe, crawls)
            begun = time.perf_counter()
            answer = whatif_filters.sweep(project, recipe, read.sweep(text), crawls=crawls)
            seconds = time.perf_counter() - begun
            print(f"{recipe:16} {text:42} {len(answer['points'])} thresholds in {seconds:.2f} s", flush=True)
        project.engine.close()


if __name__ == "__main__":
    main(sys.argv[1:])
