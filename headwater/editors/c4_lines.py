"""Remove lines that do not read as sentences, or that speak of JavaScript, cookies and terms of use.

Source: C4 (Raffel et al. 2020, jmlr.org/papers/v21/20-074.html) in the two forms in use:

* mode `datatrove`: C4QualityFilter of github.com/huggingface/datatrove. Lines are those of str.splitlines, without
  white space at their ends; they end in . ? ! " or ' and not in "..."; citation marks are passed over where ends and
  phrases are looked at, and counted as words. Here they stay in the text: `remove_citations` behind this editor removes
  them. Kept lines are joined by newlines.
* mode `dclm`: c4.yaml of github.com/mlfoundations/dclm. Lines are those between newlines; an empty line stays; the
  others end in . ? ! or ", white space may follow, and not in "...". White space at both ends of the text goes where
  `javascript` or `policy` is on. DCLM has `remove_citations` first, and min_words 5.

The rules in their order: max_word_chars (words between white space), terminal_punctuation, min_words, javascript (the
word, in any case), policy (terms of use, privacy policy, cookie policy, uses cookies, use of cookies, use cookies).
FineWeb has terminal_punctuation off. White space and line ends that go are under the rule `strip`. That a page has a
brace, lorem ipsum or too few sentences is for the filter `c4`.
"""

from typing import Literal

import pyarrow as pa

from headwater.document import Edits
from headwater.errors import UserError
from headwater.text.cases import traits
from headwater.text.edits import edits
from headwater.text.utf8 import longest_bytes, utf8

VERSION = 1
RULES = ("max_word_chars", "terminal_punctuation", "min_words", "javascript", "policy", "strip")


def c4_lines(
    texts: pa.Array,
    *,
    mode: Literal["datatrove", "dclm"] = "datatrove",
    max_word_chars: int | None = 1000,
    terminal_punctuation: bool = True,
    min_words: int | None = 3,
    javascript: bool = True,
    policy: bool = True,
) -> Edits:
    """A rule that is None or false is off."""
    if min_words is not None and min_words < 0:
        raise UserError(f"c4_lines: min_words is {min_words}; give null (off) or a number from 0 on")
    from headwater.editors._c4_lines import find_c4_lines

    most, fewest = -1 if max_word_chars is None else max_word_chars, min_words or 0
    on = (terminal_punctuation, javascript, policy)
    data, offsets = utf8(texts)
    found = find_c4_lines(data, offsets, traits(), longest_bytes(offsets), mode == "dclm", most, fewest, *on)
    return edits(found, RULES, ("\n",))
