"""Leave at most so many newlines in a row.

Source: `newline_removal_modifier` of DataComp-LM (github.com/mlfoundations/dclm), 2 in its RefinedWeb recipe: a run of
three or more becomes two. Carriage returns and spaces between newlines end a run.
"""

import pyarrow as pa

from headwater.document import Edits
from headwater.errors import UserError
from headwater.text.edits import edits
from headwater.text.utf8 import utf8

VERSION = 1


def collapse_newlines(texts: pa.Array, *, max_newlines: int = 2) -> Edits:
    """The newlines of a run beyond `max_newlines` go."""
    if max_newlines < 0:
        raise UserError(f"collapse_newlines: max_newlines is {max_newlines}; give 0 (none stays) or a number above it")
    from headwater.editors._newlines import find_newlines

    return edits(find_newlines(*utf8(texts), max_newlines), ("max_newlines",))
