"""Tables of data as Markdown (github.github.com/gfm, 4.10); those that only lay a page out are left alone.

A cell that spans several columns or rows is written in the first of them. What is larger than the limits is left to
the converter, so that nothing is cut.
"""

import re
from collections.abc import Iterator

from headwater.structure import words
from headwater.structure.dom import Node, Work, classes, elements, events, number
from headwater.structure.placeholders import Placeholders

MAX_ROWS, MAX_COLUMNS, MAX_CELLS = 2_000, 60, 20_000
# Without a heading of its own a table is one of data where its cells are short.
MAX_CELL_CHARS, MAX_PLAIN_CELL_CHARS = 4_000, 300
NOT_DATA = "form, input[type='text'], iframe, h1, h2, h3, article, section, nav"
ROWS = ("thead", "tbody", "tfoot")
INLINE = frozenset(words.INLINE.split())
FENCED = re.compile(r"```[^\n`]*\n([^\n`]*)\n```")
PIPE = re.compile(r"(?<!\\)\|")


def markdown(table: Node, kept: Placeholders, work: Work) -> str | None:
    """A table of data as Markdown, its caption above it; None for any other table."""
    if (table.getattr("role") or "").lower() in ("presentation", "none"):
        return None
    if table.query_selector("table") is not None or table.query_selector(NOT_DATA) is not None:
        return None
    rows = _grid(table, kept, work)
    if rows is None or not _is_data(table, rows):
        return None
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    lines = [head, f"| {' | '.join(['---'] * len(rows[0]))} |", *body]
    caption = table.query_selector("caption")
    said = _line(caption, kept, work) if caption is not None else None
    return "\n".join([said, "", *lines] if said else lines)


def _is_data(table: Node, rows: list[list[str]]) -> bool:
    longest = max(len(cell) for row in rows for cell in row)
    if table.query_selector("th, caption, thead") is not None:
        return longest <= MAX_CELL_CHARS
    filled = sum(1 for row in rows for cell in row if cell)
    return longest <= MAX_PLAIN_CELL_CHARS and 2 * filled >= len(rows) * len(rows[0])


def _grid(table: Node, kept: Placeholders, work: Work) -> list[list[str]] | None:
    """The cells by row and column, empty rows and columns left out; None where it is too small or too large."""
    rows: list[dict[int, str]] = []
    taken: dict[int, int] = {}
    cells = 0
    for row in _rows(table):
        filled, below, column = {}, {}, 0
        for cell in elements(row):
            if cell.tag not in ("td", "th"):
                continue
            while taken.get(column, 0) > 0:
                column += 1
            said = _line(cell, kept, work)
            if said is None or column >= MAX_COLUMNS:
                return None
            filled[column] = said
            width, height = number(cell, "colspan", MAX_COLUMNS), number(cell, "rowspan", MAX_ROWS)
            below.update({column + k: height for k in range(width)})
            column += width
        cells += column
        if len(rows) >= MAX_ROWS or cells > MAX_CELLS:
            return None
        taken = {k: n - 1 for k, n in {**taken, **below}.items() if n > 1}
        rows.append(filled)
    return _filled(rows)


def _filled(rows: list[dict[int, str]]) -> list[list[str]] | None:
    columns = sorted({column for row in rows for column, said in row.items() if said})
    full = [[row.get(column, "") for column in columns] for row in rows if any(row.values())]
    return full if len(full) >= 2 and len(columns) >= 2 else None


def _rows(table: Node) -> Iterator[Node]:
    for child in elements(table):
        if child.tag == "tr":
            yield child
        elif child.tag in ROWS:
            yield from (row for row in elements(child) if row.tag == "tr")


def _line(cell: Node, kept: Placeholders, work: Work) -> str | None:
    """A cell's text on one line; None where it holds a listing of several lines."""

    def is_unseen(element: Node) -> bool:
        return element.tag in ("script", "style", "template", "button") or "headerlink" in classes(element, work)

    parts: list[str] = []
    for kind, node in events(cell, work, is_unseen):
        if kind == "text":
            parts.append(node.value or "")
        elif node.tag not in INLINE:
            parts.append(" ")
    said = kept.plain(" ".join("".join(parts).split()))
    listing = FENCED.fullmatch(said)
    if listing is not None:
        said = f"`{listing[1]}`"
    return None if "\n" in said else PIPE.sub(r"\\|", said)
