"""Languages of texts: the model that names them, a second opinion, and thresholds for each language."""

from headwater.language.model import identify

__all__ = ["identify"]
