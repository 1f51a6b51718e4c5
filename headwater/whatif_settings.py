"""`--set` and `--sweep`: other options for the filters and editors of a recipe, checked as a recipe's own are.

STEP.OPTION=VALUE, where STEP is a name in `filters` of the recipe; NAME#2 is the second of several of that name, and
NAME:de the options for documents in German alone, as a file of `by_language` would set them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from headwater import registry
from headwater.configuration import Step, read_value, resolve
from headwater.curation import SHELVES, Used
from headwater.errors import UnknownName, UserError
from headwater.project import Project
from headwater.recipe import Recipe
from headwater.stages.filtered import used
from headwater.text.labels import canonical

ADDRESS = re.compile(r"(?P<step>\w+)(?:#(?P<place>\d{1,4}))?(?::(?P<language>[\w-]+))?\.(?P<option>\w+)")
MOST_POINTS = 200
# Powers of ten that a threshold may have: all of them, and their differences, are floats that are not endless.
POWERS = range(-300, 301)


@dataclass(frozen=True)
class Address:
    """One option of one step: `place` counts from 1 among the steps of that name; `language` is a canonical label."""

    step: str
    option: str
    place: int | None = None
    language: str | None = None

    def __str__(self) -> str:
        place = "" if self.place is None else f"#{self.place}"
        language = "" if self.language is None else f":{self.language}"
        return f"{self.step}{place}{language}.{self.option}"


@dataclass(frozen=True)
class Setting:
    """An option and the value that it would have."""

    address: Address
    value: Any


@dataclass(frozen=True)
class Sweep:
    """An option and the thresholds that it would have one after the other, ascending."""

    address: Address
    values: tuple[float, ...]


def setting(text: str) -> Setting:
    """The setting that STEP.OPTION=VALUE says. Raises UserError where it says none, BadRecipe where it is not YAML."""
    address, value = _split(text, "STEP.OPTION=VALUE, for example gopher_quality.min_words=100")
    return Setting(address, read_value(value))


def sweep(text: str) -> Sweep:
    """The sweep that STEP.OPTION=FIRST:LAST:BY or STEP.OPTION=A,B,C says. Raises UserError where it says none."""
    address, value = _split(
        text, "STEP.OPTION=FIRST:LAST:BY, for example gopher_quality.min_words=20:200:10, or a list"
    )
    try:
        values = _range(value) if ":" in value else [_decimal(part) for part in value.split(",")]
    except (InvalidOperation, ValueError) as error:
        raise UserError(
            f"{value!r} is no FIRST:LAST:BY and no list of numbers; for example 20:200:10 or 20,50,100"
        ) from error
    if len(values) > MOST_POINTS:
        raise UserError(f"{value[:80]!r} is more than {MOST_POINTS} thresholds; give at most {MOST_POINTS}")
    return Sweep(address, tuple(_number(number) for number in sorted(set(values))))


def _range(text: str) -> list[Decimal]:
    first, last, by = (_decimal(part) for part in text.split(":"))
    if last < first:
        raise UserError(f"{text!r} goes down; write the smaller first, as in {last}:{first}:{abs(by)}")
    if by <= 0:
        raise UserError(f"{text!r} never gets to its end; the third number, by which it grows, must be more than 0")
    # Whatever is beyond the limit is refused: it need not be made.
    count = int(min((last - first) / by, Decimal(MOST_POINTS))) + 1
    return [first + number * by for number in range(count)]


def _decimal(text: str) -> Decimal:
    """One number. Raises UserError where it is not finite, or too large or small to be a threshold."""
    number = Decimal(text.strip())
    if number == 0:
        return Decimal(0)
    if not number.is_finite() or number.adjusted() not in POWERS:
        raise UserError(
            f"{text.strip()[:40]!r} can be no threshold; give finite numbers from 1e{POWERS[0]} to 1e{POWERS[-1]}"
        )
    return number


def _number(value: Decimal) -> float:
    whole = abs(value) < 2**53 and value == value.to_integral_value()
    return int(value) if whole else float(value)


def _split(text: str, example: str) -> tuple[Address, str]:
    left, sign, value = text.partition("=")
    found = ADDRESS.fullmatch(left.strip())
    if found is None or not sign or not value.strip():
        raise UserError(f"{text!r} sets nothing; write {example}")
    place = None if found["place"] is None else int(found["place"])
    language = None if found["language"] is None else canonical(found["language"])
    return Address(found["step"], found["option"], place, language), value.strip()


def changed(project: Project, recipe: Recipe, settings: Sequence[Setting]) -> list[Used]:
    """The steps of a recipe with other options.

    Raises UnknownName for a step or option that is not there, BadRecipe for a value that the option cannot have, and
    UserError for a step that is listed more than once and not told apart.
    """
    everywhere = [s for s in settings if s.address.language is None]
    filters = list(recipe.filters)
    for each in everywhere:
        place = _place(recipe, each.address)
        filters[place] = Step(each.address.step, _resolved(filters[place].options, each))
    steps = used(project, replace(recipe, filters=tuple(filters)))
    for each in settings:
        language, place = each.address.language, _place(recipe, each.address)
        if language is not None:
            options = _resolved(steps[place].by_language.get(language, steps[place].options), each)
            by_language = {**steps[place].by_language, language: options}
            steps[place] = replace(steps[place], by_language=by_language)
    return steps


def before(steps: Sequence[Used], recipe: Recipe, address: Address) -> Any:
    """The value that an option has now."""
    step = steps[_place(recipe, address)]
    options = step.options if address.language is None else step.by_language.get(address.language, step.options)
    return options.get(address.option)


def _place(recipe: Recipe, address: Address) -> int:
    """Where in the recipe's list the addressed step is."""
    there = [place for place, step in enumerate(recipe.filters) if step.name == address.step]
    if not there:
        kind = f"filter or editor in recipe {recipe.name}"
        raise UnknownName.among(kind, address.step, {step.name for step in recipe.filters})
    if address.place is None and len(there) > 1:
        ways = " or ".join(f"{address.step}#{number}.{address.option}" for number in range(1, len(there) + 1))
        raise UserError(f"recipe {recipe.name} lists {address.step} {len(there)} times; say which is meant: {ways}")
    if address.place is not None and not 1 <= address.place <= len(there):
        raise UserError(f"{address}: recipe {recipe.name} lists {address.step} {len(there)} times, counted from 1")
    return there[(address.place or 1) - 1]


def _resolved(options: Mapping[str, Any], each: Setting) -> dict[str, Any]:
    name = each.address.step
    return resolve(registry.home(SHELVES, name), name, {**options, each.address.option: each.value})
