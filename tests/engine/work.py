"""What workers are asked to do in the tests: succeed, hang, die and raise."""

import ctypes
import os
import re
import signal
import time
from pathlib import Path

from headwater.engine import Limited

RECORDS = (0, 10, 20)


def _each(task, guard, act):
    """Work on three records, the second of which is bad; gives each record's fate."""
    fates = {}
    for offset in RECORDS:
        if offset in task.poison:
            fates[offset] = task.poison[offset].why
            continue
        guard.start(offset, task.arguments.get("limit_s", 30.0))
        if offset == 10:
            act()
        guard.stop()
        fates[offset] = "fine"
    return fates


def fine(task, guard):
    return _each(task, guard, lambda: None)


def hang_in_a_regular_expression(task, guard):
    return _each(task, guard, lambda: re.match(r"(a+)+$", "a" * 64 + "b"))


def hang_in_shard_bad(task, guard):
    return (hang_in_a_regular_expression if task.shard == "bad" else fine)(task, guard)


def hang_in_the_parser(task, guard):
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    html = "<div>" * 200_000 + "x"
    return _each(task, guard, lambda: extract_plain_text(HTMLTree.parse(html), main_content=True))


def read_from_nowhere(task, guard):
    return _each(task, guard, lambda: ctypes.string_at(0))


def abort(task, guard):
    return _each(task, guard, os.abort)


def killed_once(task, guard):
    """Dies between records the first time."""
    mark = Path(task.arguments["mark"])
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return fine(task, guard)


def killed_always(task, guard):
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at_a_record(task, guard):
    return _each(task, guard, lambda: os.kill(os.getpid(), signal.SIGKILL))


def raises(task, guard):
    raise ValueError("no such colour")


def slow_but_idle(task, guard):
    """Waits longer than the limit without using the processor, as a page read over a slow line does."""
    return _each(task, guard, lambda: time.sleep(1.0))


def pid(task, guard):
    time.sleep(0.05)
    return os.getpid()


def batches(task, guard):
    """Work on documents in batches of 8 under a limit; some hang, abort or are slow. Gives each document's fate."""
    said = task.arguments
    clock = Limited(task, guard, said["limit_s"])

    def some(start, stop):
        clock.at("filters.quick")
        clock.at("filters.slow")
        for place in range(first + start, first + stop):
            if place in said.get("hangs", ()):
                re.match(r"(a+)+$", "a" * 64 + "b")
            if place in said.get("aborts", ()):
                os.abort()
            until = time.process_time() + said.get("slow_s", 0)
            while time.process_time() < until:
                pass
        return list(range(first + start, first + stop))

    found = []
    for first in range(0, said["n"], 8):
        for made in clock.each(min(8, said["n"] - first), some, lambda place, fate: [tuple(fate)]):
            found += made
    return found


def compiles(task, guard):
    """Compile: whether that took longer than the limit, and whether the limit is still on afterwards."""
    from numba import njit

    import headwater.text.kernels  # noqa: F401  # it is this that stops the timer

    lines = [f"    x = x * {n} + x // {n + 1} if x % {n + 2} else x - {n}" for n in range(2, 300)]
    source = "\n".join(["def f(x):", *lines, "    return x"])
    found = {}
    exec(source, found)  # a function that takes long to compile
    guard.start(0, task.arguments["limit_s"])
    begun = time.process_time()
    njit("int64(int64)")(found["f"])
    took = time.process_time() - begun
    left, _ = signal.getitimer(signal.ITIMER_PROF)
    guard.stop()
    return took > task.arguments["limit_s"], left > 0
