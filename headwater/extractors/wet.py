"""The text that Common Crawl itself made of a page, from the WET file (commoncrawl.org/get-started).

All visible text with menus and footers: what C4, CCNet and mC4 started from. No page is parsed. The stage finds the
conversion record of a document by its WARC-Refers-To; a document without one is quarantined as `no_conversion`.
"""

from headwater.document import Extraction

VERSION = 1
SOURCE = "wet"


def wet(text: str, *, url: str) -> Extraction | None:
    """The record's text as it is; None where it is blank. WET files have no titles of their own."""
    return Extraction(text) if text.strip() else None
