"""Keep documents in the wanted languages whose label the classifier is sure of.

Source: the language step of FineWeb (datatrove, fastText score 0.65). A score equal to `min_score` is enough here;
datatrove asks for more than that.

Rules, in order: `languages` (value 1 where the document's language is listed, else 0, against 1; the language itself is
in the document's row), `min_score` (value: the score of the document's language). A missing score is NaN, and no rule
lets NaN pass.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.document import Columns, Finding, below

VERSION = 1


def language(
    columns: Columns, *, languages: tuple[str, ...] | None = None, min_score: float | None = 0.65
) -> list[Finding]:
    """Findings of the rules that are not None."""
    findings = []
    if languages is not None:
        listed = pc.is_in(columns["language"], value_set=pa.array(list(languages), pa.string()))
        wanted = np.asarray(listed, dtype=np.float64)
        findings.append(Finding("languages", wanted, 1.0, wanted < 1.0))
    if min_score is not None:
        findings.append(below(columns, "language_score", min_score, "min_score"))
    return findings
