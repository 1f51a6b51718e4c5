"""Drop pages that C4 drops: placeholder text, code, too few sentences; on request, bad words and short paragraphs.

Source: Raffel et al. 2020, arXiv 1910.10683, with the thresholds of its code (c4_utils.py of TensorFlow Datasets) and
of datatrove's C4 filters; paragraphs: mC4, arXiv 2010.11934. What a sentence is: headwater/signals/line_kinds.py.

C4 edits a page's lines first and judges what is left, so place the editors of C4's lines before this filter.
Placeholder and curly brackets are looked for in all lines that are left; C4 and datatrove look at a line before they
remove it for its script or policy words, and so drop a page for a "{" in such a line, which is kept here.

A rule whose option is None is off; 0 is a threshold like any other. A value equal to the threshold passes. C4 as
published has `max_bad_words: 0` (see signals/toxicity.py), mC4 `min_third_longest_line_chars: 200`; in the original,
script and policy words cost a line, not the page.
"""

from headwater.document import Columns, Finding, above, below

VERSION = 1


def c4(
    columns: Columns,
    *,
    max_lorem_ipsum: float | None = 0,
    max_curly_brackets: float | None = 0,
    min_sentences: float | None = 5,
    max_bad_words: float | None = None,
    min_third_longest_line_chars: float | None = None,
    max_javascript_lines: float | None = None,
    max_policy_lines: float | None = None,
) -> list[Finding]:
    """Findings of the rules that are not None, in the order of the options."""
    rules = (
        ("max_lorem_ipsum", above, "lorem_ipsum", max_lorem_ipsum),
        ("max_curly_brackets", above, "curly_brackets", max_curly_brackets),
        ("min_sentences", below, "sentences", min_sentences),
        ("max_bad_words", above, "bad_words", max_bad_words),
        ("min_third_longest_line_chars", below, "third_longest_line_chars", min_third_longest_line_chars),
        ("max_javascript_lines", above, "javascript_lines", max_javascript_lines),
        ("max_policy_lines", above, "policy_lines", max_policy_lines),
    )
    return [
        compare(columns, column, threshold, rule) for rule, compare, column, threshold in rules if threshold is not None
    ]
