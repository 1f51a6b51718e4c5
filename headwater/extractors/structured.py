"""Main content with code, tables and formulas whole, as RedStone (arXiv:2412.03398) and Nemotron-CC-Math ask for.

Listings become fenced blocks with their line breaks, tables of data Markdown, formulas LaTeX in `\\(…\\)` or `\\[…\\]`:
each is taken out before Resiliparse makes text of the page and put back after.
"""

from contextlib import suppress
from typing import Any

from headwater.document import Extraction
from headwater.structure.placeholders import Placeholders

VERSION = 2
# A page with more of them is not a text. It is left to the converter from there on.
MAX_KEPT = 20_000
# What each costs at least, beside asking the nodes around it.
STEPS_A_NODE = 12


def structured(
    html: str,
    *,
    url: str,
    code: bool = True,
    tables: bool = True,
    math: bool = True,
    scripts: bool = True,
    main_content: bool = True,
    list_bullets: bool = True,
    links: bool = False,
    comments: bool = True,
    post_meta: bool = True,
    skip_elements: tuple[str, ...] = (),
) -> Extraction | None:
    """Title and main text of a page given as Unicode; None where it has no text.

    `code`, `tables`, `math` and `scripts` (10^{6}) say what is kept whole; the other options are Resiliparse's own.
    """
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(html)
    kept = _taken_out(tree, html, code, tables, math, scripts)
    text = extract_plain_text(
        tree,
        main_content=main_content,
        preserve_formatting=True,
        list_bullets=list_bullets,
        alt_texts=False,
        links=links,
        comments=comments,
        post_meta=post_meta,
        skip_elements=tuple(skip_elements) or None,
    )
    text = kept.restore(text) if len(kept) else text
    return Extraction(text, tree.title or None) if text.strip() else None


def _taken_out(tree: Any, html: str, code: bool, tables: bool, math: bool, scripts: bool) -> Placeholders:
    """What was taken out of a tree. What is inside another comes first, so from the end of the page to its start."""
    from headwater.structure import dom, formulas, nodes

    kept = Placeholders(html)
    wanted = [("pre, listing, xmp", code), ("table", code or tables), (formulas.SELECTOR, math), ("sup, sub", scripts)]
    selector = ", ".join(selector for selector, asked in wanted if asked)
    if not selector or tree.document is None:
        return kept
    asked: dict[Any, bool] = {}
    work = dom.Work()
    with suppress(dom.Spent):
        for node, steps in reversed(dom.shallow(dom.found(tree.document, selector, work), work)):
            if len(kept) >= MAX_KEPT:
                break
            work.spend(STEPS_A_NODE + steps)
            nodes.take_out(tree, node, kept, work, code=code, tables=tables, asked=asked)
    return kept
