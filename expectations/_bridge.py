"""Expectations answered by Great Expectations, each as one check. The library never sees it."""

import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from expectations._expectation import Expectation, discover
from headwater.document import OUTCOMES
from headwater.errors import HeadwaterError
from headwater.lake.audit import Check
from headwater.pipeline import DraftView

DEFAULTS: Mapping[str, Any] = {"max_quarantined": 0.1}


def validate(
    view: DraftView, parameters: Mapping[str, Any] = DEFAULTS, given: Sequence[Expectation] | None = None
) -> list[Check]:
    """The answer to every expectation of the view's table, in the order of its file.

    An expectation that cannot be evaluated raises: that is a fault of the expectation, not of the data.
    """
    wanted = discover().get(view.table, ()) if given is None else given
    frames = _frames(view)
    answers: dict[str, Check] = {}
    for name, frame in frames.items():
        some = [e for e in wanted if e.frame == name]
        if some:
            answers.update(_answers(view.table, some, frame, parameters))
    return [answers[e.name] for e in wanted]


def _frames(view: DraftView) -> dict[str, Any]:
    import pandas as pd  # type: ignore[import-untyped]

    facts: dict[str, Any] = {f"outcome_{outcome}": 0 for outcome in OUTCOMES}
    facts.update({name: value for name, value in view.facts.items() if not isinstance(value, Mapping)})
    facts["not_kept"] = facts["rows"] - facts["outcome_kept"]
    facts["not_duplicate"] = facts["rows"] - facts["outcome_duplicate"]
    # Some extractors find nothing on many pages; that is their answer, and no failure.
    failed = facts["outcome_quarantined"] - facts.get("nothing_found", 0)
    facts["quarantined_share"] = failed / max(1, facts["rows"])
    facts["nothing_found_share"] = facts.get("nothing_found", 0) / max(1, facts["rows"])
    outcomes = view.facts.get("outcomes") or {}
    by_outcome = pd.DataFrame({"outcome": list(outcomes), "count": list(outcomes.values())})
    return {"facts": pd.DataFrame([facts]), "outcomes": by_outcome, "rows": view.sample.to_pandas()}


def _answers(table: str, wanted: Sequence[Expectation], frame: Any, parameters: Mapping[str, Any]) -> dict[str, Check]:
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("draft").add_dataframe_asset(table)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame})
    suite = gx.ExpectationSuite(name=table, expectations=[_configured(e) for e in wanted])
    # BASIC keeps a few offending values; they are dropped below, because a report must not repeat what pages said.
    results = batch.validate(suite, expectation_parameters=dict(parameters), result_format="BASIC").results
    by_name = {result.expectation_config.meta["name"]: result for result in results}
    return {e.name: _check(table, e, by_name[e.name], frame) for e in wanted}


def _configured(expectation: Expectation) -> Any:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    meta = {"name": expectation.name}
    return ExpectationConfiguration(expectation.kind, dict(expectation.arguments), meta=meta).to_domain_obj()


def _check(table: str, expectation: Expectation, result: Any, frame: Any) -> Check:
    said = _raised(result.exception_info or {})
    if said is not None:
        raise HeadwaterError(f"expectation {expectation.name} of {table} cannot be evaluated: {said}; correct its file")
    observed = _observed(expectation, result)
    if expectation.cause is not None and not result.success:
        most = frame.get(expectation.cause, [""])[0]
        observed += f"; most by {most}" if most else ""
    if expectation.said is not None and not result.success:
        observed = str(frame[expectation.said][0])
    return Check(expectation.name, bool(result.success), expectation.blocking, observed)


def _raised(info: Mapping[str, Any]) -> str | None:
    """What an expectation raised: one record, or one for each metric that it needs."""
    records = [info] if "raised_exception" in info else list(info.values())
    return next((str(r["exception_message"]) for r in records if r.get("raised_exception")), None)


def _observed(expectation: Expectation, result: Any) -> str:
    numbers = result.result
    limits = {k: v for k, v in result.expectation_config.kwargs.items() if k in ("min_value", "max_value")}
    said = ", ".join(f"{k} {v:g}" for k, v in limits.items() if isinstance(v, int | float))
    if isinstance(numbers.get("observed_value"), int | float):
        column = expectation.arguments.get("column", "observed")
        return f"{column} is {numbers['observed_value']:g}" + (f"; {said}" if said else "")
    counted, wrong = numbers.get("element_count"), numbers.get("unexpected_count", 0)
    seen = f"{wrong} unexpected" if counted is None else f"{wrong} of {counted} unexpected"
    return f"{seen} in {expectation.frame}" + (f"; {said}" if said else "")


@cache
def _great_expectations() -> Any:
    """Imported when the first draft is audited: it takes seconds and warns of its own use of old modules."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations as gx
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    return gx
