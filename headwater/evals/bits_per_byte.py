"""Bits the model needs per byte of held-out text, comparable between tokenizers (Gao et al. 2020, arXiv:2101.00027)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from headwater.document import Score
from headwater.errors import MissingInput
from headwater.evals._statistics import ratio

if TYPE_CHECKING:
    from headwater.model.language_model import LanguageModel

VERSION = 1


def bits_per_byte(model: "LanguageModel", *, texts: Sequence[str]) -> list[Score]:
    """All bits over all bytes; the standard error is over documents. Empty texts do not count."""
    full = [text for text in texts if text]
    if not full:
        raise MissingInput(f"none of the {len(texts)} held-out texts holds a character; hold out more documents")
    value, error = ratio(model.bits(full))
    return [Score("held_out", "bits_per_byte", value, error, len(full))]
