"""How many e-mail addresses, telephone numbers, public IP addresses, card numbers and IBANs a text has.

Source: the forms of headwater/text/pii (RFC 5321, ITU-T E.123, RFC 6890, ISO/IEC 7812, ISO 13616); exactly what the
editor `pii` replaces in its mode `tags`.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.text.cases import traits
from headwater.text.domains import domains
from headwater.text.pii import KINDS
from headwater.text.utf8 import longest_bytes, utf8

VERSION = 2
COLUMNS = ("email_addresses", "phone_numbers", "ip_addresses", "card_numbers", "ibans")


def pii(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.text.pii.search import find_pii

    data, offsets = utf8(texts)
    found = find_pii(data, offsets, traits(), *domains(), np.ones(len(KINDS), np.uint8), longest_bytes(offsets))
    place = len(KINDS) * found[:, 0] + found[:, 3]
    counts = np.bincount(place, minlength=len(KINDS) * len(texts)).reshape(len(texts), len(KINDS))
    return dict(zip(COLUMNS, counts.T.astype(np.float64), strict=True))
