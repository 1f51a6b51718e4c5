"""Drop texts that are shorter or longer than wanted, in characters, words or lines.

Source: the page_length filter of DCLM (arXiv 2406.11794, github.com/mlfoundations/dclm), which counts the same things.
Characters are code points; words, symbols among them, and lines are those of headwater/signals/words.py and lines.py.
Every rule is off until its option is set; 0 is a threshold like any other. A value equal to the threshold passes.
"""

from headwater.document import Columns, Finding, above, below

VERSION = 1


def length(
    columns: Columns,
    *,
    min_chars: float | None = None,
    max_chars: float | None = None,
    min_words: float | None = None,
    max_words: float | None = None,
    min_lines: float | None = None,
    max_lines: float | None = None,
) -> list[Finding]:
    """Findings of the rules that are not None, in the order of the options."""
    rules = (
        ("min_chars", below, "chars", min_chars),
        ("max_chars", above, "chars", max_chars),
        ("min_words", below, "words", min_words),
        ("max_words", above, "words", max_words),
        ("min_lines", below, "lines", min_lines),
        ("max_lines", above, "lines", max_lines),
    )
    return [
        compare(columns, column, threshold, rule) for rule, compare, column, threshold in rules if threshold is not None
    ]
