"""Remove lines that belong to the page and not to its text: share, menu, account and cookie phrases, lists of links.

Source: a rule of our own, after the text filters of trafilatura (Barbaresi 2021, aclanthology.org/2021.acl-demo.15),
which drop lines that do nothing but name a service to share with, and after the policy lines of C4:

* phrases: what is left of the line without signs and white space at its ends is, in lower case, one of the phrases of
  headwater/text/boilerplate-lines.txt, as a whole: "Share this:" goes, "Share this with your doctor." stays
* min_links: at least so many pieces between |, bullets, middle dots and right angle marks, each of one to four words,
  in a line that neither begins with | (a row of a table) nor ends as a sentence does

Lines are those between newlines; empty ones stay.
"""

from functools import cache
from pathlib import Path

import pyarrow as pa

from headwater.document import Edits
from headwater.text.cases import lower, traits
from headwater.text.edits import edits
from headwater.text.phrase_table import phrase_table
from headwater.text.utf8 import utf8

VERSION = 1
RULES = ("phrases", "min_links")


def boilerplate_lines(texts: pa.Array, *, phrases: bool = True, min_links: int | None = 4) -> Edits:
    """A rule that is None or false is off."""
    from headwater.editors._boilerplate import find_boilerplate

    known = phrase_table(_listed() if phrases else ())
    return edits(find_boilerplate(*utf8(texts), traits(), lower(), *known, min_links or 0), RULES)


@cache
def _listed() -> tuple[str, ...]:
    file = Path(__file__).parent.parent / "text" / "boilerplate-lines.txt"
    lines = file.read_text("utf-8").splitlines()
    return tuple(sorted({line.strip(" :") for line in lines if line and not line.startswith("#")}))
