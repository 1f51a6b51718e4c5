"""How many lines and paragraphs a text has, and how many are bullets, end in an ellipsis, or have copies, as DCLM
counts.

Source: DCLM's mappers (Li et al. 2024, arXiv 2406.11794; mlfoundations/dclm, baselines/mappers/filters). Lines are what
is between newlines, paragraphs what is between two newlines, both without white space at their ends; empty ones are
left out.

* dclm_bullet_line_ratio: share of lines that start with "●", "•", "*" or "-"; dclm_ellipsis_line_ratio: share that end
  with "...", ". . ." or U+2026
* dclm_duplicate_line_ratio: share of lines that come more than once, all copies of them;
  dclm_duplicate_paragraph_ratio: the same for paragraphs
* dclm_duplicate_line_char_ratio, dclm_duplicate_paragraph_char_ratio: characters of these per character of all lines,
  or paragraphs

A share of nothing is 0; DCLM drops a text without lines.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

VERSION = 1
COLUMNS = (
    "dclm_lines", "dclm_paragraphs", "dclm_bullet_line_ratio", "dclm_ellipsis_line_ratio",
    "dclm_duplicate_line_ratio", "dclm_duplicate_paragraph_ratio", "dclm_duplicate_line_char_ratio",
    "dclm_duplicate_paragraph_char_ratio",
)  # fmt: skip


def dclm_lines(texts: pa.Array) -> dict[str, npt.NDArray[np.float64]]:
    """One number a text for each of COLUMNS."""
    from headwater.signals._line_kernels import DCLM, counted

    return dict(zip(COLUMNS, counted(texts).T[DCLM : DCLM + len(COLUMNS)].copy(), strict=True))
