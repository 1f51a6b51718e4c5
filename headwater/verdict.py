"""What a list of filters decides about each document: kept, or the first rule it breaks, with value and threshold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.document import Columns, Finding
from headwater.registry import step


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision a document; `rule`, `value` and `threshold` are null where it is kept."""

    dropped: npt.NDArray[np.bool_]
    rule: pa.StringArray
    value: pa.DoubleArray
    threshold: pa.DoubleArray


def apply(filters: Sequence[tuple[str, Mapping[str, Any]]], columns: Columns) -> Verdict:
    """Judge documents by filters, each a name and its options, in order.

    The rule reads `gopher_quality.min_words`. A value that is NaN was not measured: it breaks every rule that asks for
    it, and stays NaN in `value`, so that nothing passes unseen.
    """
    findings = list(_findings(filters, columns))
    n = len(next(iter(columns.values()))) if columns else 0
    first = np.full(n, -1)
    value, threshold = np.zeros(n), np.zeros(n)
    for number, (_, finding) in enumerate(findings):
        new = (first < 0) & (finding.broken | np.isnan(finding.value))
        first[new], value[new], threshold[new] = number, finding.value[new], finding.threshold
    kept = first < 0
    names = pa.array([name for name, _ in findings], pa.string())
    return Verdict(
        dropped=~kept,
        rule=names.take(pa.array(first, mask=kept)),
        value=pa.array(value, mask=kept, from_pandas=False),
        threshold=pa.array(threshold, mask=kept),
    )


def _findings(filters: Sequence[tuple[str, Mapping[str, Any]]], columns: Columns) -> Iterator[tuple[str, Finding]]:
    for name, options in filters:
        for finding in step("filters", name)(columns, **options):
            yield f"{name}.{finding.rule}", finding
