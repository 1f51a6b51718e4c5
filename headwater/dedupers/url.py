"""Duplicates are documents at one address; spellings of it are normalised (RFC 3986, 6.2.2), the scheme left out.

Source: the URL deduplication of RefinedWeb (Penedo et al. 2023, arXiv:2306.01116) and of C4 as DCLM makes it. The
earlier crawl's document stays, and of one crawl the one of the smaller doc_id, or by `wins` the oldest or newest fetch:
nothing of a later crawl changes an earlier one, so the newest of all crawls cannot win.
"""

import hashlib
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.address import address
from headwater.document import Deduper
from headwater.errors import UserError

VERSION = 2  # wins; the second half of the digest splits large buckets

Wins = Literal["first", "oldest", "newest"]


def url(*, wins: Wins = "first") -> Deduper:
    """Equal addresses; a document without one equals nothing. Of equal fetch times the smaller doc_id wins."""
    if wins not in get_args(Wins):
        raise UserError(f"url: wins is {wins!r}; give one of {', '.join(get_args(Wins))}")
    return Deduper(keys=_keys, similarity=_similarity, threshold=1.0, reads="url", splits=1, wins=wins)


def _keys(urls: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    keys = np.zeros((len(urls), 2), dtype=np.int64)
    for place, found in enumerate(urls.to_pylist()):
        if found is not None:
            digest = hashlib.sha256(address(found).encode("utf-8", "surrogatepass")).digest()
            keys[place] = np.frombuffer(digest, dtype=">i8", count=2)
    return keys, urls.is_valid().to_numpy(zero_copy_only=False)


def _similarity(left: pa.Array, right: pa.Array) -> npt.NDArray[np.float64]:
    pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
    return np.array([float(None not in (a, b) and address(a) == address(b)) for a, b in pairs])
