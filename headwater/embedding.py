"""Dedupers as a recipe asks for them: one that names an embedder is given the vectors of texts in their place.

What a deduper or an embedder of a project gives is held to its contract (`headwater/document.py`): keys that are too
few or a similarity that is no number would silently leave documents uncompared.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from headwater import recipe as recipes
from headwater import registry
from headwater.configuration import Step, resolve
from headwater.document import Deduper
from headwater.errors import BrokenContract


def made(step: tuple[str, Mapping[str, Any]]) -> Deduper:
    """The deduper of an entry of a recipe's `dedup`, which takes texts. Raises UnknownName for its embedder."""
    found: Deduper = registry.step("dedupers", step[0])(**step[1])
    given = _embedded(found)
    return replace(
        found,
        keys=lambda texts: _keys(step[0], given.keys(texts), len(texts), found.splits),
        similarity=lambda left, right: _similarity(step[0], given.similarity(left, right), len(left)),
    )


def _embedded(found: Deduper) -> Deduper:
    if found.embedder is None:
        return found
    name = found.embedder
    embed, options = registry.step("embedders", name), resolve("embedders", name, {})

    def vectors(texts: Any) -> Any:
        return _vectors(name, embed(texts, **options), len(texts))

    return replace(
        found,
        keys=lambda texts: found.keys(vectors(texts)),
        similarity=lambda left, right: found.similarity(vectors(left), vectors(right)),
    )


def _vectors(name: str, given: Any, count: int) -> Any:
    found = np.asarray(given)
    if found.ndim != 2 or len(found) != count or not np.issubdtype(found.dtype, np.number):
        raise BrokenContract(
            f"embedder {name!r}: of {count} texts it must give numbers ({count}, dimensions), not {found.dtype} of "
            f"{found.shape}; mend it"
        )
    return found


def _keys(name: str, given: Any, count: int, splits: int) -> Any:
    keys, valid = given
    if keys.dtype != np.int64 or keys.ndim != 2 or len(keys) != count or not 0 <= splits < keys.shape[1]:
        raise BrokenContract(
            f"deduper {name!r}: of {count} texts the keys must be int64 of ({count}, columns), more columns than its "
            f"{splits} splits, not {keys.dtype} of {keys.shape}; mend it"
        )
    if valid.dtype != np.bool_ or valid.shape != (count,):
        raise BrokenContract(
            f"deduper {name!r}: `valid` must be bool of ({count},), not {valid.dtype} of {valid.shape}; mend it"
        )
    return keys, valid


def _similarity(name: str, given: Any, count: int) -> Any:
    found = np.asarray(given, dtype=np.float64)
    if found.shape != (count,):
        raise BrokenContract(
            f"deduper {name!r}: of {count} pairs it must give {count} similarities, not {found.shape}; mend it"
        )
    wrong = np.flatnonzero(~((found >= 0) & (found <= 1)))
    if wrong.size:
        raise BrokenContract(f"deduper {name!r}: similarity {found[wrong[0]]} is not in 0 to 1; mend it")
    return found


def versions(dedup: tuple[Step, ...]) -> dict[str, int]:
    """The VERSION of each deduper and of the embedders that they name."""
    named = {str(step.options["embedder"]) for step in dedup if step.options.get("embedder") is not None}
    return {**recipes.steps("dedupers", dedup), **{f"embedders/{n}": registry.version("embedders", n) for n in named}}
