"""COPA, the more plausible cause or effect of two (Roemmele, Bejan and Gordon 2011), as in DCLM's CORE."""

from pathlib import Path
from typing import TYPE_CHECKING

from headwater.document import Score
from headwater.evals._multiple_choice import Task, score

if TYPE_CHECKING:
    from headwater.model.language_model import LanguageModel

VERSION = 1
TASK = Task("copa", delimiter=" ", baseline=0.5)


def copa(
    model: "LanguageModel", *, examples: str | Path, shots: int = 0, limit: int | None = None, seed: int = 1234
) -> list[Score]:
    """Scores over the first `limit` questions of the file; shots are drawn from all its other questions."""
    return score(model, TASK, examples=examples, shots=shots, limit=limit, seed=seed)
