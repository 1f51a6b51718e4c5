"""The one seam for parallel work: `engine.map(function, tasks)`, on one machine or on a cluster."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from headwater.engine.clock import UNLIMITED, Clock, Limited
from headwater.engine.task import Fate, Guard, Task

R = TypeVar("R")

__all__ = ["UNLIMITED", "Clock", "Engine", "Fate", "Guard", "Limited", "Task"]


class Engine(Protocol):
    """Runs a module-level function over tasks, each in a worker process that may be killed and replaced."""

    workers: int

    def map(self, function: Callable[[Task, Guard], R], tasks: Sequence[Task]) -> Iterator[tuple[Task, R]]:
        """Results in order of completion. Raises WorkerFailed for a task that cannot be finished."""
        ...
