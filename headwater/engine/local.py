"""Worker processes on this machine, by pebble: the pool outlives the death of a worker."""

import atexit
import logging
import multiprocessing
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from headwater import registry
from headwater.engine.task import Guard, Task
from headwater.errors import HeadwaterError, WorkerFailed

R = TypeVar("R")
log = logging.getLogger(__name__)

# A worker that dies between records is tried this often: the machine may have been short of memory for a moment.
ATTEMPTS = 3


def _run(function: Callable[[Task, Guard], R], task: Task, progress: Path) -> R:
    with Guard(progress) as guard:
        return function(task, guard)


def _begin(steps: Path | None) -> None:
    # Ctrl-C reaches the whole process group; the driver alone decides what to do with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if steps is not None:
        registry.extend(steps)


class LocalEngine:
    """Worker processes, started when first needed and kept for the life of the program.

    `steps` is the folder of a project's own steps, which the workers find as well.
    """

    def __init__(self, workers: int, steps: Path | None = None) -> None:
        self.workers, self._steps = workers, steps
        self._pool: ProcessPool | None = None

    def _started(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPool(
                max_workers=self.workers, context=context, initializer=_begin, initargs=[self._steps]
            )
            atexit.register(self.close)
        return self._pool

    def close(self) -> None:
        """End the workers now."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble has no types here
            self._pool.join()
            self._pool = None

    def map(self, function: Callable[[Task, Guard], R], tasks: Sequence[Task]) -> Iterator[tuple[Task, R]]:
        """Results in order of completion. A record that kills its worker is left out of a second try, by name."""
        with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
            queue = list(reversed(tasks))
            running: dict[Future[R], tuple[Task, Path, int]] = {}
            try:
                while queue or running:
                    while queue and len(running) < 2 * self.workers:
                        self._submit(running, function, queue.pop(), Path(folder), 1)
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        task, progress, attempt = running.pop(future)
                        again = _without_killer(future, task, progress, attempt)
                        if again is None:
                            yield task, future.result()
                        else:
                            self._submit(running, function, *again[:1], Path(folder), again[1])
            finally:
                for future in running:
                    future.cancel()

    def _submit(
        self, running: dict[Any, Any], function: Callable[[Task, Guard], R], task: Task, folder: Path, attempt: int
    ) -> None:
        progress = folder / f"{task.shard}.{len(task.poison)}.{len(task.alone)}.{attempt}"
        Guard.prepare(progress)
        future = self._started().schedule(_run, args=[function, task, progress])
        running[future] = (task, progress, attempt)


def _without_killer(future: Future[R], task: Task, progress: Path, attempt: int) -> tuple[Task, int] | None:
    """What to run in place of a task whose worker died: (task, attempt). None where the task is finished."""
    error = future.exception()
    if error is None:
        return None
    if not isinstance(error, ProcessExpired):
        raise error if isinstance(error, HeadwaterError) else WorkerFailed(f"shard {task.shard}: {error!r}") from error
    blame = Guard.blamed(progress)
    killed_by_record = error.exitcode in (-signal.SIGPROF, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS)
    log.warning("worker died", extra={"shard": task.shard, "at": blame, "exit": error.exitcode})
    if blame is not None and (killed_by_record or attempt == ATTEMPTS):
        return task.without(blame, "timeout" if error.exitcode == -signal.SIGPROF else "crash"), 1
    if attempt < ATTEMPTS:
        return task, attempt + 1
    raise WorkerFailed(f"shard {task.shard}: its worker died {attempt} times, last with exit code {error.exitcode}")
