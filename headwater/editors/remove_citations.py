"""Remove marks of citations as encyclopedias have them: [1], [], [edit], [citation needed].

Source: C4 (Raffel et al. 2020, jmlr.org/papers/v21/20-074.html) as its code in tensorflow/datasets does it, and
`citation_removal_modifier` of DataComp-LM (github.com/mlfoundations/dclm): any decimal digits, or none, between square
brackets; the two phrases in small letters. Nothing around a mark goes with it.

What stands together only when a mark is gone counts as it then stands: of "[1[2]]" nothing is left. Those codes look
once and leave "[1]".
"""

import pyarrow as pa

from headwater.document import Edits
from headwater.text.cases import traits
from headwater.text.edits import edits
from headwater.text.utf8 import utf8

VERSION = 1
RULES = ("number", "edit", "citation_needed")


def remove_citations(texts: pa.Array) -> Edits:
    """No options."""
    from headwater.text.citations import find_citations

    return edits(find_citations(*utf8(texts), traits()), RULES)
