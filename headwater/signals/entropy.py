"""How little one can guess the pairs of characters of a text: the entropy of its character 2-grams.

Source: Shannon 1951, "Prediction and Entropy of Printed English", doi.org/10.1002/j.1538-7305.1951.tb01366.x

char_2_gram_entropy: entropy in bits of the pairs of adjacent characters (code points), each as likely as it is frequent
in the text: log2(n) - sum(c log2 c) / n over n pairs and their counts c. It is 0 for fewer than two characters, and
where all pairs are alike; clean prose of some length has about 7 to 9. What a count adds is rounded to 2**-20 bits, so
that the result does not depend on the order of a sum.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.text.utf8 import longest_bytes, utf8

VERSION = 1
COLUMNS = ("char_2_gram_entropy",)


def entropy(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.signals._entropy_kernels import gains, measure_entropy

    data, offsets = utf8(texts)
    out = np.empty(len(texts))
    measure_entropy(data, offsets, gains(), longest_bytes(offsets), out)
    return {"char_2_gram_entropy": out}
