"""What the address of a page says about it: its length, depth, digits, parameters and labels of the host.

Source: lexical features of addresses as in Baykan et al. 2009, "Purely URL-based Topic Classification"
(doi.org/10.1145/1526709.1526880), and Ma et al. 2009 (doi.org/10.1145/1557019.1557153).

* url_chars: characters; url_digit_ratio: share of digits 0-9 among them
* url_depth: segments of the path that are not empty; url_parameters: stretches between "&" and ";" in the query that
  are not empty
* url_host_labels: parts of the host between dots, 0 where there is none

An address is cut as RFC 3986 does: scheme "://" host "/" path "?" query "#" fragment. Without "://" all is path. A
missing address is an empty one; a share of nothing is 0.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.text.utf8 import utf8

VERSION = 1
READS = ("url",)
COLUMNS = ("url_chars", "url_depth", "url_digit_ratio", "url_parameters", "url_host_labels")


def url(urls: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number an address for each of COLUMNS."""
    from headwater.signals._url_kernels import measure_urls

    data, offsets = utf8(urls)
    out = np.empty((len(urls), len(COLUMNS)))
    measure_urls(data, offsets, out)
    return dict(zip(COLUMNS, out.T.copy(), strict=True))
