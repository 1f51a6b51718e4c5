"""Drop pages of lists and loose lines: few end as sentences do, many are short or copied, few words stand in a line.

Source: FineWeb (Penedo et al. 2024, arXiv 2406.17557) as datatrove's FineWeb quality filter counts, see
headwater/signals/line_kinds.py; words: headwater/signals/words.py. Of a text without words, newlines are divided by
one. Where a page has no line to see, `min_terminal_line_ratio` is the reason (value 0).

A rule whose option is None is off; 0 is a threshold like any other. A value equal to the threshold passes. With
`spare_unpunctuated`, a page on which no line at all ends in a mark passes `min_terminal_line_ratio`.
"""

import numpy as np

from headwater.document import Columns, Finding, above, below

VERSION = 1


def fineweb(
    columns: Columns,
    *,
    min_terminal_line_ratio: float | None = 0.12,
    max_short_line_ratio: float | None = 0.67,
    max_duplicate_char_ratio: float | None = 0.01,
    max_newline_ratio: float | None = 0.3,
    spare_unpunctuated: bool = False,
) -> list[Finding]:
    """Findings of the rules that are not None, in the order of the options."""
    findings = []
    if min_terminal_line_ratio is not None:
        found = below(columns, "terminal_line_ratio", min_terminal_line_ratio, "min_terminal_line_ratio")
        spared = (found.value == 0) & spare_unpunctuated
        findings.append(Finding(found.rule, found.value, found.threshold, found.broken & ~spared))
    if max_short_line_ratio is not None:
        findings.append(above(columns, "short_line_ratio", max_short_line_ratio, "max_short_line_ratio"))
    if max_duplicate_char_ratio is not None:
        findings.append(above(columns, "duplicate_char_ratio", max_duplicate_char_ratio, "max_duplicate_char_ratio"))
    if max_newline_ratio is not None:
        words = np.maximum(np.asarray(columns["words"], dtype=np.float64), 1)
        ratio = np.asarray(columns["newlines"], dtype=np.float64) / words
        findings.append(Finding("max_newline_ratio", ratio, max_newline_ratio, ratio > max_newline_ratio))
    return findings
