"""Main text by Trafilatura, the extractor of RefinedWeb and FineWeb (trafilatura.readthedocs.io, Barbaresi 2021).

The defaults are those of FineWeb's code (datatrove). Its `deduplicate` remembers what earlier pages of the process
said, so that a text would depend on which pages came before it, and it counts a page's own paragraphs once for every
pass over the page, so that a page can be dropped as a copy of itself. Ours counts the lines of one text, once.
"""

from collections import Counter
from typing import Literal

from headwater.document import Extraction

VERSION = 1
# Trafilatura's own numbers: a segment longer than this goes when it has been there more than so many times.
MIN_REPEATED_CHARS, MAX_REPETITIONS = 100, 2


def trafilatura(
    html: str,
    *,
    url: str,
    favor_precision: bool = True,
    favor_recall: bool = False,
    fast: bool = False,
    include_comments: bool = False,
    include_tables: bool = True,
    include_images: bool = False,
    include_formatting: bool = False,
    include_links: bool = False,
    output_format: Literal["txt", "markdown"] = "txt",
    deduplicate: bool = True,
    prune_xpath: tuple[str, ...] = (),
) -> Extraction | None:
    """Title and main text of a page given as Unicode; None where it has no text.

    Options are Trafilatura's own, but for `deduplicate`, which is within the page. Recall wins where both are favoured.
    """
    from headwater.extractors import _lxml

    _lxml.quiet("trafilatura")
    from trafilatura import extract, load_html

    tree = load_html(html)
    if tree is None:
        return None
    title = _lxml.title(tree)
    text = extract(
        tree,
        url=url or None,
        fast=fast,
        favor_precision=favor_precision and not favor_recall,
        favor_recall=favor_recall,
        include_comments=include_comments,
        include_tables=include_tables,
        include_images=include_images,
        include_formatting=include_formatting or output_format == "markdown",
        include_links=include_links,
        output_format=output_format,
        prune_xpath=list(prune_xpath) or None,
    )
    if text is not None and deduplicate:
        text = _without_repeats(text)
    return Extraction(text, title) if text and text.strip() else None


def _without_repeats(text: str) -> str:
    """Without long lines from their third repetition on."""
    seen: Counter[str] = Counter()
    kept = []
    for line in text.split("\n"):
        seen[line] += 1
        if len(line) <= MIN_REPEATED_CHARS or seen[line] <= MAX_REPETITIONS + 1:
            kept.append(line)
    return "\n".join(kept)
