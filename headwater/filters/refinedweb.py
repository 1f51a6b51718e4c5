"""Drop pages that lost many words to the line rules: what was corrected so much was no article.

Source: RefinedWeb (Penedo et al. 2023, arXiv 2306.01116) as DCLM runs it (arXiv 2406.11794): a page goes where its line
rules removed more than 5 % of the words. Place the editors of RefinedWeb's lines before this filter; with none before
it, nothing was removed. A value equal to the threshold passes.

`mode` says which words count: `split` those between white space (str.split), `dclm` tokens as fastText's that begin
with a letter or number (headwater/signals/dclm_words.py), so that a line of bullets or dashes has none. DCLM drops a
page without such words before anything is removed, too; its `gopher_quality` comes first and has dropped it.

The shares of lines in capitals and of lines of digits judge the page by what those editors would remove a line for.
They are off in RefinedWeb. A rule whose option is None is off; 0 is a threshold like any other.
"""

from collections.abc import Mapping
from typing import Literal

from headwater.document import Columns, Finding, above

VERSION = 2
Mode = Literal["split", "dclm"]
REMOVED: Mapping[Mode, str] = {"split": "removed_word_ratio", "dclm": "removed_dclm_word_ratio"}


def refinedweb(
    columns: Columns,
    *,
    mode: Mode = "split",
    max_removed_word_ratio: float | None = 0.05,
    max_uppercase_line_ratio: float | None = None,
    max_numeric_line_ratio: float | None = None,
) -> list[Finding]:
    """Findings of the rules that are not None, in the order of the options."""
    rules = (
        ("max_removed_word_ratio", REMOVED[mode], max_removed_word_ratio),
        ("max_uppercase_line_ratio", "uppercase_line_ratio", max_uppercase_line_ratio),
        ("max_numeric_line_ratio", "numeric_line_ratio", max_numeric_line_ratio),
    )
    return [above(columns, column, most, rule) for rule, column, most in rules if most is not None]
