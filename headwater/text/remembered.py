"""What was last made of a batch of texts, so that several signals of one batch share it."""

from collections.abc import Callable
from typing import Generic, TypeVar

import pyarrow as pa

T = TypeVar("T")
# A batch with more bytes than this is not remembered.
MOST_BYTES = 1 << 26


class Remembered(Generic[T]):
    """A function of a batch of texts, with the last batch and what it gave; batches are compared, text by text."""

    def __init__(self, function: Callable[[pa.Array], T]) -> None:
        self._function = function
        self._last: tuple[pa.Array, T] | None = None

    def __call__(self, texts: pa.Array) -> T:
        """What the function gives of this batch."""
        last = self._last
        if last is not None and len(last[0]) == len(texts) and last[0].equals(texts):
            return last[1]
        found = self._function(texts)
        self._last = (texts, found) if texts.nbytes <= MOST_BYTES else None
        return found
