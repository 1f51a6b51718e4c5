"""Means and ratios with their standard errors."""

from collections.abc import Sequence
from math import sqrt

from headwater.errors import MissingInput


def mean(values: Sequence[float]) -> tuple[float, float]:
    """Mean and its standard error, from the sample's own spread."""
    _enough(len(values))
    average = sum(values) / len(values)
    spread = sum((value - average) ** 2 for value in values)
    return average, sqrt(spread / (len(values) - 1) / len(values))


def ratio(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Sum of numerators over sum of denominators, and its standard error by linearisation (Cochran 1977, ch. 6)."""
    _enough(len(parts))
    whole = sum(below for _, below in parts)
    found = sum(above for above, _ in parts) / whole
    residuals = sum((above - found * below) ** 2 for above, below in parts)
    return found, sqrt(residuals * len(parts) / (len(parts) - 1)) / whole


def _enough(count: int) -> None:
    if count < 2:
        raise MissingInput(f"{count} examples to score; a standard error needs at least 2, give more")
