"""All signals and the Gopher and language filters over the text of one crawl, on one core, beside plain Python.

    HEADWATER_TEST_DATA=DIR python benchmarks/signals.py

Text is extracted before the clock starts. Both sides do the same work in the same run: the plain side is the reference
that the tests hold the kernels to, over a part of the texts, and the results are compared; a bare loop that only splits
at white space is the floor of what any Python per document would cost. Medians of the processor time of five runs,
kernels warm.
"""

import os
import statistics
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from headwater import registry, verdict
from tests.signals import reference
from tests.texts import extracted_texts

CRAWL = "DOCS-2024-10"
RUNS = 5
BATCH = 256
PLAIN_EVERY = 20
FILTERS = (("language", {"languages": ("en",)}), ("gopher_quality", {}), ("gopher_repetition", {}))


def measured(batch: pa.Array) -> dict[str, np.ndarray]:
    """All signals of one batch."""
    return {name: values for signal in registry.discover("signals").values() for name, values in signal(batch).items()}


def judged(batch: pa.Array) -> verdict.Verdict:
    """All signals and all filters of one batch; the language comes from elsewhere, and is not timed here."""
    language = {"language": pa.array(["en"] * len(batch)), "language_score": np.ones(len(batch))}
    return verdict.apply(FILTERS, measured(batch) | language)


def plain(texts: list[str]) -> list[dict[str, float]]:
    """The same signals in plain Python."""
    return [reference.words(t) | reference.lines(t) for t in texts]


def seconds(work, *arguments) -> float:
    """Median processor time of five runs, after one to warm up."""
    times = []
    for _ in range(RUNS + 1):
        start = time.process_time()
        work(*arguments)
        times.append(time.process_time() - start)
    return statistics.median(times[1:])


def main() -> None:
    root = Path(os.environ["HEADWATER_TEST_DATA"]) / "crawls" / "crawl-data" / CRAWL
    texts = list(extracted_texts(root))
    batches = [pa.array(texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
    part = texts[::PLAIN_EVERY]
    megabytes, part_megabytes = (sum(len(t.encode()) for t in some) / 1e6 for some in (texts, part))
    print(f"{CRAWL}: {len(texts)} texts, {megabytes:.1f} MB of UTF-8, one core, median of {RUNS} runs")

    got = measured(pa.array(part))
    for i, wanted in enumerate(plain(part)):
        assert all(got[name][i] == value for name, value in wanted.items()), f"text {i * PLAIN_EVERY} differs"

    rates = {
        f"signals.{name}": megabytes / seconds(lambda signal=signal: [signal(b) for b in batches])
        for name, signal in registry.discover("signals").items()
    }
    ours = megabytes / seconds(lambda: [judged(b) for b in batches])
    reference_rate = part_megabytes / seconds(plain, part)
    bare = megabytes / seconds(lambda: [text.split() for text in texts])
    for name, rate in rates.items():
        print(f"  {name:28} {rate:8.1f} MB/s")
    print(f"  {'all signals + three filters':28} {ours:8.1f} MB/s")
    print(f"  {'plain Python, same signals':28} {reference_rate:8.2f} MB/s   ratio {ours / reference_rate:.0f}")
    print(f"  {'bare text.split() loop':28} {bare:8.1f} MB/s   ratio {ours / bare:.2f}")


if __name__ == "__main__":
    main()
