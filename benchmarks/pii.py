"""Personal data: precision and recall on labelled texts, and how fast it is replaced, beside plain Python.

    HEADWATER_TEST_DATA=DIR python benchmarks/pii.py

Labelled texts are those of presidio-research (made-up data). A label counts as found when a stretch of its kind covers
it, and a stretch as right when it touches a label of its kind. Rates are medians of the processor time of five runs on
one core, over the texts of one crawl, kernels warm; the plain side is the reference of the tests for mode datatrove.
"""

import gzip
import json
import os
import statistics
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa

from headwater import editing
from headwater.editors.pii import pii
from headwater.signals.pii import pii as counts
from tests.editors.test_pii import ENTITIES, as_datatrove
from tests.texts import extracted_texts

CRAWL = "DOCS-2024-10"
RUNS = 5
BATCH = 256
PLAIN_EVERY = 10


def seconds(work) -> float:
    """Median processor time of five runs, after one to warm up."""
    times = []
    for _ in range(RUNS + 1):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times[1:])


def quality(file: Path) -> None:
    """Precision and recall of each kind."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        labelled = [json.loads(line) for line in lines]
    plain = [one["full_text"] for one in labelled]
    found = pii(pa.array(plain))
    spans: list[list[tuple[str, int, int]]] = [[] for _ in plain]
    for text, start, stop, rule in zip(found.text, found.start, found.stop, found.rule, strict=True):
        first = len(plain[text].encode()[:start].decode())
        own = len(plain[text].encode()[start:stop].decode())
        spans[text].append((found.rules[rule], first, first + own))
    gold, hit, said, right = Counter(), Counter(), Counter(), Counter()
    for one, got in zip(labelled, spans, strict=True):
        marks = [(ENTITIES.get(s["entity_type"]), s["start_position"], s["end_position"]) for s in one["spans"]]
        for kind, start, stop in marks:
            gold[kind] += 1
            hit[kind] += any(k == kind and a <= start and stop <= b for k, a, b in got)
        for kind, start, stop in got:
            said[kind] += 1
            right[kind] += any(k == kind and start < b and a < stop for k, a, b in marks)
    print(f"{len(plain)} labelled texts")
    for kind in ENTITIES.values():
        print(
            f"  {kind:6} labels {gold[kind]:4}  recall {hit[kind] / gold[kind]:.3f}"
            f"  found {said[kind]:4}  precision {right[kind] / said[kind]:.3f}"
        )


def speed(root: Path) -> None:
    """MB of UTF-8 a second."""
    texts = list(extracted_texts(root))
    batches = [pa.array(texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
    bare = [pa.array([t.translate({ord(c): "x" for c in "0123456789@"}) for t in b.to_pylist()]) for b in batches]
    part = texts[::PLAIN_EVERY]
    megabytes, part_megabytes = (sum(len(t.encode()) for t in some) / 1e6 for some in (texts, part))
    rates = {
        "editor, mode tags": megabytes / seconds(lambda: [editing.splice(b, pii(b)) for b in batches]),
        "editor, mode datatrove": megabytes
        / seconds(lambda: [editing.splice(b, pii(b, mode="datatrove")) for b in batches]),
        "signal": megabytes / seconds(lambda: [counts(b) for b in batches]),
        "signal, no digit and no @": megabytes / seconds(lambda: [counts(b) for b in bare]),
        "plain Python, mode datatrove": part_megabytes / seconds(lambda: [as_datatrove(t) for t in part]),
    }
    print(f"{CRAWL}: {len(texts)} texts, {megabytes:.1f} MB of UTF-8, one core, median of {RUNS} runs")
    for name, rate in rates.items():
        print(f"  {name:30} {rate:8.1f} MB/s")
    ratio = rates["editor, mode datatrove"] / rates["plain Python, mode datatrove"]
    print(f"  ratio in mode datatrove {ratio:.0f}")


def main() -> None:
    root = Path(os.environ["HEADWATER_TEST_DATA"])
    quality(root / "pii_robots" / "presidio_pii.jsonl.gz")
    speed(root / "crawls" / "crawl-data" / CRAWL)


if __name__ == "__main__":
    main()
