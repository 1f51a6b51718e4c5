"""An expectation is answered on a draft's facts, outcomes or rows; one that cannot be evaluated is an error."""

import pyarrow as pa
import pytest

import expectations
from expectations._expectation import Expectation, facts, few_quarantined, known_outcomes, rows, where, within_ceiling
from headwater.document import OUTCOMES
from headwater.errors import HeadwaterError
from headwater.lake.tables import TABLES
from headwater.pipeline import DraftView

# Releases, takedowns and the audit log are written down by people's commands, and never drafted by a run.
MADE = sorted(set(TABLES) - {"releases", "takedowns", "audit_log"})


def view(table="raw", outcomes=None, sample=None, **given):
    counts = outcomes or {}
    said = {"rows": sum(counts.values()), "outcomes": counts, **{f"outcome_{k}": v for k, v in counts.items()}}
    return DraftView(table, {}, {**said, **given}, pa.table(sample or {"value": [1.0]}))


def ask(draft, *wanted, **parameters):
    return {c.name: c for c in expectations.validate(draft, {**expectations.DEFAULTS, **parameters}, wanted)}


def test_too_many_quarantined_rows_fail_and_say_the_share():
    found = ask(view(outcomes={"kept": 80, "quarantined": 20}), few_quarantined())["few_are_quarantined"]
    assert not found.passed
    assert found.blocking
    assert found.observed == "quarantined_share is 0.2; max_value 0.1"


def test_the_most_frequent_reason_is_named_where_too_many_are_quarantined():
    draft = view(outcomes={"kept": 80, "quarantined": 20}, most_quarantined="filters.touchy (18)")
    found = ask(draft, few_quarantined())["few_are_quarantined"]
    assert found.observed == "quarantined_share is 0.2; max_value 0.1; most by filters.touchy (18)"
    assert "most by" not in ask(draft, few_quarantined(), max_quarantined=0.5)["few_are_quarantined"].observed


def test_the_limit_comes_from_the_settings():
    draft = view(outcomes={"kept": 80, "quarantined": 20})
    assert ask(draft, few_quarantined(), max_quarantined=0.2)["few_are_quarantined"].passed


def test_an_unknown_outcome_fails_wherever_its_rows_are():
    wanted = known_outcomes("kept", "dropped")
    assert ask(view(outcomes={"kept": 10**9, "lost": 1}), wanted)["outcomes_are_known"].passed is False
    assert ask(view(outcomes={"kept": 10**9, "dropped": 1}), wanted)["outcomes_are_known"].passed is True


def test_a_condition_leaves_other_rows_out():
    kind, lowest = "expect_column_values_to_be_between", {"column": "similarity", "min_value": 0.8}
    wanted = rows("high", kind, **lowest, row_condition=where("accepted", "==", True))
    sample = {"similarity": [0.9, 0.1], "accepted": [True, False]}
    assert ask(view(sample=sample), wanted)["high"].passed
    assert not ask(view(sample={**sample, "accepted": [True, True]}), wanted)["high"].passed


def test_what_a_page_said_is_not_repeated():
    secret = "<script>alert(1)</script>"
    wanted = rows("plain", "expect_column_values_to_be_in_set", column="url", value_set=["a"])
    found = ask(view(sample={"url": [secret]}), wanted)["plain"]
    assert found.observed == "1 of 1 unexpected in rows"


def test_a_failure_is_told_in_the_words_of_a_fact():
    wanted = within_ceiling("few", "rows", "ceiling", said="words")
    draft = view(outcomes={"kept": 3}, ceiling=2, words="3 rows, 2 are the most")
    assert ask(draft, wanted)["few"].observed == "3 rows, 2 are the most"
    assert "most" not in ask(view(outcomes={"kept": 2}, ceiling=2, words="the most"), wanted)["few"].observed


def test_a_warning_does_not_block():
    wanted = facts("none", "expect_column_max_to_be_between", column="rows", max_value=0, blocking=False)
    found = ask(view(outcomes={"kept": 1}), wanted)["none"]
    assert (found.passed, found.blocking) == (False, False)


def test_an_expectation_about_a_missing_column_is_an_error_not_a_failure():
    wanted = facts("wrong", "expect_column_max_to_be_between", column="no_such_fact", max_value=0)
    with pytest.raises(HeadwaterError, match=r"wrong of raw cannot be evaluated: .*no_such_fact"):
        ask(view(), wanted)


def test_every_table_of_documents_has_expectations():
    assert set(expectations.discover()) == set(MADE)


@pytest.mark.parametrize("table", MADE)
def test_names_are_unique_and_columns_exist(table):
    wanted = expectations.discover()[table]
    assert len({e.name for e in wanted}) == len(wanted)
    assert {c for e in wanted for c in columns_of(e)} <= known(table)


def columns_of(expectation: Expectation):
    return [v for k, v in expectation.arguments.items() if k in ("column", "column_A", "column_B")]


def known(table):
    columns = TABLES[table].schema.names
    counted = {f"nulls_{c}" for c in columns} | {f"outcome_{o}" for o in OUTCOMES}
    return {
        *columns,
        *counted,
        "rows",
        "repeated_keys",
        "not_kept",
        "not_duplicate",
        "quarantined_share",
        "nothing_found_share",
        "outcome",
        *(MEASURED if table == "deduped" else ()),
    }


# What the stage of `deduped` measures of a draft without rows, besides what is said in words.
MEASURED = {
    "owe_no_cluster": 0,
    "largest_cluster": 0,
    "largest_cluster_ceiling": 100,
    "most_removed_share": 0.0,
    "most_removed_ceiling": 0.9,
}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_draft_without_rows_is_judged_without_an_error(table):
    described = TABLES[table]
    nothing = {f"nulls_{c}": 0 for c in described.schema.names} | {"repeated_keys": 0, **MEASURED}
    empty = described.schema.empty_table()
    checks = expectations.validate(DraftView(table, {}, {"rows": 0, "outcomes": {}, **nothing}, empty))
    assert {c.name for c in checks if not c.passed} <= {"there_are_rows", "there_is_one_model"}
