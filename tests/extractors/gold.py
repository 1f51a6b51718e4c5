"""Pages with gold texts, and pages of the crawls with listings and tables; extracted once a program."""

import gzip
import json
import logging
import re
from functools import cache

from fastwarc.warc import ArchiveIterator, WarcRecordType

from headwater import configuration, decoding, registry
from tests.extractors import measures

ARTICLES = "scrapinghub__article-extraction-benchmark"
FULL_TEXTS = (ARTICLES, "mozilla__readability", "AndyTheFactory__newspaper4k", "codelucas__newspaper")
SNIPPETS = "adbar__trafilatura"
HAS_BLOCKS = re.compile(rb"<(?:pre|table)[\s>]", re.IGNORECASE)
HTML = ("text/html", "application/xhtml+xml")


@cache
def pages(folder, source):
    """The rows of one source of `extraction/`."""
    with gzip.open(folder / "extraction" / f"{source}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def extract(extractor, html, url="", **options):
    """A page's text by an extractor; "" where it finds none."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = registry.step("extractors", extractor)(
        html, url=url or "", **configuration.resolve("extractors", extractor, options)
    )
    return found.text if found is not None else ""


def articles(folder, source, extractor, **options):
    """Figures by shingles on a source with gold texts."""
    found = pages(folder, source)
    return measures.by_shingles([(p["gold_text"], extract(extractor, p["html"], p["url"], **options)) for p in found])


def snippets(folder, extractor, **options):
    """Figures by snippets on Trafilatura's pages."""
    found = pages(folder, SNIPPETS)
    texts = [extract(extractor, p["html"], p["url"], **options) for p in found]
    return measures.by_snippets([(p["gold_with"], p["gold_without"], t) for p, t in zip(found, texts, strict=True)])


def crawled(files, most):
    """The text of the first pages of WARC files that have a listing or a table."""
    for file in files:
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
                data = record.reader.read() if record.http_content_type in HTML else b""
                if HAS_BLOCKS.search(data):
                    yield decoding.decode(data, None).text
                    most -= 1
                    if most == 0:
                        return


def kept_whole(html_pages, extractor, **options):
    """Shares of listings and of rows of tables that are whole in the texts."""
    counts = [measures.whole(html, extract(extractor, html, **options)) for html in html_pages]
    code, tables = zip(*counts, strict=True)
    return tuple(sum(c[0] for c in kind) / sum(c[1] for c in kind) for kind in (code, tables))


def formulas(html, text):
    """How many formulas of a page, letters alone aside, are in its text as their authors wrote them, of how many."""
    said = ["".join((a.text or "").split()) for a in measures.parsed(html).iter("annotation")]
    bare = [tex.removeprefix("{\\displaystyle").removesuffix("}") for tex in said]
    wanted, there = [tex for tex in bare if set(tex) & set("\\^_")], "".join(text.split())
    return sum(tex in there for tex in wanted), len(wanted)
