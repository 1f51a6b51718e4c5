"""Headwater: a data lakehouse for LLM pre-training data, with lineage from every token back to its bytes."""

from importlib.metadata import version

__version__ = version("headwater")
__all__ = ["__version__"]
