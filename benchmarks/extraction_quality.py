"""Quality and speed of every extractor on pages with gold texts, beside what its library publishes.

    HEADWATER_TEST_DATA=... python benchmarks/extraction.py quality

Printed by benchmarks/extraction.py; the measures are those of tests/extractors/measures.py.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from tests.extractors import gold, measures

# Name, extractor, options. The settings under "as published" are those of the run that was published.
SETTINGS = (
    ("resiliparse", "resiliparse", {}),
    ("resiliparse, no post_meta", "resiliparse", {"post_meta": False}),
    ("trafilatura", "trafilatura", {}),
    ("trafilatura as published", "trafilatura", {"favor_precision": False, "deduplicate": False}),
    ("justext", "justext", {}),
    ("justext, no list", "justext", {"stop_lists": []}),
    (
        "justext as published",
        "justext",
        {"length_low": 50, "stopwords_low": 0.1, "stopwords_high": 0.2, "no_headings": True},
    ),
    ("structured", "structured", {}),
)
# github.com/scrapinghub/article-extraction-benchmark: output/*.json of trafilatura 2.0.0 and justext 3.0.2, evaluated
# on the 94 pages of ours; on all 181 pages its README says 0.958 and 0.804. It has no figure for Resiliparse.
ARTICLES = {"trafilatura as published": 0.950, "justext as published": 0.742}
# github.com/adbar/trafilatura, docs/evaluation.rst of 2026-08-04, on 990 documents, of which 480 are ours: other pages,
# so that it is no bar. There jusText has the stop words of all languages.
LISTS = {"justext as published": {"stop_lists": ["all"]}}
SNIPPETS = {"resiliparse": 0.811, "justext as published": 0.862, "trafilatura as published": 0.924}


def row(name: str, found: measures.Figures, published: float | None, extra: str = "") -> str:
    """One line of a table."""
    said = f"{published:.3f}" if published is not None else "    -"
    return f"  {name:26} {found.precision:9.3f} {found.recall:7.3f} {found.f1:6.3f}  {said:>9} {extra}"


def timed(function: Callable[[], measures.Figures]) -> tuple[measures.Figures, float]:
    """What a call gives and its seconds of CPU time."""
    start = time.process_time()
    found = function()
    return found, time.process_time() - start


def main() -> None:
    """Print a table for each source of gold texts, and one of what is kept whole."""
    folder = Path(os.environ["HEADWATER_TEST_DATA"])
    for _, extractor, options in SETTINGS:
        gold.extract(extractor, "<p>warm</p>", **options)
    for source in gold.FULL_TEXTS:
        size = sum(len(p["html"].encode()) for p in gold.pages(folder, source)) / 1e6
        count = len(gold.pages(folder, source))
        print(f"{source}: {count} pages, runs of four words\n{HEAD}  pages/s   MB/s")
        for name, extractor, options in SETTINGS:
            found, seconds = timed(lambda e=extractor, o=options, s=source: gold.articles(folder, s, e, **o))  # type: ignore[misc]
            published = ARTICLES.get(name) if source == gold.ARTICLES else None
            print(row(name, found, published, f"{count / seconds:8.0f} {size / seconds:6.1f}"))
    print(f"{gold.SNIPPETS}: {len(gold.pages(folder, gold.SNIPPETS))} pages, snippets\n{HEAD}")
    for name, extractor, options in SETTINGS:
        found = gold.snippets(folder, extractor, **options, **LISTS.get(name, {}))
        print(row(name, found, SNIPPETS.get(name)))
    whole(folder)


HEAD = f"  {'':26} precision  recall     F1  published"


def whole(folder: Path) -> None:
    """What is kept whole of listings, tables and formulas."""
    sources = {
        "sample.warc.gz": ([folder / "sample.warc.gz"], 1_000),
        "DOCS-2025-09": (sorted((folder / "crawls").rglob("DOCS-2025-09/**/warc/*.gz")), 400),
    }
    names = ("resiliparse", "trafilatura", "justext", "structured")
    for source, (files, most) in sources.items():
        pages = list(gold.crawled(files, most))
        print(f"{source}: {len(pages)} pages with listings or tables, share kept whole\n  {'':26}  listings   rows")
        for name in names:
            code, tables = gold.kept_whole(pages, name)
            print(f"  {name:26} {code:9.3f} {tables:6.3f}")
    page = next(p for p in gold.pages(folder, "mozilla__readability") if p["id"] == "readability:wikipedia-3")
    for name in names:
        kept, count = gold.formulas(page["html"], gold.extract(name, page["html"]))
        print(f"  {name:26} {kept} of {count} formulas of {page['id']}")
