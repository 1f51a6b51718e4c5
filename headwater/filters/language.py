"""Keep documents in the wanted languages whose label the classifier is sure of.

Source: the language steps of FineWeb (fastText, 0.65, arXiv 2406.17557) and FineWeb2 (GlotLID, a threshold a language,
arXiv 2506.20920). A language is wanted under any of its labels: `en`, `eng` and `eng_Latn` are one (see
headwater/text/labels.py); without a script it is wanted in every script.

Rules, in order:

* `languages`: value 1 where the document's language is wanted, else 0, against 1; the language itself is in the row
* `min_score`: the score of the document's language; a score equal to it is enough for FineWeb2 (mode `fineweb2`), and
  not for datatrove and DCLM (their modes), which ask for more
* `min_scores`: the same for languages with a threshold of their own, to which `min_score` does not apply
* `require_agreement`: value 1 where the second model says the same language, else 0, against 1

A score or an agreement that is missing is NaN, and no rule lets NaN pass.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.document import Columns, Finding
from headwater.text.labels import among

VERSION = 2
Mode = Literal["fineweb2", "datatrove", "dclm"]


def language(
    columns: Columns,
    *,
    languages: tuple[str, ...] | None = None,
    min_score: float | None = 0.65,
    min_scores: Mapping[str, float] | None = None,
    require_agreement: bool = False,
    mode: Mode = "fineweb2",
) -> list[Finding]:
    """Findings of the rules that are not None or False."""
    findings = []
    own = min_scores or {}
    if languages is not None:
        wanted = _spoken(columns, languages).astype(np.float64)
        findings.append(Finding("languages", wanted, 1.0, wanted < 1.0))
    if min_score is not None:
        others = ~_spoken(columns, own) if own else None
        findings.append(_unsure(columns, "min_score", min_score, mode, others))
    for label, minimum in own.items():
        findings.append(_unsure(columns, "min_scores", minimum, mode, _spoken(columns, (label,))))
    if require_agreement:
        agrees = np.asarray(columns["language_agrees"], dtype=np.float64)
        findings.append(Finding("require_agreement", agrees, 1.0, agrees < 1.0))
    return findings


def _spoken(columns: Columns, wanted: Mapping[str, float] | tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Whether each document is in one of the wanted languages."""
    labels = pa.array(columns["language"], pa.string()).dictionary_encode()
    known = [label is not None and among(label, tuple(wanted)) for label in labels.dictionary.to_pylist()]
    found = pc.take(pa.array(known, pa.bool_()), labels.indices)
    spoken: npt.NDArray[np.bool_] = np.asarray(pc.fill_null(found, False)).astype(np.bool_)
    return spoken


def _unsure(columns: Columns, rule: str, minimum: float, mode: Mode, who: npt.NDArray[np.bool_] | None) -> Finding:
    """Documents, of all or of `who`, with too low a score. Those that the rule is not for have an endless one."""
    score = np.asarray(columns["language_score"], dtype=np.float64)
    if who is not None:
        score = np.where(who, score, np.inf)
    return Finding(rule, score, minimum, score < minimum if mode == "fineweb2" else score <= minimum)
