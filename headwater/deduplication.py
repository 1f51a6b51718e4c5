"""The methods of a recipe's `dedup` list: those that compare documents come first, then those that remove stretches.

Documents are compared by their texts as `filtered` has them. A method that removes stretches reads what the methods
before it left; so the other order would need every text compared anew in each recipe, and is refused.
"""

from dataclasses import dataclass
from typing import Any

from headwater import registry
from headwater.document import Deduper, SpanDeduper
from headwater.errors import BadRecipe, BrokenContract
from headwater.recipe import Recipe


@dataclass(frozen=True)
class Method:
    """One entry of the list: its place there, which `edits` name as their step, its name and its options."""

    place: int
    name: str
    options: dict[str, Any]

    def made(self) -> Any:
        """The deduper with its options. Raises BrokenContract where the step gives something else."""
        found = registry.step("dedupers", self.name)(**self.options)
        if not isinstance(found, Deduper | SpanDeduper):
            raise BrokenContract(
                f"deduper {self.name!r}: it must give a Deduper, UnitDeduper, FilterDeduper or WindowDeduper, not "
                f"{type(found).__name__}; mend it"
            )
        return found


def methods(recipe: Recipe) -> list[Method]:
    """The list in order. Raises BadRecipe where it cannot be worked through."""
    found = [Method(place, step.name, dict(step.options)) for place, step in enumerate(recipe.dedup)]
    kinds = [isinstance(method.made(), Deduper) for method in found]
    if kinds != sorted(kinds, reverse=True):
        late = found[len(kinds) - 1 - kinds[::-1].index(True)]
        raise BadRecipe(
            f"recipe {recipe.name}: dedup has {late.name!r}, which compares documents, behind a method that removes "
            "stretches; put it before"
        )
    names = [method.name for method, pairs in zip(found, kinds, strict=True) if pairs]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BadRecipe(f"recipe {recipe.name}: dedup lists {min(twice)!r} twice; give it once")
    return found


def compares(name: str, options: dict[str, Any]) -> bool:
    """Whether a step of this shelf compares documents."""
    return isinstance(Method(0, name, options).made(), Deduper)


def pairs(recipe: Recipe) -> list[Method]:
    """The methods that compare documents."""
    return [method for method in methods(recipe) if isinstance(method.made(), Deduper)]


def spans(recipe: Recipe) -> list[Method]:
    """The methods that remove stretches."""
    return [method for method in methods(recipe) if isinstance(method.made(), SpanDeduper)]
