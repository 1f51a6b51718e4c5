"""Tables of Unicode characters as text: a name, then code points or ranges (first-last, first-last/2), hexadecimal."""

from collections.abc import Iterator
from pathlib import Path


def ranges(file: str) -> Iterator[tuple[str, slice]]:
    """Every name with every range that a table in this folder gives it; lines that begin with # are comments."""
    for line in Path(__file__).with_name(file).read_text("ascii").splitlines():
        if line.startswith("#"):
            continue
        name, *parts = line.split()
        for part in parts:
            bounds, _, step = part.partition("/")
            first, _, last = bounds.partition("-")
            yield name, slice(int(first, 16), int(last or first, 16) + 1, int(step or 1))
