"""Paragraphs that read like prose, by jusText (Pomikálek 2011; github.com/miso-belica/jusText).

It tells prose from boilerplate by the share of stop words, so it needs lists for the languages of the crawl. What is
in another language has too few stop words and is taken for boilerplate: such a page ends as `empty_text`.
"""

from functools import cache
from typing import Any

from headwater.document import Extraction
from headwater.errors import UnknownName

VERSION = 1
ALL = "all"


def justext(
    html: str,
    *,
    url: str,
    stop_lists: tuple[str, ...] = ("English",),
    length_low: int = 70,
    length_high: int = 200,
    stopwords_low: float = 0.30,
    stopwords_high: float = 0.32,
    max_link_density: float = 0.2,
    max_heading_distance: int = 200,
    no_headings: bool = False,
) -> Extraction | None:
    """Title and good paragraphs of a page given as Unicode, a blank line between them; None where there are none.

    Options are jusText's own. `stop_lists` are names of its lists, joined into one; `[all]` joins them all. With none,
    stop words do not count (jusText's language-independent mode), which also serves languages without a list. Raises
    UnknownName for a list that is not there.
    """
    from justext import justext as paragraphs
    from justext.core import preprocessor
    from lxml.etree import ParserError

    from headwater.extractors import _lxml

    titles: list[str | None] = []

    def prepared(tree: Any) -> Any:
        # Here and not after: it throws the head away.
        titles.append(_lxml.title(tree))
        return preprocessor(tree)

    words = _words(tuple(stop_lists))
    try:
        found = paragraphs(
            html,
            words,
            length_low=length_low,
            length_high=length_high,
            stopwords_low=stopwords_low if words else 0,
            stopwords_high=stopwords_high if words else 0,
            max_link_density=max_link_density,
            max_heading_distance=max_heading_distance,
            no_headings=no_headings,
            preprocessor=prepared,
        )
    except ParserError:
        # lxml's way to say that there is no element in it.
        return None
    text = "\n\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)
    return Extraction(text, titles[0]) if text.strip() else None


@cache
def _words(names: tuple[str, ...]) -> frozenset[str]:
    """The stop words of all lists together."""
    from justext.utils import get_stoplist, get_stoplists

    known = get_stoplists()
    wanted = sorted(known) if names == (ALL,) else names
    for name in wanted:
        if name not in known:
            raise UnknownName.among("stop list of jusText", name, known)
    return frozenset(word for name in wanted for word in get_stoplist(name))
