"""A lake that is only read: what is written goes to a folder of this machine, and hides what it would replace."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from headwater.lake.storage import Storage


@dataclass(frozen=True)
class Overlay(Storage):
    """The files of a lake under those of `folder`. Names in a folder are those that were written here."""

    folder: str = ""

    @cached_property
    def _written(self) -> Storage:
        return Storage(self.folder)

    def uri(self, name: str = "") -> str:
        """Full path of a name, here where it was written here."""
        return self._written.uri(name) if name and self._written.exists(name) else super().uri(name)

    def exists(self, name: str) -> bool:
        """Whether there is a file or folder of this name, here or in the lake."""
        return self._written.exists(name) or super().exists(name)

    def names(self, folder: str) -> list[str]:
        """Files directly in a folder that were written here."""
        return self._written.names(folder)

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return self._written.size(name) if self._written.exists(name) else super().size(name)

    def read(self, name: str) -> bytes:
        """A small file, whole."""
        return self._written.read(name) if self._written.exists(name) else super().read(name)

    def open(self, name: str) -> BinaryIO:
        """A file to read from, seekable."""
        return self._written.open(name) if self._written.exists(name) else super().open(name)

    @contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """A file that is written here, whole or not at all."""
        with self._written.create(name) as file:
            yield file

    @contextmanager
    def lock(self, name: str, *, shared: bool = False) -> Iterator[None]:
        """A lock that nobody else can want."""
        yield

    def claim(self, name: str, data: bytes) -> bool:
        """A small file that must not have been written here yet."""
        return self._written.claim(name, data)

    def remove(self, folder: str) -> None:
        """Remove what was written here of a folder."""
        self._written.remove(folder)

    def sweep(self, folder: str) -> None:
        """Nothing: no process has died here."""
