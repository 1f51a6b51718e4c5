"""What one more crawl costs: deduplication of n documents beside a lake of 20 n, over that of the first n.

HEADWATER_TEST_DATA=... python benchmarks/dedup_growth.py FOLDER [N]        N: 10,000

Each crawl has texts of the shared crawls with edits of its own, by FineWeb's 14 bands of 8 rows, by one worker.
Processor time is that of the driver and the worker, starting the worker included.
"""

import os
import sys
from pathlib import Path

import corpus
from dedup_end_to_end import DEDUP, TABLES, used

from headwater import make

CRAWLS = 21


def one_more(project, words, count, number):
    """Processor seconds that a crawl of so many documents takes beside those before."""
    crawl, steps = f"C{number:02d}", {}
    megabytes = corpus.add(project, crawl, words, count, number) / 1e6
    for name in TABLES:
        start = used()
        make.make(project, name, {"recipe": "bench", "crawl": crawl})
        project.engine.close()
        steps[name] = used() - start
    said = ", ".join(f"{name} {seconds:.1f}" for name, seconds in steps.items())
    print(f"{crawl} {megabytes:7.0f} MB {sum(steps.values()):6.1f} s ({said})", flush=True)
    return sum(steps.values())


def main():
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    words = corpus.pages(os.environ["HEADWATER_TEST_DATA"])
    one_more(corpus.opened(folder / "warm", DEDUP, 1), words, 100, 0)  # compiles what is not compiled yet
    project = corpus.opened(folder / "lake", DEDUP, 1)
    taken = [one_more(project, words, count, number) for number in range(CRAWLS)]
    print(f"one crawl beside {CRAWLS - 1}: {taken[-1] / taken[0]:.2f} x the first")


if __name__ == "__main__":
    main()
