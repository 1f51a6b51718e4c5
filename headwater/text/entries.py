"""List files: one entry a line, in UTF-8, without white space around it; a line that begins with "#" is a comment.

A file is read once in a process, by its path and the SHA-256 that it must have.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.errors import BadRecipe, MissingInput
from headwater.text.utf8 import utf8

Listed = Mapping[str, str | None]
T = TypeVar("T")


class Members:
    """A set of words that takes little more than its letters: millions of domains fit. Equal is equal in every byte."""

    def __init__(self, words: Iterable[str]) -> None:
        unsorted = pa.array(sorted(set(words)), pa.large_string())
        hashes = _hashes(unsorted)
        order = np.argsort(hashes, kind="stable")
        self._words, self._hashes = unsorted.take(pa.array(order)), hashes[order]

    def __len__(self) -> int:
        return len(self._words)

    def holds(self, words: pa.Array) -> npt.NDArray[np.bool_]:
        """Which of the words are members; a null is none."""
        asked = words.cast(pa.large_string()).fill_null("")
        hashes = _hashes(asked)
        place = np.searchsorted(self._hashes, hashes)
        found = np.zeros(len(words), np.bool_)
        while True:
            # Members of one hash stand side by side.
            rows = np.flatnonzero((place < len(self._hashes)) & ~found)
            rows = rows[self._hashes[place[rows]] == hashes[rows]]
            if not len(rows):
                found &= np.asarray(pc.is_valid(words))
                return found
            same = pc.equal(self._words.take(pa.array(place[rows])), asked.take(pa.array(rows)))
            found[rows] = np.asarray(same)
            place[rows] += 1


def _hashes(words: pa.Array) -> npt.NDArray[np.uint64]:
    from headwater.text._entry_kernels import hash_words

    data, offsets = utf8(words)
    out = np.empty(len(words), np.uint64)
    hash_words(data, offsets, out)
    return out


def digest(path: Path) -> str:
    """SHA-256 of a list file. Raises MissingInput where there is no file."""
    if not path.is_file():
        raise MissingInput(f"list {path} is not there; put the file there or name another in the recipe")
    said = path.stat()
    return _digest(path, said.st_size, said.st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def entries(path: Path, sha256: str | None = None) -> list[str]:
    """The entries of a list file in order. Raises MissingInput, or BadRecipe where it is another file or no UTF-8."""
    found = digest(path)
    if sha256 is not None and found != sha256:
        raise BadRecipe(
            f"list {path} has SHA-256 {found}, the recipe asks for {sha256}; restore the file, or name the digest found"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRecipe(f"list {path} is not UTF-8 at byte {error.start}; convert it") from error
    lines = (line.strip() for line in text.split("\n"))
    return [line for line in lines if line and not line.startswith("#")]


def together(listed: Listed) -> list[str]:
    """The entries of several files, {path: SHA-256 or None}."""
    return [entry for path, sha256 in listed.items() for entry in entries(Path(path), sha256)]


@lru_cache(maxsize=64)
def _kept(made: Callable[[list[str]], object], listed: tuple[tuple[str, str | None], ...]) -> object:
    return made(together(dict(listed)))


def once(made: Callable[[list[str]], T], listed: Listed) -> T:
    """What `made` makes of the entries of some files; made once in a process for the same files and digests."""
    return cast(T, _kept(made, tuple(listed.items())))
