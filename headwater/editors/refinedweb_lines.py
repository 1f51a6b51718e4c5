"""Remove lines that are mostly capitals, all digits, counters ("3 likes") or a single word.

Source: the line-wise corrections of RefinedWeb (Penedo et al. 2023, arXiv 2306.01116, G.2) with the thresholds and edge
cases of DataComp-LM (github.com/mlfoundations/dclm, `uppercase_ratio_line_modifier` and the three after it):

* lines are those between newlines; an empty line stays, and one of nothing but white space has no word
* max_upper_ratio, max_digit_ratio: capitals (str.isupper) and digits (str.isdigit) per character, white space included
* counters: in lower case, a number with commas and dots and at most one of k, m, b, white space, and one of likes,
  shares, comments, retweets, reposts, quotes, bookmarks, upvotes, downvotes, downloads, views, followers; before and
  after it no letter, digit or underscore
* min_words: words as str.split gives them

A line is counted under the first rule it breaks. DCLM also removes the white space at both ends of the text:
`refinedweb_phrases`, which comes next in its order, does that here.
"""

import numpy as np
import pyarrow as pa

from headwater.document import Edits
from headwater.errors import UserError
from headwater.text.cases import traits
from headwater.text.edits import edits
from headwater.text.utf8 import utf8

VERSION = 1
RULES = ("max_upper_ratio", "max_digit_ratio", "counters", "min_words")


def refinedweb_lines(
    texts: pa.Array,
    *,
    max_upper_ratio: float | None = 0.5,
    max_digit_ratio: float | None = 0.999999,
    counters: bool = True,
    min_words: int | None = 2,
) -> Edits:
    """A rule that is None is off."""
    if min_words is not None and min_words < 0:
        raise UserError(f"refinedweb_lines: min_words is {min_words}; give null (off) or a number from 0 on")
    from headwater.editors._refinedweb import find_refinedweb_lines

    upper = np.inf if max_upper_ratio is None else max_upper_ratio
    digits = np.inf if max_digit_ratio is None else max_digit_ratio
    found = find_refinedweb_lines(*utf8(texts), traits(), upper, digits, counters, min_words or 0)
    return edits(found, RULES)
