"""Lines or sentences that an earlier document has too, as stretches to remove: functions over batches.

Two methods. CCNet (Wenzek et al. 2019, arXiv:1911.00359, section 3.2): a paragraph is a line; it is lower-cased, its
digits become 0, its punctuation and accents go, and of those with one 64-bit digest the first stays. C4 (Raffel et al.
2020, arXiv:1910.10683, section 2.2): all but one of any three-sentence span that occurs more than once goes. Lines are
`unit="line", span=1`, C4's spans `unit="sentence", span=3`; a sentence ends behind . ! or ? before white space, behind
。！？ and with the line.

Order is by crawl, doc_id and place: the first of equal spans stays, and `repeated` needs of earlier crawls no more than
the digests that they had. White space and what the normalisation drops make no unit: a line of these is nobody's copy.
"""

from functools import cache
from typing import Literal, get_args
from unicodedata import category, normalize

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.document import Edits, Units
from headwater.errors import UserError

Unit = Literal["line", "sentence"]
Flags = npt.NDArray[np.bool_]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

SPACE, DROP = 32, 0xFFFF_FFFF
MOST_SPAN = 1000  # a span costs its length at every unit


@cache
def normal_form() -> npt.NDArray[np.uint32]:
    """What CCNet's normalisation makes of every code point: another, a space or DROP. Read-only."""
    table = np.arange(0x110000, dtype=np.uint32)
    # Beyond the supplementary plane no character has case or accents; ideographs and Hangul are left as they are.
    for first, stop in ((0, 0x3400), (0xA000, 0xAC00), (0xD7A4, 0xD800), (0xE000, 0x20000), (0xE0000, 0xE1000)):
        for code in range(first, stop):
            table[code] = _normal(chr(code))
    table.flags.writeable = False
    return table


def _normal(char: str) -> int:
    kind = category(char)
    if char.isspace():
        return SPACE
    if kind in ("Mn", "Cf", "Cc") or kind[0] == "P":
        return DROP
    if kind == "Nd":
        return ord("0")
    bare = [c for c in normalize("NFD", char.lower()) if category(c) != "Mn"]
    return ord(bare[0]) if len(bare) == 1 else ord(char)


def check(unit: str, span: int) -> None:
    """Raises UserError for units that cannot be."""
    if unit not in get_args(Unit):
        raise UserError(f"lines: no unit {unit!r}; have {', '.join(get_args(Unit))}")
    if not 1 <= span <= MOST_SPAN:
        raise UserError(f"lines: span is {span}; give 1 to {MOST_SPAN}")


def digests(texts: pa.Array, *, unit: Unit = "line", span: int = 1) -> Units:
    """The units of the texts and the digests of the spans that begin at each, 0 where too few units follow.

    A line has its newline with it. A missing text has no units.
    """
    from headwater.dedupers import _lines_kernels as kernels
    from headwater.text.cases import traits
    from headwater.text.utf8 import utf8

    check(unit, span)
    data, offsets = utf8(texts)
    room = kernels.units_in(data, offsets)
    text, start, stop = (np.empty(room, dtype=np.int64) for _ in range(3))
    found = np.empty(room, dtype=np.uint64)
    count = kernels.units(data, offsets, normal_form(), traits(), unit == "sentence", text, start, stop, found)
    out = np.empty(count, dtype=np.uint64)
    kernels.spans(text[:count], found[:count], span, out)
    return Units(text[:count].copy(), start[:count].copy(), stop[:count].copy(), out)


def repeated(digest: U64, *, known: U64 | None = None) -> Flags:
    """Which digests came earlier: among those `known` of earlier documents, or before in these."""
    from headwater.dedupers._lines_kernels import before

    again = np.zeros(len(digest), dtype=np.bool_)
    before(digest, np.zeros(0, dtype=np.uint64) if known is None else known, again)
    return again


def stretches(units: Units, again: Flags, *, span: int = 1) -> Edits:
    """What goes: the units of every repeated span, neighbours as one edit."""
    count = np.zeros(len(again) + span, dtype=np.int64)
    for k in range(span):
        count[k : k + len(again)] += again
    gone = np.flatnonzero(count[: len(again)])
    text, start, stop = units.text[gone], units.start[gone], units.stop[gone]
    fresh = np.ones(len(gone), dtype=np.bool_)
    fresh[1:] = (text[1:] != text[:-1]) | (start[1:] != stop[:-1])
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(gone))[: len(first)] - 1
    zeros = np.zeros(len(first), dtype=np.int64)
    return Edits(text[first], start[first], stop[last], zeros, zeros - 1, ("repeated_lines",))
