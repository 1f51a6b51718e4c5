"""From a stretch of an edited text to where it was in the text as extracted, by the edits that `filtered` keeps."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

Edit = Mapping[str, Any]


def stretch(edits: Sequence[Edit], start: int, stop: int) -> tuple[int, int]:
    """Characters `start` to `stop` of the edited text, as characters of the extracted text.

    What an editor put there comes from all that it replaced. Text that was removed between the first and the last
    character is within the answer, text that was removed before or after them is not.
    """
    for _, found in groupby(reversed(edits), key=itemgetter("step")):
        of_step = sorted(found, key=itemgetter("start"))
        first, last = _back(of_step, start, end=False), _back(of_step, stop, end=True)
        start, stop = first, max(first, last)
    return start, stop


def summary(edits: Sequence[Edit]) -> dict[str, dict[str, int]]:
    """For each rule how many stretches it replaced, and how many characters fewer there were after it."""
    found: dict[str, dict[str, int]] = {}
    for edit in edits:
        said = found.setdefault(edit["rule"], {"edits": 0, "characters": 0})
        said["edits"] += 1
        said["characters"] += edit["stop"] - edit["start"] - edit["put"]
    return found


def _back(edits: Sequence[Edit], position: int, *, end: bool) -> int:
    """A border in the text that one editor left, as a border in the text that it was given."""
    shift = 0
    for edit in edits:
        begins = edit["start"] - shift
        ends = begins + edit["put"]
        # A border where nothing was put is on the side of the text that it belongs to.
        if position < begins or (position == begins and end):
            break
        if position < ends or (position == ends and end):
            return int(edit["stop"] if end else edit["start"])
        shift += edit["stop"] - edit["start"] - edit["put"]
    return position + shift
