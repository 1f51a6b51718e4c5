"""Each group weighs what it holds: the token share p, the prior of RegMix (arXiv:2407.01492)."""

from collections.abc import Mapping

from headwater.mixers._shares import shares

VERSION = 1


def proportional(tokens: Mapping[str, int]) -> dict[str, float]:
    """Weight of each group by its share of the tokens; sorted by name, summing to 1."""
    return shares(tokens)
