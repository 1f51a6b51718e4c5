"""Where the bytes of the lake are: a local folder, or an object store through fsspec.

A file appears whole or not at all: locally by a temporary name, fsync and rename; an object store makes an object
visible only when its upload is complete.
"""

import fcntl
import os
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import fsspec
import fsspec.utils

from headwater.errors import LakeUnavailable


@dataclass(frozen=True)
class Storage:
    """A root and how to reach it. Names are relative to the root, with forward slashes."""

    root: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def local(self) -> bool:
        """Whether the root is a folder of this machine."""
        return "://" not in self.root

    @cached_property
    def filesystem(self) -> Any:
        """The fsspec file system of the root."""
        return fsspec.url_to_fs(self.root, **self.options)[0]

    def uri(self, name: str = "") -> str:
        """Full path or URL of a name."""
        return f"{self.root.rstrip('/')}/{name}" if name else self.root

    def exists(self, name: str) -> bool:
        """Whether there is a file or folder of this name."""
        return bool(self.filesystem.exists(self.uri(name)))

    def names(self, folder: str) -> list[str]:
        """Files directly in a folder, sorted; nothing where there is no folder."""
        if not self.exists(folder):
            return []
        return sorted(entry.rsplit("/", 1)[-1] for entry in self.filesystem.ls(self.uri(folder), detail=False))

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return int(self.filesystem.size(self.uri(name)))

    def read(self, name: str) -> bytes:
        """A small file, whole."""
        with self.filesystem.open(self.uri(name), "rb") as file:
            return bytes(file.read())

    def open(self, name: str) -> BinaryIO:
        """A file to read from, seekable."""
        opened: BinaryIO = self.filesystem.open(self.uri(name), "rb")
        return opened

    @contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """A file that gets its name only when the block ends without an error."""
        if not self.local:
            with self.filesystem.open(self.uri(name), "wb") as remote:
                try:
                    yield remote
                except BaseException:
                    remote.discard()
                    raise
            return
        final = Path(self.uri(name))
        temporary = final.with_name(temporary_name(final.name))
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            file = temporary.open("wb")
        except OSError as error:
            raise LakeUnavailable(
                f"cannot write {final}: {error.strerror}; check the lake root and its rights"
            ) from error
        try:
            with file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(final)
        finally:
            temporary.unlink(missing_ok=True)

    def write(self, name: str, data: bytes) -> None:
        """A small file, whole or not at all."""
        with self.create(name) as file:
            file.write(data)

    @contextmanager
    def lock(self, name: str, *, shared: bool = False) -> Iterator[None]:
        """Hold a lock among the processes of this machine, alone or with others that share it; the kernel frees it
        when its holder dies."""
        if not self.local:
            yield
            return
        with file_lock(Path(self.uri(name)), shared=shared):
            yield

    def claim(self, name: str, data: bytes) -> bool:
        """A small file that must not be there yet, whole or not at all; False where it is there."""
        if not self.local:
            try:
                with self.filesystem.open(self.uri(name), "xb") as remote:
                    remote.write(data)
            except FileExistsError:
                return False
            return True
        final = Path(self.uri(name))
        temporary = final.with_name(temporary_name(final.name))
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, fails where the name is taken.
            os.link(temporary, final)
        except FileExistsError:
            return False
        finally:
            temporary.unlink(missing_ok=True)
        return True

    def remove(self, folder: str) -> None:
        """Remove a folder and all that is in it, where it is there."""
        try:
            self.filesystem.rm(self.uri(folder), recursive=True)
        except FileNotFoundError:
            # Another run that committed the same rows removed it first, or there never was one.
            return

    def sweep(self, folder: str) -> None:
        """Remove the temporary files that dead processes of this machine left in a folder."""
        if not self.local:
            return
        for name in self.names(folder):
            if name.startswith(".") and name.endswith(".tmp") and _left_by_the_dead(name):
                Path(self.uri(f"{folder}/{name}")).unlink(missing_ok=True)


@contextmanager
def file_lock(file: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock file, alone or with others that share it; another process of this machine waits."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        held = file.open("w")
    except OSError as error:
        raise LakeUnavailable(f"cannot write {file}: {error.strerror}; check the lake root and its rights") from error
    with held:
        fcntl.flock(held, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


def temporary_name(name: str) -> str:
    """A name nobody reads, that says which process on which machine is writing it."""
    return f".{name}.{socket.gethostname()}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp"


def _left_by_the_dead(name: str) -> bool:
    host, pid = name.removesuffix(".tmp").rsplit(".", 3)[-3:-1]
    if host != socket.gethostname().rsplit(".", 1)[-1]:
        return False
    return not Path(f"/proc/{pid}").exists() if Path("/proc/self").exists() else False
