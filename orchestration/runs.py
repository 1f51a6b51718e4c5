"""Runs whose process is gone: a killed run would keep its pools, and the next one would wait for them for ever."""

import os
import socket
from pathlib import Path

import dagster as dg

PROCESS = "headwater/process"
# Names the recipe that a crawl is ingested for; without it the crawl is ingested for all automatic ones.
RECIPE = "headwater/recipe"
ALIVE = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def process_tag() -> dict[str, str]:
    """Names this process, so that others can tell whether it still lives."""
    return {PROCESS: f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())}"}


def settle(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs of dead processes of this machine as failed and give their pools back; gives their ids."""
    runs = instance.get_runs(dg.RunsFilter(statuses=ALIVE))
    dead = [run for run in runs if _is_gone(_process(instance, run))]
    for run in dead:
        instance.report_run_failed(run, "Its process is gone; run it again: finished parts are kept.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in dead]


def _process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str | None:
    """The process of a run. A run that the UI repeats has the tags of the first one, and so not its own process."""
    tag = run.tags.get(PROCESS)
    parent = None if run.parent_run_id is None else instance.get_run_by_id(run.parent_run_id)
    return None if parent is not None and parent.tags.get(PROCESS) == tag else tag


def _is_gone(tag: str | None) -> bool:
    if tag is None:
        return False
    host, pid, started = tag.split(" ")
    return host == socket.gethostname() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process started, in ticks since boot, where the system tells: a pid alone is used again."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        return stat.read_text().rpartition(")")[2].split()[19]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    return "unknown"
