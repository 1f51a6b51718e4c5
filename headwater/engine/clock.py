"""The limit on the processor time of each document, where a stage works on many at once.

The limit is set for a stretch of documents at a time. Where it is over, all of the stretch are done again one by one,
each with the whole limit: so only a document that is over it by itself is lost, and no result depends on the cuts.
"""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from headwater.engine.task import Fate, Guard, Task

R = TypeVar("R")
# A stretch is cut so that it takes about this share of the limit: a slow step must not cost a worker for each batch.
SHARE = 0.25


class Clock:
    """No limit: everything at once."""

    def at(self, step: str) -> None:
        """The step that begins."""

    def each(self, n: int, work: Callable[[int, int], R], lost: Callable[[int, Fate], R]) -> Iterator[R]:
        """`work(start, stop)` over n documents, `lost(place, fate)` for each that must not be tried, in order."""
        if n:
            yield work(0, n)


UNLIMITED = Clock()


class Limited(Clock):
    """At most `limit_s` seconds for a document of one task, whose documents are given in the same order every time.

    `lane` tells apart several runs through the same task.
    """

    def __init__(self, task: Task, guard: Guard, limit_s: float, lane: int = 0) -> None:
        self._task, self._guard, self._limit_s = task, guard, limit_s
        self._next, self._most = lane << 40, 0

    def at(self, step: str) -> None:
        """The step that begins: the one to blame where the limit is over before another begins."""
        self._guard.at(step)

    def each(self, n: int, work: Callable[[int, int], R], lost: Callable[[int, Fate], R]) -> Iterator[R]:
        """`work(start, stop)` over stretches of n documents, `lost(place, fate)` for each that must not be tried."""
        first, self._next = self._next, self._next + n
        start = 0
        while start < n:
            fate = self._task.poison.get(first + start)
            if fate is not None:
                yield lost(start, fate)
                start += 1
                continue
            stop = min(n, self._stop(first + start, first + n) - first)
            yield self._timed(first, start, stop, work)
            start = stop

    def _stop(self, place: int, end: int) -> int:
        """Where the stretch that begins at a place ends: before what is to be left out or to be done alone."""
        if any(start <= place < stop for start, stop in self._task.alone):
            return place + 1
        borders = [*self._task.poison, *(start for start, _ in self._task.alone), end]
        stop = min(border for border in borders if border > place)
        return min(stop, place + self._most) if self._most else stop

    def _timed(self, first: int, start: int, stop: int, work: Callable[[int, int], R]) -> R:
        begun = time.process_time()
        self._guard.start(first + start, self._limit_s, first + stop)
        try:
            return work(start, stop)
        finally:
            self._guard.stop()
            took = max(time.process_time() - begun, 1e-6)
            self._most = max(1, int((stop - start) * SHARE * self._limit_s / took))
