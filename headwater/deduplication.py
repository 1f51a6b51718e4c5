"""The methods of a recipe's `dedup` list: those that compare documents come first, then those that remove stretches.

Documents are compared by their texts as `filtered` has them. A method that removes stretches reads what the methods
before it left; so the other order would need every text compared anew in each recipe, and is refused.
"""

from dataclasses import dataclass
from typing import Any, get_args

from headwater import registry
from headwater.document import Deduper, SpanDeduper
from headwater.errors import BadRecipe, BrokenContract
from headwater.recipe import Recipe

KINDS = (Deduper, *get_args(SpanDeduper))


@dataclass(frozen=True)
class Method:
    """One entry of the list: its place there, which `edits` name as their step, its name and its options."""

    place: int
    name: str
    options: dict[str, Any]

    @property
    def compares(self) -> bool:
        """Whether it compares documents: by what its function says it gives, as far as it says so.

        To make a deduper can take loading heavy libraries, which a question of status must not.
        """
        said: Any = registry.step("dedupers", self.name).__annotations__.get("return")
        return (said if said in KINDS else type(self.made())) is Deduper

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
    kinds = [method.compares for method in found]
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
    return Method(0, name, options).compares


def pairs(recipe: Recipe) -> list[Method]:
    """The methods that compare documents."""
    return [method for method in methods(recipe) if method.compares]


def spans(recipe: Recipe) -> list[Method]:
    """The methods that remove stretches."""
    return [method for method in methods(recipe) if not method.compares]
