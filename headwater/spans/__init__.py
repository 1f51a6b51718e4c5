"""Stretches that earlier documents have: how the methods that remove them work through a crawl, and what they remember.

One module a kind of method: `units` (lines, sentences), `filters` (n-grams in a Bloom filter), `windows` (windows of
words). Each searches a crawl in phases through scratch files, whatever the number of workers, and says afterwards what
the next crawl has to know of it.
"""

from collections.abc import Mapping, Sequence
from types import ModuleType

from headwater.deduplication import Method
from headwater.document import FilterDeduper, UnitDeduper
from headwater.engine import Engine
from headwater.lake.store import DataFile, Draft
from headwater.spans import filters, units, windows
from headwater.spans.texts import Source

VERSION = 1


def kind(method: Method) -> ModuleType:
    """The module that works for a method."""
    made = method.made()
    return units if isinstance(made, UnitDeduper) else filters if isinstance(made, FilterDeduper) else windows


def by_shard(method: Method) -> bool:
    """Whether a method remembers of each shard by itself: a filter is one for the whole crawl."""
    return kind(method) is not filters


def reads_earlier_texts(method: Method) -> bool:
    """Whether a method proves what it finds by texts of earlier crawls."""
    return kind(method) is windows


def search(
    draft: Draft,
    engine: Engine,
    method: Method,
    mine: Mapping[str, Source],
    known: Sequence[DataFile],
    earlier: Mapping[str, Mapping[str, Source]],
) -> dict[str, str]:
    """Rows of `repeated_spans` for the texts of a crawl (`mine`), as scratch files by shard.

    `known` are files of `span_index` and `earlier` texts of the crawls before, in their order.
    """
    if kind(method) is windows:
        return windows.search(draft, engine, method, mine, known, earlier)
    names = [f.name for f in known]
    if kind(method) is units:
        return units.search(draft, engine, method, mine, names)
    return filters.search(draft, engine, method, mine, names)


__all__ = ["VERSION", "by_shard", "kind", "reads_earlier_texts", "search"]
