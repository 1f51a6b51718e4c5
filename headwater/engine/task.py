"""What travels to a worker, and how a worker says which record it is at, so that a killing record can be named."""

import mmap
import signal
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

_NOTHING = -1
_LAYOUT = struct.Struct("<q")


@dataclass(frozen=True)
class Task:
    """One shard's work: plain data only, so that it can be sent anywhere.

    `poison` maps a record's offset to why it must not be tried again (`timeout`, `crash`).
    """

    shard: str
    arguments: Mapping[str, Any]
    poison: Mapping[int, str] = field(default_factory=dict)

    def without(self, offset: int, why: str) -> "Task":
        """The same task with one more record that is not to be tried."""
        return replace(self, poison={**self.poison, offset: why})


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

    def start(self, offset: int, limit_s: float) -> None:
        """Work on the record at `offset` begins and may take `limit_s` seconds of CPU time."""
        _LAYOUT.pack_into(self._map, 0, offset)
        signal.setitimer(signal.ITIMER_PROF, limit_s)

    def stop(self) -> None:
        """Work on the record is over."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        _LAYOUT.pack_into(self._map, 0, _NOTHING)

    @staticmethod
    def prepare(path: Path) -> None:
        """Make the file that a worker and its engine share."""
        path.write_bytes(_LAYOUT.pack(_NOTHING))

    @staticmethod
    def blamed(path: Path) -> int | None:
        """Offset of the record a dead worker was at; None where it was between records."""
        offset: int = _LAYOUT.unpack(path.read_bytes())[0]
        return None if offset == _NOTHING else offset
