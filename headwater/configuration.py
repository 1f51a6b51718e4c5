"""YAML into frozen dataclasses, strictly: an unknown key is an error that lists the known ones, with file and line."""

import dataclasses
import inspect
import sys
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

import yaml

from headwater import registry
from headwater.errors import BadRecipe, UnknownName

T = TypeVar("T")
# What a file may be when its aliases are written out; a few lines can stand for billions.
MOST_NODES = 100_000
TOO_DEEP = "lists or mappings are nested too deep to be read; write fewer levels"


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of a shelf with all of its options resolved, defaults included."""

    name: str
    options: typing.Mapping[str, Any]


class _File:
    """The file being read, for error messages."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def error(self, node: yaml.Node, message: str) -> BadRecipe:
        return BadRecipe(f"{self.path}:{node.start_mark.line + 1}: {message}")


def load(kind: type[T], path: Path, given: typing.Mapping[str, Any] | None = None) -> T:
    """The dataclass `kind` from a YAML file; `given` are fields that do not come from the file."""
    file = _File(path)
    try:
        root = _composed(path.read_text(encoding="utf-8"))
        if root is None:
            raise BadRecipe(f"{path}: empty; known keys: {', '.join(f.name for f in dataclasses.fields(kind))}")  # type: ignore[arg-type]
        return _dataclass(kind, root, file, dict(given or {}))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadRecipe(f"{path}: not YAML: {error}") from error
    except RecursionError as error:
        raise BadRecipe(f"{path}: {TOO_DEEP}") from error
    except (IsADirectoryError, PermissionError) as error:
        raise BadRecipe(f"{path}: cannot be read: {error.strerror}; put a YAML file there, or nothing") from error


def _dataclass(kind: type[T], node: yaml.Node, file: _File, given: dict[str, Any]) -> T:
    if not isinstance(node, yaml.MappingNode):
        raise file.error(node, f"expected keys and values for {kind.__name__.lower()}, found {_value(node)!r}")
    hints = typing.get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind) if f.name not in given}  # type: ignore[arg-type]
    values = dict(given)
    for key_node, value_node in node.value:
        key = str(_value(key_node))
        if key not in fields:
            raise file.error(key_node, f"unknown key {key!r}; known: {', '.join(fields)}")
        if key in values:
            raise file.error(key_node, f"key {key!r} is given twice")
        shelf = fields[key].metadata.get("shelf")
        values[key] = _convert(hints[key], value_node, file, key, shelf)
    missing = [n for n, f in fields.items() if n not in values and _required(f)]
    if missing:
        raise file.error(node, f"missing {', '.join(missing)}; known: {', '.join(fields)}")
    try:
        return kind(**values)
    except ValueError as error:
        raise file.error(node, str(error)) from error


def _required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _convert(hint: Any, node: yaml.Node, file: _File, key: str, shelf: str | None) -> Any:
    if hint is Step or hint == tuple[Step, ...]:
        return _steps(hint, node, file, key, str(shelf))
    if dataclasses.is_dataclass(hint):
        return _dataclass(typing.cast(type[Any], hint), node, file, {})
    entry = (typing.get_args(hint) or (None,))[0]
    if typing.get_origin(hint) is tuple and dataclasses.is_dataclass(entry):
        if not isinstance(node, yaml.SequenceNode):
            raise file.error(node, f"{key}: expected a list")
        return tuple(_dataclass(typing.cast(type[Any], entry), each, file, {}) for each in node.value)
    value = _value(node)
    if typing.get_origin(hint) is tuple and isinstance(value, list):
        value = tuple(value)
    if not _fits(value, hint):
        raise file.error(node, f"{key}: {_unfit(value, hint)}")
    return value


def _steps(hint: Any, node: yaml.Node, file: _File, key: str, shelf: str) -> Any:
    if hint is Step:
        return _step(node, file, shelf)
    if not isinstance(node, yaml.SequenceNode):
        raise file.error(node, f"{key}: expected a list of {shelf}")
    return tuple(_step(entry, file, shelf) for entry in node.value)


def _step(node: yaml.Node, file: _File, shelf: str) -> Step:
    value = _value(node)
    name, options = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else (value, {})
    if not isinstance(name, str) or not isinstance(options, dict | None):
        raise file.error(node, f"expected the name of one of the {shelf}, or NAME: {{options}}; found {value!r}")
    try:
        return Step(name, resolve(registry.home(tuple(shelf.split()), name), name, options or {}))
    except (UnknownName, BadRecipe) as error:
        raise file.error(node, str(error)) from error


def resolve(shelf: str, name: str, options: typing.Mapping[str, Any]) -> dict[str, Any]:
    """All options of a step, defaults included; one without a default is left to the stage unless it is given here.

    Raises UnknownName for a step or option that is not there.
    """
    parameters = [
        p for p in inspect.signature(registry.step(shelf, name)).parameters.values() if p.kind is p.KEYWORD_ONLY
    ]
    for option in options:
        if option not in {p.name for p in parameters}:
            raise UnknownName.among(f"option of {name}", str(option), [p.name for p in parameters])
    # As annotated: names that exist for type checkers only are of no option.
    hints = {p.name: p.annotation for p in parameters if not isinstance(p.annotation, str)}
    for option, value in options.items():
        given = tuple(value) if isinstance(value, list) else value
        if option in hints and not (_fits(given, hints[option]) or _fits(value, hints[option])):
            raise BadRecipe(f"{name}.{option}: expected {_said(hints[option])}, found {value!r}")
    resolved = {p.name: p.default for p in parameters if p.default is not p.empty} | dict(options)
    return {k: list(v) if isinstance(v, tuple) else v for k, v in sorted(resolved.items())}


def read_value(text: str) -> Any:
    """A value as it would stand in a recipe: a number, a word, a list, null. Raises BadRecipe where it is not YAML."""
    try:
        node = _composed(text)
        return None if node is None else _value(node)
    except yaml.YAMLError as error:
        raise BadRecipe(f"{text[:80]!r} is not YAML: {(str(error).splitlines() or [''])[0]}") from error
    except RecursionError as error:
        raise BadRecipe(f"{text[:80]!r}: {TOO_DEEP}") from error


def _composed(text: str) -> yaml.Node | None:
    """The nodes of a file. Raises YAMLError where they are too many with every alias written out."""
    root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is not None and _nodes(root, {}) > MOST_NODES:
        raise yaml.YAMLError(f"more than {MOST_NODES:,} entries with its aliases (*) written out; write fewer")
    return root


def _nodes(node: yaml.Node, known: dict[int, int]) -> int:
    """How many nodes this one stands for; `known` are those that are counted already."""
    if id(node) not in known:
        below: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            below = [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            below = node.value
        known[id(node)] = 1 + sum(_nodes(part, known) for part in below)
    return known[id(node)]


def _value(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (ValueError, OverflowError) as error:  # a date that is none, a number of thousands of digits
        raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error
    finally:
        loader.dispose()


def _fits(value: Any, hint: Any) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, each) for each in arguments)
    if origin is typing.Literal:
        return value in arguments
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(entry, arguments[0]) for entry in value)
    if origin is not None:
        return isinstance(value, dict) and all(_entry_fits(*entry, *arguments) for entry in value.items())
    if hint is Any:
        return True
    if hint is float:
        # An int that no float can hold is none of a threshold either.
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _entry_fits(key: Any, value: Any, key_hint: Any = Any, hint: Any = Any) -> bool:
    """Whether one entry of a mapping is as annotated; YAML has lists where a hint may have tuples."""
    return _fits(key, key_hint) and (_fits(value, hint) or (isinstance(value, list) and _fits(tuple(value), hint)))


PLAIN: typing.Mapping[Any, str] = {
    str: "a text", float: "a number", int: "a whole number", bool: "true or false", type(None): "null", Any: "any",
}  # fmt: skip


def _unfit(value: Any, hint: Any) -> str:
    """What was expected where a value does not fit: of a mapping, in its first entry that is not as annotated."""
    arguments = typing.get_args(hint)
    entries = value.items() if isinstance(value, dict) and len(arguments) == 2 else ()
    for name, entry in entries:
        if not _entry_fits(name, entry, *arguments):
            return f"{name}: expected {_said(arguments[1])}, found {entry!r}"
    return f"expected {_said(hint)}, found {value!r}"


def _said(hint: Any) -> str:
    """What may stand there, in words of YAML and not of Python."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(map(_said, arguments))
    if origin is typing.Literal:
        return f"one of {', '.join(map(str, arguments))}"
    if origin is tuple:
        return f"a list, each entry {_said(arguments[0])}"
    if origin is not None:
        return "entries NAME: VALUE" + (f", each value {_said(arguments[1])}" if len(arguments) > 1 else "")
    return PLAIN.get(hint) or str(getattr(hint, "__name__", hint))
