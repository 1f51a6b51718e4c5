"""All signals and all filters over the text of one crawl, on one core, beside plain Python.

    HEADWATER_TEST_DATA=DIR python benchmarks/signals.py [CRAWL]

Text is extracted before the clock starts. Every file of both shelves takes part, found by listing, each filter in
every mode it has, over batches as the stage cuts them. The plain side is the reference that the tests hold the kernels
of words and lines to, in all three modes, over a part of the texts in the same run, and the results are compared; a
bare loop that only splits at white space is the floor of what any Python per document would cost. Medians of the
processor time of five runs, kernels warm. Peers' rates, and the ratios to them, are printed by conformance.py.
"""

import inspect
import os
import statistics
import sys
import time
import typing
from pathlib import Path

import numpy as np
import pyarrow as pa

from headwater import curation, registry
from headwater.curation import Used
from headwater.lake.files import READ_ROWS
from tests.signals import reference
from tests.texts import extracted_texts

CRAWL = "DOCS-2024-10"
RUNS = 5
PLAIN_EVERY = 20
PLAIN = ("words", "lines", "dclm_words", "dclm_lines", "dolma_words", "dolma_lines")
URL, DOMAIN, LANGUAGE = "https://www.example.com/a-page.html", "example.com", "en"
Columns = dict[str, pa.Array | np.ndarray]


def facts(texts: list[str]) -> Columns:
    """A batch with the facts that come from elsewhere, and are not timed here."""
    n = len(texts)
    said = {"url": [URL] * n, "domain": [DOMAIN] * n, "language": [LANGUAGE] * n}
    numbers = {"language_score": np.ones(n), "chars": np.array([len(text) for text in texts], np.float64)}
    return {"text": pa.array(texts), **{name: pa.array(values) for name, values in said.items()}, **numbers}


def measured(batch: Columns, names: typing.Iterable[str]) -> Columns:
    """Some signals of one batch."""
    found: Columns = {}
    for name in names:
        found |= registry.step("signals", name)(*(batch[column] for column in registry.reads(name)))
    return found


def filters() -> list[tuple[str, dict[str, str]]]:
    """Every filter in every mode."""
    found: list[tuple[str, dict[str, str]]] = []
    for name, step in registry.discover("filters").items():
        mode = inspect.signature(step).parameters.get("mode")
        modes = typing.get_args(mode.annotation) if mode else ()
        found += [(name, {"mode": each}) for each in modes] or [(name, {})]
    return found


def judged(batch: Columns) -> curation.Curated:
    """All signals and all filters of one batch, as the stage applies them."""
    columns = batch | measured(batch, registry.names("signals"))
    steps = [Used("filters", name, options) for name, options in filters()]
    return curation.curate(steps, columns, columns["text"], [LANGUAGE] * len(columns["text"]))


def plain(texts: list[str]) -> list[dict[str, float]]:
    """The signals of words and lines in plain Python."""
    return [{c: v for name in PLAIN for c, v in getattr(reference, name)(text).items()} for text in texts]


def seconds(work, *arguments) -> float:
    """Median processor time of five runs, after one to warm up."""
    times = []
    for _ in range(RUNS + 1):
        start = time.process_time()
        work(*arguments)
        times.append(time.process_time() - start)
    return statistics.median(times[1:])


def main(crawl: str) -> None:
    root = Path(os.environ["HEADWATER_TEST_DATA"]) / "crawls" / "crawl-data" / crawl
    texts = list(extracted_texts(root))
    cut = [texts[i : i + READ_ROWS] for i in range(0, len(texts), READ_ROWS)]
    batches = [facts(some) for some in cut]
    part = texts[::PLAIN_EVERY]
    megabytes, part_megabytes = (sum(len(t.encode()) for t in some) / 1e6 for some in (texts, part))
    print(f"{crawl}: {len(texts)} texts, {megabytes:.1f} MB of UTF-8, one core, median of {RUNS} runs")

    got = measured(facts(part), PLAIN)
    for i, wanted in enumerate(plain(part)):
        assert all(got[name][i] == value for name, value in wanted.items()), f"text {i * PLAIN_EVERY} differs"

    def rate(work) -> float:
        # Copies, so that no signal finds the batch of another run.
        def all_batches() -> None:
            for batch in batches:
                work({**batch, "text": pa.concat_arrays([batch["text"], pa.array([""])])[:-1]})
                measured(batches[0] | {"text": pa.array([""]), "url": pa.array([URL])}, PLAIN[:2])

        return megabytes / seconds(all_batches)

    names = registry.names("signals")
    for name in names:
        print(f"  signals.{name:30} {rate(lambda batch, name=name: measured(batch, [name])):8.1f} MB/s")
    modes = rate(lambda batch: measured(batch, PLAIN))
    print(f"  {'words and lines, three modes':38} {modes:8.1f} MB/s")
    print(f"  {'all signals':38} {rate(lambda batch: measured(batch, names)):8.1f} MB/s")
    print(f"  {f'all signals + {len(filters())} filters':38} {rate(judged):8.1f} MB/s")
    reference._tokens.cache_clear(), reference._universal.cache_clear()
    start = time.process_time()
    plain(part)
    slow = part_megabytes / (time.process_time() - start)
    print(f"  {'plain Python, words and lines':38} {slow:8.2f} MB/s   ratio {modes / slow:.0f}")
    bare = megabytes / seconds(lambda: [text.split() for text in texts])
    print(f"  {'bare text.split() loop':38} {bare:8.1f} MB/s   ratio {modes / bare:.2f}")


if __name__ == "__main__":
    main(*(sys.argv[1:] or [CRAWL]))
