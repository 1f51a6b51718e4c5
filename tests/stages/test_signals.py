"""A signal names what it reads, and one document that it raises on does not cost the others."""

import sys

import pyarrow as pa
import pytest

import expectations
from headwater import registry, signals
from headwater.engine import Fate, Limited, Task
from headwater.engine.local import LocalEngine
from headwater.errors import MissingInput
from headwater.pipeline import DraftView
from headwater.stages.signals import measured
from tests.stages import work

PLAIN = ["the end", "boom", None, "and so to be"]
CODE = '''"""Source: this test."""

import numpy as np

from headwater.errors import MissingInput

VERSION = 1
COLUMNS = ("{column}",)
READS = ("url", "text")


def {name}(urls, texts):
    assert len(urls) == len(texts)
    if "{word}" in texts.to_pylist():
        raise {error}("no number for {word}")
    return {{"{column}": np.array([float(len(u or "")) for u in urls.to_pylist()])}}
'''


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Adds a signal that comes after those whose column it takes."""

    def add(name="words_fragile", word="boom", error="ValueError", column="words"):
        (tmp_path / f"{name}.py").write_text(CODE.format(name=name, word=word, error=error, column=column))
        monkeypatch.setattr(signals, "__path__", [*signals.__path__, str(tmp_path)])
        added.append(f"headwater.signals.{name}")

    added = []
    yield add
    registry.module.cache_clear()
    for name in added:
        sys.modules.pop(name, None)


class Unguarded:
    """Stands where a guard stands, in a process that must live on."""

    def start(self, offset, limit_s, stop):
        pass

    def stop(self):
        pass

    def at(self, step):
        pass


def batch(texts=PLAIN):
    n = len(texts)
    outcomes = ["kept" if t is not None else "quarantined" for t in texts]
    rules = [None if t is not None else "empty_page" for t in texts]
    words = {"doc_id": list(map(str, range(n))), "shard": ["s"] * n, "outcome": outcomes, "rule": rules}
    rest = {"detail": [None] * n, "language": ["en"] * n, "url": [f"http://h/{i * 'a'}" for i in range(n)]}
    columns = {k: pa.array(v, pa.string()) for k, v in {**words, **rest, "text": texts}.items()}
    columns |= {"chars": pa.array([len(t or "") for t in texts]), "language_score": pa.array([0.9] * n)}
    return pa.record_batch(columns)


def verdicts(found):
    return [(row["outcome"], row["rule"]) for row in found.to_pylist()]


def test_a_signal_is_given_the_columns_that_it_reads_in_order(shelf):
    shelf(word="nowhere")
    assert registry.reads("words_fragile") == ("url", "text")
    assert registry.reads("lines") == ("text",)
    found = measured(batch())
    assert found.column("words").to_pylist() == [9.0, 10.0, None, 12.0]


def test_a_document_that_a_signal_raises_on_is_quarantined_without_numbers(shelf):
    shelf()
    found = measured(batch()).to_pylist()
    assert (found[1]["outcome"], found[1]["rule"]) == ("quarantined", "signals.words_fragile")
    assert found[1]["detail"] == "ValueError"
    assert {found[1]["words"], found[1]["lines"]} == {None}


def test_the_documents_beside_it_are_measured_as_ever(shelf):
    shelf()
    found = measured(batch())
    assert verdicts(found)[0::3] == [("kept", None), ("kept", None)]
    assert found.column("words").to_pylist() == [9.0, None, None, 12.0]
    assert found.column("lines").to_pylist() == [1.0, None, None, 1.0]


def test_a_document_that_came_quarantined_keeps_its_reason(shelf):
    shelf()
    assert verdicts(measured(batch()))[2] == ("quarantined", "empty_page")


def test_of_two_signals_that_raise_the_first_is_the_reason(shelf):
    shelf()
    shelf("lines_fragile", column="lines")
    assert verdicts(measured(batch()))[1] == ("quarantined", "signals.lines_fragile")


def test_a_document_is_judged_alike_however_batches_are_cut(shelf):
    shelf()
    whole = batch()
    cut = pa.concat_tables(measured(whole.slice(i, 1)) for i in range(4))
    assert cut.equals(measured(whole).combine_chunks())


def test_a_document_that_was_lost_is_a_row_without_numbers_that_names_the_signal_and_why():
    task = Task("s", {}, poison={1: Fate("timeout", "signals.lines"), 3: Fate("crash")})
    clock = Limited(task, Unguarded(), 1e9)
    found = pa.concat_tables([measured(batch(), clock), measured(batch(), clock)]).to_pylist()
    assert [found[n]["outcome"] for n in (1, 3)] == ["quarantined"] * 2
    assert [(found[n]["rule"], found[n]["detail"]) for n in (1, 3)] == [
        ("signals.lines", "timeout"),
        ("signals", "crash"),
    ]
    assert {found[n][name] for n in (1, 3) for name in ("words", "lines")} == {None}
    assert found[5]["words"] is not None
    assert [found[n]["doc_id"] for n in range(8)] == [*"0123"] * 2


def test_a_signal_that_never_ends_on_a_document_costs_that_document_alone(tmp_path):
    engine = LocalEngine(1)
    (found,) = [made for _, made in engine.map(work.measure, [Task("s", {"texts": PLAIN, "folder": str(tmp_path)})])]
    engine.close()
    assert [row[:3] for row in found] == [
        ("kept", None, None), ("quarantined", "signals.words_endless", "timeout"),
        ("quarantined", "empty_page", None), ("kept", None, None),
    ]  # fmt: skip
    assert [row[3] for row in found] == [2.0, None, None, 4.0]


def test_an_error_of_the_installation_is_not_the_documents(shelf):
    shelf(error="MissingInput")
    with pytest.raises(MissingInput):
        measured(batch())


def test_too_many_quarantined_texts_fail_the_audit():
    said = {"rows": 10, "outcome_kept": 8, "outcome_quarantined": 2}
    wanted = [e for e in expectations.discover()["signals"] if e.name == "few_are_quarantined"]
    draft = DraftView("signals", {}, said, pa.table({"words": [1.0]}))
    (check,) = expectations.validate(draft, {**expectations.DEFAULTS, "max_quarantined": 0.1}, wanted)
    assert not check.passed
