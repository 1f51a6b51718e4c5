"""Language identification by a fastText model over whole pages (Joulin et al., arXiv:1612.03651; model lid.176).

A model with GlotLID's labels (`eng_Latn`; Kargaran et al., arXiv:2310.16248) is used the same way. The label is kept as
the model gives it; headwater/text/labels.py makes labels of several models comparable.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

LABEL = "__label__"


@cache
def _model(path: str) -> Any:
    import fasttext

    # The library prints a notice about its own API at every load; it has no other switch.
    fasttext.FastText.eprint = lambda *_: None
    return fasttext.load_model(path)


def identify(texts: Sequence[str], model: Path) -> tuple[list[str | None], list[float | None]]:
    """Best label and its probability (0..1) for each text; None, None where the model gives no label."""
    lines = [text.replace("\n", " ").replace("\0", " ") for text in texts]
    if not lines:
        return [], []
    labels, scores = _model(str(model)).predict(lines, k=1)
    # fastText may return no label at all, and scores a hair above 1 by rounding.
    best = [label[0].removeprefix(LABEL) if len(label) else None for label in labels]
    return best, [min(float(score[0]), 1.0) if len(score) else None for score in scores]
