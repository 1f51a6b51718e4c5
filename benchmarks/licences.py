"""Licence evidence: precision, recall and F1 on judged pages, by source; agreement with packages; and its time.

    HEADWATER_TEST_DATA=... PYTHONPATH=. python benchmarks/licences.py [ROUNDS]

How a page is matched is said in tests/rights/licence_gold.py. Time is set against decoding, parsing and extracting the
same pages in turn: sums over pages of the least of several rounds, with empty caches in each.
"""

import gzip
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from resiliparse.parse.html import HTMLTree

from headwater import decoding
from headwater.rights import _tags, licences, phrases
from tests.rights.licence_gold import agrees, judged, page_licences, score

CRAWLS = ("DOCS-2024-10", "REALWEB-2025-10")
CACHED = (licences._around, licences._sentences, phrases.subject, phrases.author, _tags.statements, _tags.opens)


def pages_of(root: Path, crawl: str) -> list[tuple[str, str]]:
    """Address and text of a crawl's pages."""
    found = []
    for file in sorted((root / "crawls" / "crawl-data" / crawl).rglob("*.warc.gz")):
        if "robotstxt" in file.parts:
            continue
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
                if record.http_content_type in ("text/html", "application/xhtml+xml"):
                    page = decoding.decode(record.reader.read(), record.http_charset)
                    found.append((record.headers["WARC-Target-URI"], page.text))
    return found


def quality(root: Path) -> None:
    """Print precision and recall over all judged pages, over those with a gold by hand, and by source."""
    pages = list(judged(root))
    for name, some in (("all judged pages", pages), ("gold by hand", [p for p in pages if p.by_hand])):
        s = score(some)
        print(f"{name:18} n={len(some):3} precision {s.precision:.3f} recall {s.recall:.3f} F1 {s.f1:.3f} {tuple(s)}")
    for source in sorted({e.source for p in pages for e in p.evidence}):
        alone = [p._replace(evidence=[e for e in p.evidence if e.source == source]) for p in pages]
        s = score(alone)
        print(f"  {source:16} alone: precision {s.precision:.3f} recall {s.recall:.3f} F1 {s.f1:.3f}")
    for page in pages:
        if score([page]) not in ((1, 0, 0), (0, 0, 0)):
            print(f"  not right: {page.name}: gold {page.gold}, found {sorted(page_licences(page.evidence))}")


def agreement(root: Path, crawl: str, pages: list[tuple[str, str]]) -> None:
    """Print how pages that state a licence agree with their package's (single pages can differ)."""
    with gzip.open(root / "crawls" / "crawl-data" / crawl / "truth-pages.jsonl.gz", "rt") as lines:
        truth = {row["url"]: row["spdx"] for row in map(json.loads, lines)}
    counts: Counter[str] = Counter()
    for url, text in pages:
        for licence in page_licences(licences.find(text, url)):
            same = any(
                agrees(licence, part.split("-no-inv")[0]) or part == licence for part in truth[url].split(" OR ")
            )
            counts["agrees" if same else f"{licence} on a page of {truth[url]}"] += 1
    print(f"{crawl}: statements about a page: {sum(counts.values())}, agree {counts.pop('agrees', 0)}; {dict(counts)}")


def speed(crawl: str, pages: list[tuple[str, str]], rounds: int) -> None:
    """Print the time of licence evidence as a share of decoding, parsing and extraction."""
    licences.prepare()
    data = [(url, text.encode()) for url, text in pages]
    theirs, ours = np.empty((rounds, len(data))), np.empty((rounds, len(data)))
    for k in range(rounds):
        for cached in CACHED:
            cached.cache_clear()
        for n, (url, page) in enumerate(data):
            start = time.perf_counter()
            tree = HTMLTree.parse(bytes_to_str(page, detect_encoding(page)))
            extract_plain_text(tree, main_content=True, preserve_formatting=True, alt_texts=False)
            middle = time.perf_counter()
            licences.as_json(licences.find(page, url))
            theirs[k, n], ours[k, n] = middle - start, time.perf_counter() - middle
    a, b = theirs.min(axis=0).sum(), ours.min(axis=0).sum()
    size = sum(len(page) for _, page in data)
    print(f"{crawl}: {len(data)} pages, {size / 1e6:.1f} MB: extraction {a:.2f} s, licences {b:.3f} s, {b / a:.1%}")


def main() -> None:
    """Print all tables."""
    root = Path(os.environ["HEADWATER_TEST_DATA"])
    quality(root)
    for crawl in CRAWLS:
        pages = pages_of(root, crawl)
        if crawl.startswith("DOCS"):
            agreement(root, crawl, pages)
        speed(crawl, pages, int(sys.argv[1]) if len(sys.argv) > 1 else 5)


if __name__ == "__main__":
    main()
