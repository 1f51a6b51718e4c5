"""How many lines of a text are bullets, end in an ellipsis, or have copies, as Dolma counts.

Source: Dolma's tagger gopher_v1 (Soldaini et al. 2024, arXiv 2402.00159; dolma 1.2.1, dolma/taggers/gopher.py), the one
that its published mixers ask. Lines are what is between newlines, as it is, empty ones too: a text with empty lines
between its paragraphs has many copies of them. Its gopher_v2 splits at runs of newlines; it is not measured here.

* dolma_bullet_line_ratio: share of lines that start with "*" or "-"; dolma_ellipsis_line_ratio: share that end with
  U+2026
* dolma_duplicate_line_ratio: share of lines that come more than once, all copies of them
* dolma_duplicate_line_char_ratio: their characters, white space included, per character of the text that is no white
  space, so that it may be above 1
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

VERSION = 1
COLUMNS = (
    "dolma_bullet_line_ratio", "dolma_ellipsis_line_ratio", "dolma_duplicate_line_ratio",
    "dolma_duplicate_line_char_ratio",
)  # fmt: skip


def dolma_lines(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.signals._line_kernels import DOLMA, counted

    return dict(zip(COLUMNS, counted(texts).T[DOLMA : DOLMA + len(COLUMNS)].copy(), strict=True))
