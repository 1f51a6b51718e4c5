"""Remove "items in cart", "Read more..." at the end and "Sign-in" at the beginning of lines of at most ten words.

Source: the line-wise corrections of RefinedWeb (Penedo et al. 2023, arXiv 2306.01116, G.2), as
`substring_line_modifier` of DataComp-LM (github.com/mlfoundations/dclm) does them one after the other: items_in_cart
anywhere, read_more at the end of a line, sign_in at its beginning. Case is ignored as re.IGNORECASE does, the dots of
"Read more..." are any three characters, and one white space before the phrase (behind "Sign-in") goes with it. A line
of which nothing is left goes.
The rule `blank` is for what those steps remove besides: lines of nothing but white space, and white space at both ends
of the text.

A phrase that is there again when another is gone goes too; DCLM looks once a phrase.
"""

import pyarrow as pa

from headwater.document import Edits
from headwater.text.cases import traits
from headwater.text.edits import edits
from headwater.text.utf8 import longest_bytes, utf8

VERSION = 1
RULES = ("items_in_cart", "read_more", "sign_in", "blank")


def refinedweb_phrases(
    texts: pa.Array, *, max_words: int = 10, items_in_cart: bool = True, read_more: bool = True, sign_in: bool = True
) -> Edits:
    """Lines of more than `max_words` words stay as they are; a rule that is false is off."""
    from headwater.editors._refinedweb_phrases import find_phrases

    data, offsets = utf8(texts)
    on = (items_in_cart, read_more, sign_in)
    return edits(find_phrases(data, offsets, traits(), longest_bytes(offsets), max_words, *on), RULES)
