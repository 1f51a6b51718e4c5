"""Token shares flattened or sharpened: weight = p^tau / sum of p^tau.

tau 0.5 is RegMix's smoothing of its prior (arXiv:2407.01492, mixture_config/synthesize_mixture.py, TEMP = 0.5).
"""

from collections.abc import Mapping
from math import isfinite

from headwater.errors import BadRecipe
from headwater.mixers._shares import normalised, shares

VERSION = 1


def temperature(tokens: Mapping[str, int], *, tau: float = 0.5) -> dict[str, float]:
    """Weight of each group by its share to the power `tau`: 1 is proportional, 0 is uniform, above 1 sharpens."""
    if not (isfinite(tau) and tau >= 0):
        raise BadRecipe(f"temperature: tau is {tau}; it must be a number of 0 or more")
    share = shares(tokens)
    # Relative to the largest group, so that a large tau cannot underflow every weight to zero.
    largest = max(share.values())
    return normalised({group: (part / largest) ** tau for group, part in share.items()})
