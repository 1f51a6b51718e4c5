"""Drop texts with bad words, by the list of their language.

Source: the bad-words rule of C4 and mC4 (Raffel et al. 2020, arXiv 1910.10683), which drop a page for one of them; see
headwater/signals/toxicity.py for the lists and how words are found. Longpre et al. 2023 (arXiv 2305.13169) show what
such a filter costs: less toxic text goes in, and less is learnt of what it is.

* `max_bad_words`: places; `max_bad_word_kinds`: different entries; `max_bad_word_ratio`: places per word, symbols among
  the words; a value equal to the threshold passes, None is off
* `require_list`: drop a text whose language has no list, which the other rules pass (value 0, against 1)
"""

import numpy as np

from headwater.document import Columns, Finding, above, below

VERSION = 1


def toxicity(
    columns: Columns,
    *,
    max_bad_words: float | None = 0,
    max_bad_word_kinds: float | None = None,
    max_bad_word_ratio: float | None = None,
    require_list: bool = False,
) -> list[Finding]:
    """Findings of the rules that are not None or False, in the order of the options."""
    findings = []
    if max_bad_words is not None:
        findings.append(above(columns, "bad_words", max_bad_words, "max_bad_words"))
    if max_bad_word_kinds is not None:
        findings.append(above(columns, "bad_word_kinds", max_bad_word_kinds, "max_bad_word_kinds"))
    if max_bad_word_ratio is not None:
        words = np.maximum(np.asarray(columns["words"], dtype=np.float64), 1)
        ratio = np.asarray(columns["bad_words"], dtype=np.float64) / words
        findings.append(Finding("max_bad_word_ratio", ratio, max_bad_word_ratio, ratio > max_bad_word_ratio))
    if require_list:
        findings.append(below(columns, "bad_word_list", 1, "require_list"))
    return findings
