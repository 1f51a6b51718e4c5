"""The words that expectation files are written in. `kind` and `arguments` are those of Great Expectations.

https://greatexpectations.io/expectations
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

Frame = Literal["facts", "outcomes", "rows"]


@dataclass(frozen=True)
class Expectation:
    """One expectation on one frame of a draft.

    * `facts`: one row about all rows: rows, nulls_COLUMN, outcome_NAME, not_kept, repeated_keys,
      quarantined_share (pages on which an extractor found nothing left out), nothing_found_share, and what the
      table's stage measures of its draft
    * `outcomes`: one row an outcome that occurs: outcome, count
    * `rows`: a hash sample of at most 1000 rows, without text

    One that is not blocking is a warning. `cause` is a column of `facts` that names what a failure is mostly due to,
    `said` one that says a failure in words, with what to do.
    """

    name: str
    frame: Frame
    kind: str
    arguments: Mapping[str, Any]
    blocking: bool = True
    cause: str | None = None
    said: str | None = None


def facts(name: str, kind: str, *, blocking: bool = True, cause: str | None = None, **arguments: Any) -> Expectation:
    """An expectation on numbers about all rows."""
    return Expectation(name, "facts", kind, arguments, blocking, cause)


def within_ceiling(name: str, column: str, ceiling: str, said: str) -> Expectation:
    """A number about all rows is at most another one; `said` is the fact that tells of it where it is not."""
    arguments = {"column_A": ceiling, "column_B": column, "or_equal": True}
    return Expectation(name, "facts", "expect_column_pair_values_a_to_be_greater_than_b", arguments, said=said)


def rows(name: str, kind: str, *, blocking: bool = True, **arguments: Any) -> Expectation:
    """An expectation on a sample of the rows."""
    return Expectation(name, "rows", kind, arguments, blocking)


def where(column: str, operator: str, value: Any) -> dict[str, Any]:
    """The condition of an expectation that is about some rows only, as `row_condition`."""
    return {"type": "comparison", "column": {"name": column}, "operator": operator, "parameter": value}


def parameter(name: str) -> dict[str, str]:
    """A limit that comes from headwater.yaml."""
    return {"$PARAMETER": name}


def unique_keys() -> Expectation:
    """No two rows have the same key."""
    return facts("keys_are_unique", "expect_column_max_to_be_between", column="repeated_keys", max_value=0)


def some_rows() -> Expectation:
    """There is at least one row."""
    return facts("there_are_rows", "expect_column_min_to_be_between", column="rows", min_value=1)


def never_null(*columns: str) -> tuple[Expectation, ...]:
    """Each of the columns has a value in every row."""
    kind = "expect_column_max_to_be_between"
    return tuple(facts(f"{c}_is_never_null", kind, column=f"nulls_{c}", max_value=0) for c in columns)


def known_outcomes(*outcomes: str) -> Expectation:
    """No row has another outcome than these."""
    kind = "expect_column_distinct_values_to_be_in_set"
    return Expectation("outcomes_are_known", "outcomes", kind, {"column": "outcome", "value_set": list(outcomes)})


def every_drop_has_a_rule() -> Expectation:
    """Exactly the rows that are not kept say which rule decided."""
    kind = "expect_column_pair_values_to_be_equal"
    return facts("every_drop_has_a_rule", kind, column_A="nulls_rule", column_B="outcome_kept")


def few_quarantined() -> Expectation:
    """The share of quarantined rows is within the limit of headwater.yaml."""
    kind, limit = "expect_column_max_to_be_between", parameter("max_quarantined")
    cause = "most_quarantined"
    return facts("few_are_quarantined", kind, cause=cause, column="quarantined_share", max_value=limit)


def within(name: str, low: float | None, high: float | None, *columns: str) -> tuple[Expectation, ...]:
    """Each column lies between two bounds wherever it has a value; `name` says so after the column's."""
    kind = "expect_column_values_to_be_between"
    return tuple(rows(f"{c}_{name}", kind, column=c, min_value=low, max_value=high) for c in columns)


@cache
def discover() -> Mapping[str, tuple[Expectation, ...]]:
    """The expectations of every table, by listing this folder: a file NAME.py holds the tuple NAME."""
    names = sorted(p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_"))
    return {name: getattr(import_module(f"expectations.{name}"), name) for name in names}
