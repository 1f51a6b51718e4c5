"""Dedupers as a recipe asks for them: one that names an embedder is given the vectors of texts in their place."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from headwater import recipe as recipes
from headwater import registry
from headwater.configuration import Step, resolve
from headwater.document import Deduper


def made(step: tuple[str, Mapping[str, Any]]) -> Deduper:
    """The deduper of an entry of a recipe's `dedup`, which takes texts. Raises UnknownName for its embedder."""
    found: Deduper = registry.step("dedupers", step[0])(**step[1])
    if found.embedder is None:
        return found
    embed, options = registry.step("embedders", found.embedder), resolve("embedders", found.embedder, {})
    return replace(
        found,
        keys=lambda texts: found.keys(embed(texts, **options)),
        similarity=lambda left, right: found.similarity(embed(left, **options), embed(right, **options)),
    )


def versions(dedup: tuple[Step, ...]) -> dict[str, int]:
    """The VERSION of each deduper and of the embedders that they name."""
    named = {str(step.options["embedder"]) for step in dedup if step.options.get("embedder") is not None}
    return {**recipes.steps("dedupers", dedup), **{f"embedders/{n}": registry.version("embedders", n) for n in named}}
