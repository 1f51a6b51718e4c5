"""A document that takes too long is known by itself and by its step, whatever it was worked on with."""

import pytest

from headwater.engine import Clock, Fate, Limited, Task
from headwater.engine.local import LocalEngine
from tests.engine import work

N = 40


@pytest.fixture(scope="module")
def engine():
    engine = LocalEngine(2)
    yield engine
    engine.close()


def fates(engine, **arguments):
    tasks = [Task("s", {"n": N, "limit_s": 0.4, **arguments})]
    return [found for _, found in engine.map(work.batches, tasks)]


def test_a_document_that_hangs_is_named_with_its_step_and_the_others_are_done(engine):
    (found,) = fates(engine, hangs=[17])
    assert found == [*range(17), ("timeout", "filters.slow"), *range(18, N)]


def test_several_that_hang_are_each_named(engine):
    (found,) = fates(engine, hangs=[0, 18, 19, N - 1])
    assert [place for place, fate in enumerate(found) if fate != place] == [0, 18, 19, N - 1]


def test_documents_that_are_over_the_limit_only_together_are_all_done(engine):
    (found,) = fates(engine, slow_s=0.04)
    assert found == list(range(N))


def test_a_document_that_kills_its_worker_in_a_batch_is_named(engine):
    (found,) = fates(engine, aborts=[5])
    assert found[5] == ("crash", "filters.slow")
    assert found[:5] + found[6:] == [*range(5), *range(6, N)]


class Still:
    """Stands where a guard stands, in a process that must live on; keeps what it was told."""

    def __init__(self):
        self.told = []

    def start(self, offset, limit_s, stop):
        self.told.append((offset, stop))

    def stop(self):
        pass

    def at(self, step):
        pass


def stretches(task, *sizes, lane=0, limit_s=1e9):
    guard = Still()
    clock = Limited(task, guard, limit_s, lane)
    found = [made for n in sizes for made in clock.each(n, lambda a, b: list(range(a, b)), lambda p, f: (p, f))]
    return guard.told, found


def test_without_trouble_a_batch_is_one_stretch():
    assert stretches(Task("s", {}), 10, 5) == ([(0, 10), (10, 15)], [list(range(10)), list(range(5))])


def test_only_the_stretch_that_was_over_the_limit_is_done_one_by_one():
    told, _ = stretches(Task("s", {}, alone=[(10, 13)]), 10, 5)
    assert told == [(0, 10), (10, 11), (11, 12), (12, 13), (13, 15)]


def test_what_must_not_be_tried_is_never_begun():
    told, found = stretches(Task("s", {}, poison={3: Fate("timeout", "filters.x")}), 6)
    assert told == [(0, 3), (4, 6)]
    assert found == [[0, 1, 2], (3, Fate("timeout", "filters.x")), [4, 5]]


def test_texts_by_several_extractors_are_told_apart():
    poison = {(1 << 40) + 1: Fate("timeout", "")}
    assert stretches(Task("s", {}, poison=poison), 3, lane=0)[1] == [[0, 1, 2]]
    assert stretches(Task("s", {}, poison=poison), 3, lane=1)[1] == [[0], (1, Fate("timeout", "")), [2]]


def test_no_documents_are_no_stretch():
    assert stretches(Task("s", {}), 0) == ([], [])
    assert list(Clock().each(0, lambda a, b: 1, lambda p, f: 2)) == []


def test_without_a_limit_everything_is_one_stretch():
    assert list(Clock().each(7, lambda a, b: (a, b), lambda p, f: 2)) == [(0, 7)]


def test_compiling_is_not_counted(engine):
    assert [found for _, found in engine.map(work.compiles, [Task("s", {"limit_s": 0.5})])] == [(True, True)]
