"""Time of `sources` + `raw` + `extracted` against a bare fastwarc + resiliparse loop, on one core, in one run.

    HEADWATER_TEST_DATA=... python benchmarks/extraction.py [CRAWL] [ROUNDS]
    HEADWATER_TEST_DATA=... python benchmarks/extraction.py quality

Both sides read the same WARC files from the page cache, decode, parse and extract the same pages with the same options.
Ours also takes digests, writes Parquet and commits to Delta. Rounds alternate; medians are compared.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import extraction_quality
from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from resiliparse.parse.html import HTMLTree

from headwater import language, make
from headwater.engine.local import LocalEngine
from headwater.project import Project
from headwater.settings import LanguageModel, Settings

TABLES = ("sources", "raw", "extracted")


def bare(files: list[Path], model: Path | None) -> int:
    """The loop that anybody would write; gives the bytes of HTML read."""
    size = 0
    for file in files:
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
                if record.http_content_type not in ("text/html", "application/xhtml+xml"):
                    continue
                data = record.reader.read()
                size += len(data)
                tree = HTMLTree.parse(bytes_to_str(data, detect_encoding(data)))
                text = extract_plain_text(tree, main_content=True, preserve_formatting=True, alt_texts=False)
                if model is not None:
                    language.identify([text], model)
    return size


def ours(project: Project, crawl: str) -> None:
    """The three stages, committed to a fresh lake."""
    for table in TABLES:
        partition = {"crawl": crawl, "extractor": "resiliparse"} if table == "extracted" else {"crawl": crawl}
        make.make(project, table, partition)


def timed(function: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main() -> None:
    """Print the ratios with and without language identification, or the tables of quality."""
    if sys.argv[1:2] == ["quality"]:
        extraction_quality.main()
        return
    crawl = sys.argv[1] if len(sys.argv) > 1 else "DOCS-2024-10"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    root = Path(os.environ["HEADWATER_TEST_DATA"]) / "crawls"
    # Affinity is inherited: driver and worker together get what the bare loop gets.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    engine = LocalEngine(1)
    for identify in (False, True):
        compare(engine, root, crawl, rounds, identify)
    engine.close()


def compare(engine: LocalEngine, root: Path, crawl: str, rounds: int, identify: bool) -> None:
    """Time both sides in turn and print the ratio of medians."""
    theirs, mine = [], []
    for _ in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(Path(folder), crawls=str(root), workers=1)
            project = Project(replace(settings, language_model=LanguageModel(identify=identify)))
            project.__dict__["engine"] = engine
            files = [root / f.path for f in project.source.paths(crawl)]
            theirs.append(timed(partial(bare, files, settings.language_model_path if identify else None)))
            mine.append(timed(partial(ours, project, crawl)))
    # The first round warms imports, caches and the worker.
    a, b = statistics.median(theirs[1:]), statistics.median(mine[1:])
    spread = f"bare {min(theirs[1:]):.2f}-{max(theirs[1:]):.2f} s, ours {min(mine[1:]):.2f}-{max(mine[1:]):.2f} s"
    what = "with language id" if identify else "without language id"
    print(f"{crawl} {what}: bare {a:.2f} s, ours {b:.2f} s, ratio {b / a:.2f} ({rounds} rounds; {spread})")


if __name__ == "__main__":
    main()
