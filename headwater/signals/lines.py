"""How many lines and paragraphs a text has, and how many are bullets, end in an ellipsis, or repeat an earlier one.

Source: the quality and repetition rules of Gopher (Rae et al. 2021, arXiv 2112.11446, table A1) as datatrove counts:

* lines: those of str.splitlines; bullet_line_ratio: share that start with "•" or "-" after white space;
  ellipsis_line_ratio: share that end with "..." or U+2026 before white space
* paragraphs: what lies between runs of two or more newlines, in the text without white space at its ends
* duplicate_line_ratio: share of second and later copies among what lies between runs of newlines, so that a text that
  begins or ends with a newline has an empty line there; duplicate_paragraph_ratio: the same for paragraphs
* duplicate_line_char_ratio, duplicate_paragraph_char_ratio: characters of those copies per character of the whole
  text, white space included; characters are code points

A share of nothing is 0: no column is ever NaN.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

VERSION = 1
COLUMNS = (
    "lines", "paragraphs", "bullet_line_ratio", "ellipsis_line_ratio", "duplicate_line_ratio",
    "duplicate_paragraph_ratio", "duplicate_line_char_ratio", "duplicate_paragraph_char_ratio",
)  # fmt: skip


def lines(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.signals._line_kernels import DATATROVE, counted

    return dict(zip(COLUMNS, counted(texts).T[DATATROVE : DATATROVE + len(COLUMNS)].copy(), strict=True))
