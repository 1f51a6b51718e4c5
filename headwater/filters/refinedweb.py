"""Drop pages that lost many words to the line rules: what was corrected so much was no article.

Source: RefinedWeb (Penedo et al. 2023, arXiv 2306.01116) as DCLM runs it (arXiv 2406.11794): a page goes where its line
rules removed more than 5 % of the words. Place the editors of RefinedWeb's lines before this filter; with none before
it, nothing was removed. A value equal to the threshold passes.

The shares of lines in capitals and of lines of digits judge the page by what those editors would remove a line for.
They are off in RefinedWeb. A rule whose option is None is off; 0 is a threshold like any other.
"""

from headwater.document import Columns, Finding, above

VERSION = 1


def refinedweb(
    columns: Columns,
    *,
    max_removed_word_ratio: float | None = 0.05,
    max_uppercase_line_ratio: float | None = None,
    max_numeric_line_ratio: float | None = None,
) -> list[Finding]:
    """Findings of the rules that are not None, in the order of the options."""
    rules = {
        "removed_word_ratio": max_removed_word_ratio,
        "uppercase_line_ratio": max_uppercase_line_ratio,
        "numeric_line_ratio": max_numeric_line_ratio,
    }
    return [above(columns, column, most, f"max_{column}") for column, most in rules.items() if most is not None]
