"""Deduplication end to end, evidence and proofs included: megabytes of text a second, memory, and datatrove beside it.

    HEADWATER_TEST_DATA=... python benchmarks/dedup_end_to_end.py FOLDER [DOCUMENTS [PEERS]]

DOCUMENTS (1,000,000) of the shared crawls' texts with edits go through `minhash_index`, `duplicate_pairs` and `deduped`
with FineWeb's 14 bands of 8 rows, by one worker. datatrove's four steps get the first documents of the same stream.
Processor time is that of the driver and the worker; memory is the largest resident set of either.
"""

import json
import os
import resource
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import corpus
from peers import run as peer

from headwater import make
from headwater.project import Project

DEDUP = [{"minhash": {"threshold": 0.72, "permutations": 112, "bands": 14, "rows": 8}}]
SLICE = 4_000
PLACE = {"recipe": "bench", "crawl": "C1"}
TABLES = ("minhash_index", "duplicate_pairs", "deduped")


def used():
    """Processor seconds of this process and of its finished workers."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in both)


def ours(project, megabytes):
    total = 0.0
    for name in TABLES:
        wall, before = time.perf_counter(), used()
        outcome = make.make(project, name, PLACE)
        project.engine.close()
        seconds, wall = used() - before, time.perf_counter() - wall
        total += seconds
        stored = sum(f.size for f in project.lake.files(name, PLACE))
        said = f"{seconds:7.1f} s of processor, {wall:7.1f} s, {stored / 1e6:8.1f} MB, {outcome.provenance.rows} rows"
        print(f"  {name:16} {said}", flush=True)
        if "dedup" in outcome.provenance.details:
            print(f"  {outcome.provenance.details['dedup']}")
    print(f"  end to end {megabytes / total:.1f} MB/s of processor time")
    return megabytes / total


def memory():
    both = [resource.getrusage(who).ru_maxrss / 1e6 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"  peak memory: driver {both[0]:.2f} GB, worker {both[1]:.2f} GB")


def theirs(words, folder, ready):
    with (folder / "slice.jsonl").open("w", encoding="utf-8") as out:
        size = 0
        for doc, text in islice(corpus.documents(words, SLICE, 1), SLICE):
            out.write(json.dumps({"id": doc, "text": text}) + "\n")
            size += len(text.encode())
    peer(ready, "datatrove_minhash", folder / "slice.jsonl", folder / "slice.out")
    seconds = json.loads((folder / "slice.out").read_text().splitlines()[-1])["seconds"]
    total = sum(seconds.values())
    print(f"datatrove, {SLICE} documents, {size / 1e6:.1f} MB: {seconds}")
    print(f"  end to end {size / 1e6 / total:.2f} MB/s of processor time")
    return size / 1e6 / total


def measured(folder, megabytes):
    """In a process of its own, which never held the corpus."""
    rate = ours(Project.open(folder), megabytes)
    memory()
    (folder / "rate").write_text(str(rate))


def main():
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    words = corpus.pages(os.environ["HEADWATER_TEST_DATA"])
    megabytes = corpus.add(corpus.opened(folder / "lake", DEDUP, 1), "C1", words, count, 1) / 1e6
    print(f"{count} documents, {megabytes:.0f} MB, from {len(words)} pages", flush=True)
    subprocess.run([sys.executable, __file__, "measured", str(folder / "lake"), str(megabytes)], check=True)
    if len(sys.argv) > 3:
        rate = float((folder / "lake" / "rate").read_text())
        print(f"  {rate / theirs(words, folder, Path(sys.argv[3])):.0f} x datatrove")


if __name__ == "__main__":
    if sys.argv[1] == "measured":
        measured(Path(sys.argv[2]), float(sys.argv[3]))
    else:
        main()
