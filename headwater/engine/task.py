"""What travels to a worker, and how a worker says which record it is at, so that a killing record can be named."""

import mmap
import signal
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

_NOTHING = -1
_LAYOUT = struct.Struct("<qq128s")
_STEP = struct.Struct("<128s")


class Blame(NamedTuple):
    """What a worker was at when it died: records from `offset` to before `stop`, and the step where one is known."""

    offset: int
    stop: int
    step: str = ""


class Fate(NamedTuple):
    """Why a record must not be tried again (`timeout`, `crash`), and at which step; empty where no step is known."""

    why: str
    step: str = ""


@dataclass(frozen=True)
class Task:
    """One shard's work: plain data only, so that it can be sent anywhere.

    `poison` maps the offset of a record to why it must not be tried again. `alone` are stretches of records that killed
    a worker together: each is to be tried by itself, so that the one at fault is known.
    """

    shard: str
    arguments: Mapping[str, Any]
    poison: Mapping[int, Fate] = field(default_factory=dict)
    alone: Sequence[tuple[int, int]] = ()

    def without(self, blame: Blame, why: str) -> "Task":
        """The same task with one more record that is not to be tried, or with more to be tried one by one."""
        if blame.stop - blame.offset > 1:
            return replace(self, alone=(*self.alone, (blame.offset, blame.stop)))
        return replace(self, poison={**self.poison, blame.offset: Fate(why, blame.step)})


class Guard:
    """Limits the CPU time of one record from outside Python: the kernel ends the process when time is up.

    A parser that hangs in native code cannot be interrupted by an exception or a thread, so the worker dies by SIGPROF
    and the engine, which reads from `path` the record that was being worked on, runs the shard again without it.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), _LAYOUT.size)

    def __enter__(self) -> "Guard":
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()
        self._map.close()
        self._file.close()

    def start(self, offset: int, limit_s: float, stop: int | None = None) -> None:
        """Work on the record at `offset`, or on those before `stop`, begins: at most `limit_s` seconds of CPU time."""
        _LAYOUT.pack_into(self._map, 0, offset, offset + 1 if stop is None else stop, b"")
        signal.setitimer(signal.ITIMER_PROF, limit_s)

    def at(self, step: str) -> None:
        """The step that begins on what is being worked on."""
        _STEP.pack_into(self._map, _LAYOUT.size - _STEP.size, step.encode())

    def stop(self) -> None:
        """Work on the record is over."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        _LAYOUT.pack_into(self._map, 0, _NOTHING, _NOTHING, b"")

    @staticmethod
    def prepare(path: Path) -> None:
        """Make the file that a worker and its engine share."""
        path.write_bytes(_LAYOUT.pack(_NOTHING, _NOTHING, b""))

    @staticmethod
    def blamed(path: Path) -> Blame | None:
        """What a dead worker was at; None where it was between records."""
        offset, stop, step = _LAYOUT.unpack(path.read_bytes())
        return None if offset == _NOTHING else Blame(offset, stop, step.rstrip(b"\0").decode(errors="replace"))
