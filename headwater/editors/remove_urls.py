"""Remove addresses: what ends in a top-level domain, with its scheme, path and query, and IPv4 addresses.

Source: `url_removal_modifier` of DataComp-LM (github.com/mlfoundations/dclm), with the list of the IANA:

* url: up to 256 letters, digits and -@:%._+~#=, a dot, a top-level domain in small letters that ends at the border of a
  word, and what follows of letters, digits and -()@:%_+.~#?&/=; http://, https:// or ftp:// before it; no slash is
  needed, so an e-mail address and a file name such as main.rs are addresses too
* ip: four numbers of up to three digits (the first of three at most 2), with scheme and what follows as above

Up to ten white space characters before an address go with it. DCLM looks for addresses only in texts that *begin* with
the letters of a top-level domain, in any case ("The" begins with .th): mode `match` is that, `search` looks in all, and
takes as one what is an address only once the one behind it is gone, as x.com in x.comhttp://a.com. `match` leaves that
x.com, as DCLM does, so it can find an address in what it left; every other editor, and `search`, finds nothing there.
"""

from typing import Literal

import pyarrow as pa

from headwater.document import Edits
from headwater.text.cases import lower, traits
from headwater.text.edits import edits
from headwater.text.utf8 import utf8

VERSION = 2
RULES = ("url", "ip")


def remove_urls(texts: pa.Array, *, mode: Literal["search", "match"] = "search") -> Edits:
    """IPv4 addresses go in either mode."""
    from headwater.editors._urls import find_urls
    from headwater.text.domains import domains

    data, offsets = utf8(texts)
    names, ends, table = domains()
    found = find_urls(data, offsets, traits(), lower(), names, ends, table, mode == "match")
    return edits(found, RULES)
