"""The edits of a batch as an editor gives them, from the rows that its compiled loop found."""

import numpy as np
import numpy.typing as npt

from headwater.document import Edits


def edits(found: npt.NDArray[np.int64], rules: tuple[str, ...], puts: tuple[str, ...] = ()) -> Edits:
    """Rows (m, 5) of text, start, stop, rule and put as columns."""
    text, start, stop, rule, put = found.T
    return Edits(text, start, stop, rule, put, rules, puts)
