"""What filters decide about each document: kept, or the first rule it breaks, with value and threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.document import Finding
from headwater.errors import BrokenContract

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision a document; `rule`, `value` and `threshold` are null where it is kept."""

    dropped: Flags
    rule: pa.StringArray
    value: pa.DoubleArray
    threshold: pa.DoubleArray


class Verdicts:
    """Decisions on n documents as rules are applied in order: the first one that is broken stands.

    A value that is NaN was not measured: it breaks every rule that asks for it, and stays NaN in `value`, so that
    nothing passes unseen.
    """

    def __init__(self, n: int) -> None:
        self._first = np.full(n, -1)
        self._value, self._threshold = np.zeros(n), np.zeros(n)
        self._rules: list[str] = []

    @property
    def open(self) -> Flags:
        """Documents (n,) that have broken no rule yet."""
        found: Flags = self._first < 0
        return found

    def add(self, rule: str, finding: Finding, among: Flags | None = None) -> None:
        """Apply one more rule, to all documents or `among` (n,) alone."""
        new = self.open & (finding.broken | np.isnan(finding.value))
        if among is not None:
            new &= among
        self._first[new] = len(self._rules)
        self._value[new], self._threshold[new] = finding.value[new], finding.threshold
        self._rules.append(rule)

    def said(self) -> Verdict:
        """The decisions so far."""
        kept = self.open
        return Verdict(
            dropped=~kept,
            rule=pa.array(self._rules, pa.string()).take(pa.array(self._first, mask=kept)),
            value=pa.array(self._value, mask=kept, from_pandas=False),
            threshold=pa.array(self._threshold, mask=kept),
        )


def checked(name: str, findings: Any, n: int) -> Sequence[Finding]:
    """What the filter `name` found on n documents. Raises BrokenContract where its contract (Finding) is not kept.

    Of no documents the kind of numbers is not asked for: an array made of an empty list is of floats.
    """
    if not isinstance(findings, Sequence) or not all(isinstance(each, Finding) for each in findings):
        raise BrokenContract(f"filter {name!r}: it must give a list of Finding, not {type(findings).__name__}; mend it")
    for each in findings:
        for field, wanted in (("value", np.float64), ("broken", np.bool_)):
            given = getattr(each, field)
            array = isinstance(given, np.ndarray)
            if not array or given.shape != (n,) or (n and given.dtype != wanted):
                what = f"{given.dtype} of {given.shape}" if array else type(given).__name__
                raise BrokenContract(
                    f"filter {name!r}: {field} of rule {each.rule!r} must be a {np.dtype(wanted)} array of {(n,)}, "
                    f"not {what}; mend the filter"
                )
    return findings
