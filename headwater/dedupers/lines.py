"""Lines, or spans of sentences, that an earlier document or place has too: all but the first go.

CCNet's paragraph deduplication (Wenzek et al. 2019, arXiv:1911.00359, section 3.2) by default: lines that are alike
once lower-cased, with digits as 0 and without punctuation and accents. C4's (Raffel et al. 2020, arXiv:1910.10683,
section 2.2) is `unit: sentence, span: 3`. Details of both are in `_lines`. Lines are told apart by 64-bit digests.
"""

from headwater.dedupers._lines import Unit, check, digests, stretches
from headwater.document import UnitDeduper

VERSION = 1


def lines(*, unit: Unit = "line", span: int = 1) -> UnitDeduper:
    """Spans of `span` units, each a `line` or a `sentence`, that come a second time, in any document."""
    check(unit, span)
    return UnitDeduper(
        units=lambda texts: digests(texts, unit=unit, span=span),
        stretches=lambda units, repeated: stretches(units, repeated, span=span),
    )
