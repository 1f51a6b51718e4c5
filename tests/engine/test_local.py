"""A record that hangs or kills its worker is named and left out; everything else is done."""

import re

import pytest

from headwater.engine import Task
from headwater.engine.local import LocalEngine
from headwater.errors import WorkerFailed
from tests.engine import work


@pytest.fixture(scope="module")
def engine():
    engine = LocalEngine(2)
    yield engine
    engine.close()


def results(engine, function, *shards, **arguments):
    tasks = [Task(shard, arguments) for shard in shards or ("s",)]
    return {task.shard: found for task, found in engine.map(function, tasks)}


def test_every_task_is_done_once(engine):
    found = [task.shard for task, _ in engine.map(work.fine, [Task(f"s{i}", {}) for i in range(9)])]
    assert sorted(found) == [f"s{i}" for i in range(9)]


def test_no_tasks_need_no_workers():
    engine = LocalEngine(2)
    assert list(engine.map(work.fine, [])) == []
    assert engine._pool is None


@pytest.mark.parametrize("hang", [work.hang_in_a_regular_expression, work.hang_in_the_parser])
def test_a_record_that_hangs_in_native_code_is_stopped_at_the_limit_and_blamed(engine, hang):
    assert results(engine, hang, limit_s=0.5) == {"s": {0: "fine", 10: "timeout", 20: "fine"}}


def test_a_record_whose_worker_dies_of_a_bad_address_is_blamed(engine):
    assert results(engine, work.read_from_nowhere) == {"s": {0: "fine", 10: "crash", 20: "fine"}}


def test_a_record_whose_worker_aborts_is_blamed(engine):
    assert results(engine, work.abort) == {"s": {0: "fine", 10: "crash", 20: "fine"}}


def test_a_record_at_which_every_attempt_is_killed_is_blamed(engine):
    assert results(engine, work.killed_at_a_record) == {"s": {0: "fine", 10: "crash", 20: "fine"}}


def test_a_worker_killed_between_records_is_tried_again_and_no_record_is_blamed(engine, tmp_path):
    found = results(engine, work.killed_once, mark=str(tmp_path / "mark"))
    assert found == {"s": dict.fromkeys(work.RECORDS, "fine")}


def test_a_worker_that_is_killed_every_time_ends_the_run_and_its_shard_is_named(engine):
    with pytest.raises(WorkerFailed, match=r"shard s7: its worker died 3 times, last with exit code -9"):
        results(engine, work.killed_always, "s7")


def test_an_exception_in_a_worker_names_the_shard_and_what_was_wrong(engine):
    with pytest.raises(WorkerFailed, match=re.escape("shard s3: ValueError('no such colour')")):
        results(engine, work.raises, "s3")


def test_an_engine_works_on_after_a_failure(engine):
    with pytest.raises(WorkerFailed):
        results(engine, work.raises, "s0", "s1", "s2", "s3", "s4", "s5")
    assert len(results(engine, work.fine, "a", "b")) == 2


def test_a_bad_shard_costs_the_others_nothing(engine):
    found = results(engine, work.hang_in_shard_bad, "a", "bad", "c", limit_s=0.5)
    assert found.pop("bad")[10] == "timeout"
    assert found == {s: dict.fromkeys(work.RECORDS, "fine") for s in ("a", "c")}


def test_the_limit_is_of_processor_time_so_waiting_costs_nothing(engine):
    assert results(engine, work.slow_but_idle, limit_s=0.3) == {"s": dict.fromkeys(work.RECORDS, "fine")}


def test_no_more_processes_work_than_were_asked_for(engine):
    assert len(set(results(engine, work.pid, *(f"s{i}" for i in range(12))).values())) <= 2
