"""What it costs to remove 100 documents out of 10^4 and out of 10^6: the cost must grow with what is removed.

    PYTHONPATH=. python benchmarks/takedown.py FOLDER [ROUNDS]

Two lakes of made-up documents, 10,000 a shard, one crawl. Each round removes 100 documents that lie together in one
shard, as a site's pages do where a WARC holds a few sites, and 100 that lie evenly in all shards, at most 100: the
worst case, in which each of them costs a shard. The byte scan reads the whole lake by its nature; it is timed alone.
"""

import statistics
import sys
import time
from pathlib import Path

from benchmarks import trace as made_up
from headwater.project import Project
from headwater.takedown import apply, certificate, request, traces

ROWS = 10_000
REMOVED = 100


def lake(folder: Path, shards: int) -> Project:
    """A lake of so many shards of ROWS documents; one that is there already is used as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "headwater.yaml").write_text("workers: 2\n")
    made_up.CRAWLS, made_up.SHARDS, made_up.STREAM_SHARDS = 1, shards, max(1, shards // 5)
    project = Project.open(folder)
    if not project.lake.files("document_index"):
        made_up.build(project, shards * ROWS)
    return project


def wanted(shards: int, number: int, *, together: bool) -> list[tuple[str, str]]:
    """100 documents that no earlier round removed."""
    if together:
        ids = made_up.documents(0, number % shards, ROWS)["doc_id"].slice(number * REMOVED, REMOVED).to_pylist()
    else:
        few = min(shards, REMOVED)
        ids = [
            doc
            for shard in range(few)
            for doc in made_up.documents(0, shard, ROWS)["doc_id"]
            .slice(5_000 + number * REMOVED, REMOVED // few)
            .to_pylist()
        ]
    return [("doc_id", doc) for doc in ids]


def removal(project: Project, shards: int, number: int, *, together: bool) -> tuple[float, float, int, int]:
    """Seconds to remove and to scan; files written anew, documents removed."""
    asked = request.Request(request.checked(wanted(shards, number, together=together)), "benchmark", f"round {number}")
    found = request.add(project, asked)
    begun = time.perf_counter()
    said = apply.apply(project, found.id, scan=False)
    removed = time.perf_counter()
    gone: dict[str, list[str]] = {}
    for document in apply.documents(request.load(project, found.id)):
        gone.setdefault(document.crawl, []).append(document.doc_id)
    traces.search(project, certificate.windows(said["scan"]["samples"]), gone)
    files = sum(entry["files_rewritten"] for entry in said["tables"])
    return removed - begun, time.perf_counter() - removed, files, said["documents"]


def main(folder: Path, rounds: int) -> None:
    medians: dict[tuple[bool, int], float] = {}
    lakes = {shards: lake(folder / f"{shards * ROWS}", shards) for shards in (1, 100)}
    for shards, project in lakes.items():
        made_up.CRAWLS, made_up.SHARDS, made_up.STREAM_SHARDS = 1, shards, max(1, shards // 5)
        removal(project, shards, 0, together=True)
        for together in (True, False):
            told = [removal(project, shards, number, together=together) for number in range(1, rounds + 1)]
            times, scans = ([row[column] for row in told] for column in (0, 1))
            medians[together, shards] = statistics.median(times)
            print(
                f"{told[0][3]} of {shards * ROWS:>9,} documents, {'together' if together else 'spread  '}: "
                f"{statistics.median(times):6.2f} s ({min(times):.2f}-{max(times):.2f}), "
                f"{told[0][2]} files written anew; byte scan {statistics.median(scans):.2f} s",
                flush=True,
            )
    for together in (True, False):
        ratio = medians[together, 100] / medians[together, 1]
        print(f"{'together' if together else 'spread'}: 10^6 costs {ratio:.2f} x 10^4")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
