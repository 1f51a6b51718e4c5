"""Languages of texts: the model that names them, a second opinion, and thresholds for each language."""

from headwater.language.model import identify
from headwater.text.labels import canonical

__all__ = ["canonical", "identify"]
