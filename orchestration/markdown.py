"""Markdown for the UI, safe to show whatever is in it: a cell never becomes markup, a link or a new row.

Text from the web is hostile: https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

MAX_CHARS = 64
MAX_COLUMNS = 16
WORD_JOINER = "\u2060"

# Character references are read as text after Markdown has found its marks, so they can be none.
_ESCAPED = {ord(c): f"&#{ord(c)};" for c in "&<>\"'`|\\*_~[](){}#!$^@"}
# Places where viewers make links of bare text: they look at the text after references are resolved, so an invisible
# joiner has to part it.
_LINKS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)


def escape(value: Any, max_chars: int = MAX_CHARS) -> str:
    """A value as the text of a table cell: one line, no controls, no marks, at most `max_chars` characters shown."""
    text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    shown = "".join(_visible(c) for c in text[: max_chars + 1])
    if len(text) > max_chars:
        shown = shown[:max_chars] + "…"
    return _LINKS.sub(WORD_JOINER, shown).translate(_ESCAPED)


def _visible(character: str) -> str:
    # Cc controls, Cf bidi and zero-width marks, Cs surrogates, Co private use, Cn unassigned, Zl and Zp line ends.
    if character.isspace():
        return " "
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") else character


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table of at most MAX_COLUMNS columns; `rows` may hold anything."""
    lines = [columns, ["---"] * len(columns), *([escape(v) for v in row] for row in rows)]
    head, rule, *body = [list(line)[:MAX_COLUMNS] for line in lines]
    head = [escape(name) for name in head]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *body])
