"""Replace e-mail addresses, telephone numbers, public IP addresses, card numbers and IBANs.

Source of the forms: headwater/text/pii (RFC 5321, ITU-T E.123, RFC 6890, ISO/IEC 7812, ISO 13616). Two modes:

* `tags`: every kind that is on is replaced by its tag: <EMAIL>, <PHONE>, <IP>, <CARD>, <IBAN>
* `datatrove`: e-mail and public IPv4 addresses, by the patterns and with the stand-ins of PIIFormatter of
  github.com/huggingface/datatrove (FineWeb: Penedo et al. 2024, arXiv 2406.17557): two addresses at example.com and
  .org, six IP addresses that answered no ping, in turn. The turns begin anew with each text, where datatrove's go on
  through all texts of a process; a stand-in is never replaced. phones, cards and ibans do nothing in this mode.

Where something stood, and what stands there now, is recorded; what it was is not.
"""

from typing import Literal

import numpy as np
import pyarrow as pa

from headwater.document import Edits
from headwater.text.cases import traits
from headwater.text.domains import domains
from headwater.text.edits import edits
from headwater.text.pii import KINDS
from headwater.text.utf8 import longest_bytes, utf8

VERSION = 2
# What it takes out must not be seen: OpenLineage says of such a column that it is masked.
MASKS = True
TAGS = tuple(f"<{kind.upper()}>" for kind in KINDS)


def pii(
    texts: pa.Array,
    *,
    mode: Literal["tags", "datatrove"] = "tags",
    emails: bool = True,
    phones: bool = True,
    ips: bool = True,
    cards: bool = True,
    ibans: bool = True,
) -> Edits:
    """The rules are the kinds: email, phone, ip, card, iban."""
    data, offsets = utf8(texts)
    if mode == "datatrove":
        from headwater.text.pii.datatrove import STAND_INS, find_as_datatrove

        return edits(find_as_datatrove(data, offsets, traits(), emails, ips), KINDS, STAND_INS)
    from headwater.text.pii.search import find_pii

    wanted = np.array([emails, phones, ips, cards, ibans], np.uint8)
    found = find_pii(data, offsets, traits(), *domains(), wanted, longest_bytes(offsets))
    return edits(found, KINDS, TAGS)
