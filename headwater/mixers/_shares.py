"""Token counts checked once for all mixers, and turned into shares."""

from collections.abc import Mapping
from math import fsum

from headwater.errors import MissingInput, UserError


def shares(tokens: Mapping[str, int]) -> dict[str, float]:
    """Share of each group, sorted by name; every group must hold at least one token."""
    if not tokens:
        raise MissingInput("no groups to mix: the mapping of group to tokens is empty; keep at least one document")
    for group, count in tokens.items():
        if count <= 0:
            raise UserError(f"group {group!r} has {count} tokens; leave out groups without tokens")
    total = sum(tokens.values())
    return {group: tokens[group] / total for group in sorted(tokens)}


def normalised(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights divided by their exact sum, in the order given."""
    total = fsum(weights.values())
    return {group: weight / total for group, weight in weights.items()}
