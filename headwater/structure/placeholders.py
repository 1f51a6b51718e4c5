"""Words that stand in a page for what the converter must not touch, and what they stand for.

The word holds a digest of the page, so no page can write it: it would have to know its own digest.
"""

import re
from hashlib import sha256


class Placeholders:
    """What was taken out of one page, by the word that stands there."""

    def __init__(self, html: str) -> None:
        self._mark = f"hw{sha256(html.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}x"
        self._word = re.compile(rf"{self._mark}(\d+)z")
        self._kept: list[tuple[str, bool]] = []

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, text: str, *, alone: bool) -> str:
        """The word for `text`, which comes back on lines of its own where it is `alone`."""
        self._kept.append((text, alone))
        return f"{self._mark}{len(self._kept) - 1}z"

    def plain(self, text: str) -> str:
        """A text with what its words stand for, and no line broken for it."""
        return self._word.sub(lambda word: self._kept[int(word[1])][0], text)

    def restore(self, text: str) -> str:
        """A text with what its words stand for in their place."""
        parts: list[str] = []
        end = 0
        for word in self._word.finditer(text):
            block, alone = self._kept[int(word[1])]
            before = text[end : word.start()]
            end = word.end()
            if not alone:
                parts += [before, block]
                continue
            before = before.rstrip(" \t")
            parts += [before, "\n" if _ends_in_a_line(before, parts) else "", block]
            rest = len(text) - len(text[end:].lstrip(" \t")) if end < len(text) and text[end] in " \t" else end
            parts.append("" if rest == len(text) or text[rest] == "\n" else "\n")
            end = rest
        return "".join(parts) + text[end:]


def _ends_in_a_line(before: str, parts: list[str]) -> bool:
    """Whether something stands on the line before a block."""
    if before:
        return not before.endswith("\n")
    said = next((part for part in reversed(parts) if part), "\n")
    return not said.endswith("\n")
