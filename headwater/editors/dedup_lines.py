"""Remove lines, or paragraphs, that a text has had before; the first stays.

Source: `within_page_dedup` of DataComp-LM (github.com/mlfoundations/dclm), as its C4 recipe has it: units between
newlines (or between each two newlines), compared without white space at their ends and in lower case; one that is empty
then always stays, with `normalize` off one that is empty as it is.

Lower case is that of each character by itself (Unicode 14.0.0, in headwater/text/cases-14.txt). Python's, which DCLM
uses, differs at the end of Greek words and for U+0130.
"""

from typing import Literal

import pyarrow as pa

from headwater.document import Edits
from headwater.text.cases import lower, traits
from headwater.text.edits import edits
from headwater.text.utf8 import utf8

VERSION = 1


def dedup_lines(
    texts: pa.Array, *, granularity: Literal["line", "paragraph"] = "line", normalize: bool = True
) -> Edits:
    """The rule is `repeated_line` or `repeated_paragraph`."""
    from headwater.editors._dedup_lines import find_repeated

    newlines = 1 if granularity == "line" else 2
    found = find_repeated(*utf8(texts), traits(), lower(), newlines, normalize)
    return edits(found, (f"repeated_{granularity}",))
