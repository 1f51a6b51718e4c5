"""A graph of versions as text, Mermaid or SVG. Names come from a log that anyone may have written: all are escaped."""

from collections.abc import Iterator, Sequence
from html import escape

from headwater import show
from headwater.freshness import BY_CRAWL, BY_RECIPE, ORDER
from headwater.graph import Graph, Node
from headwater.layering import Layout, Point, layout

LINE, CHARS = 15, 40
PADDING, TOP = 12.0, 10.0
# Width of a character as a part of its height: DejaVu Sans, the widest of the faces that browsers take by default.
WIDE = 0.64
TITLE, SMALL = 13, 11

# Fill and line by kind of table: by crawl, by recipe and crawl, by recipe, not a table, broken.
COLOURS = {
    "crawl": ("#e8f1fa", "#4a7ba6"),
    "both": ("#e6f4ee", "#3f8f6b"),
    "recipe": ("#f1ecf9", "#7a5ba6"),
    "outside": ("#f6f6f4", "#8a8a84"),
    "broken": ("#fdecea", "#c0392b"),
}


def text(graph: Graph) -> str:
    """A tree for each version asked for, what it was made from below it; each version is told once."""
    tree = list(_tree(graph))
    cells = [[left, *_cells(node, problem)] for left, node, problem in tree]
    widths = [max((len(row[place]) for row in cells), default=0) for place in range(4)]
    lines = ["  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), *row[4:]]).rstrip() for row in cells]
    return "\n".join([*lines, summary(graph)])


def summary(graph: Graph) -> str:
    """How much is in a graph, in one line."""
    versions = sum(node.count for node in graph.nodes.values() if node.state != "outside")
    outside = sum(node.count for node in graph.nodes.values() if node.state == "outside")
    return (
        f"{versions} versions, {outside} inputs from outside the lake, {len(graph.edges)} edges, {graph.broken} broken"
    )


def _tree(graph: Graph) -> Iterator[tuple[str, Node | None, str]]:
    """Lines of the forest: the label, the node (None: told above), and in what it is not what was read."""
    onward, told = graph.neighbours(), set()
    reached = {graph.beyond(edge) for edge in graph.edges}
    # What is asked for begins a tree unless it is below another; what a cycle hides comes last.
    tops = sorted((n for n in graph.asked if n not in reached), key=lambda name: -_stage(graph.nodes[name]))
    for top in [*tops, *graph.nodes]:
        waiting = [(top, "", "", "")] if top not in told else []
        while waiting:
            name, before, below, problem = waiting.pop()
            node = graph.nodes[name]
            again = name in told
            yield before + _label(node) + (" (above)" if again else ""), None if again else node, problem
            if not again:
                told.add(name)
                edges = onward[name]
                for place in range(len(edges) - 1, -1, -1):
                    turn, rest = ("└─ ", "   ") if place == len(edges) - 1 else ("├─ ", "│  ")
                    waiting.append((graph.beyond(edges[place]), below + turn, below + rest, edges[place].problem))


def _label(node: Node) -> str:
    return show.plain(" ".join([title(node), *node.partition.values()]), 120)


def title(node: Node) -> str:
    """`table@version`, or how many of a table are drawn as one."""
    if node.count > 1:
        return f"{node.table} of {node.count} crawls"
    return node.table if node.version is None else f"{node.table}@{node.version}"


def _stage(node: Node) -> int:
    return ORDER.index(node.table) if node.table in ORDER else -1


def _cells(node: Node | None, problem: str) -> list[str]:
    if node is None:
        return ["", "", "", show.plain(problem.upper(), 200)]
    state = {"live": "", "outside": "outside the lake"}.get(node.state, node.state)
    marks = [state.upper() if node.broken else state, node.problem, problem.upper()]
    when = "" if node.time is None else node.time.strftime("%Y-%m-%d %H:%M:%S")
    note = show.plain("; ".join(m for m in marks if m), 200)
    return [flow(node), show.plain((node.fingerprint or node.digest)[:8]), when, note]


def flow(node: Node) -> str:
    """Rows by outcome, in words."""
    if node.outcomes is None:
        return ""
    by = ", ".join(f"{show.plain(name)} {count:,}" for name, count in node.outcomes.items())
    return rows(node) + (f": {by}" if by else "")


def rows(node: Node) -> str:
    """How many rows, in words."""
    return "1 row" if node.rows == 1 else f"{node.rows:,} rows"


def mermaid(graph: Graph) -> str:
    """A Mermaid flowchart from what was read to what read it."""
    ids = {name: f"n{place}" for place, name in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    for name, node in graph.nodes.items():
        label = "<br/>".join(_entities(line) for line in lines_of(node))
        lines.append(f'  {ids[name]}["{label}"]:::{kind(node)}')
    for edge in graph.edges:
        arrow = f'-. "{_entities(edge.problem)}" .->' if edge.problem else "-->"
        lines.append(f"  {ids[edge.source]} {arrow} {ids[edge.reader]}")
    used = sorted({kind(node) for node in graph.nodes.values()})
    styles = [f"  classDef {k} fill:{COLOURS[k][0]},stroke:{COLOURS[k][1]},color:#222" for k in used]
    return "\n".join([*lines, *styles])


def _entities(text: str) -> str:
    """A label that is text to Mermaid and to the HTML it makes: all but plain characters as `#code;`."""
    return "".join(c if c.isascii() and (c.isalnum() or c in " @._,:/-") else f"#{ord(c)};" for c in text)


def kind(node: Node) -> str:
    """Which colour a node has."""
    if node.broken:
        return "broken"
    if node.state == "outside":
        return "outside"
    if node.table in BY_RECIPE:
        return "recipe"
    return "crawl" if node.table in BY_CRAWL else "both"


def lines_of(node: Node) -> list[str]:
    """What is written in a node's box: name, partition, rows, outcomes, fingerprint and time; each line is short."""
    when = "" if node.time is None else node.time.strftime("%Y-%m-%d %H:%M")
    outcomes = [f"{name} {count:,}" for name, count in (node.outcomes or {}).items()]
    lines = [
        title(node),
        " · ".join(node.partition.values()),
        "" if node.outcomes is None else rows(node),
        *_filled(outcomes),
        node.problem,
        "superseded" if node.state == "superseded" else "",
        " · ".join(part for part in ((node.fingerprint or node.digest)[:8], when) if part),
    ]
    return [show.plain(line, CHARS) for line in lines if line]


def _filled(parts: Sequence[str]) -> list[str]:
    """Parts joined by commas into lines of at most CHARS characters."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(part) + 2 <= CHARS:
            lines[-1] += f", {part}"
        else:
            lines.append(part)
    return lines


def svg(graph: Graph) -> str:
    """A picture of the graph, from what was read down to what read it; one element a line."""
    # In order of the chain, so that a cycle of collapsed crawls is turned where it leads back.
    nodes = sorted(graph.nodes.values(), key=lambda n: (_stage(n), tuple(n.partition.values()), n.id))
    place = {node.id: number for number, node in enumerate(nodes)}
    written = {node.id: lines_of(node) for node in nodes}
    sizes = {name: _size(lines) for name, lines in written.items()}
    ends = sorted(((e.source, e.reader) for e in graph.edges), key=lambda e: (place[e[0]], place[e[1]]))
    placed = layout(sizes, ends)
    width, height = round(placed.width), round(placed.height)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="Helvetica, Arial, sans-serif">',
        f"<title>{escape(summary(graph))}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_lines(graph, placed),
        *(line for node in nodes for line in _box(node, written[node.id], placed)),
        "</svg>",
    ])  # fmt: skip


def _size(lines: Sequence[str]) -> tuple[float, float]:
    wide = max(len(line) * (TITLE if place == 0 else SMALL) * WIDE for place, line in enumerate(lines))
    return wide + 2 * PADDING, len(lines) * LINE + 2 * TOP - 3


def _lines(graph: Graph, placed: Layout) -> Iterator[str]:
    problems = {(e.source, e.reader): e.problem for e in graph.edges}
    for ends, points in placed.paths.items():
        broken = bool(problems[ends])
        style = 'stroke="#c0392b" stroke-dasharray="5 3"' if broken else 'stroke="#9aa0a6"'
        yield f'<path d="{_curve(points)}" fill="none" {style} stroke-width="1.2"/>'
        x, y = points[-1]
        back = y - 6 if points[-2][1] < y else y + 6
        yield f'<path d="M{x - 3.5:.1f} {back:.1f}L{x:.1f} {y:.1f}L{x + 3.5:.1f} {back:.1f}Z" fill="#9aa0a6"/>'
        if broken:
            (x, y), (x2, y2) = points[-2:]
            yield _written((x + x2) / 2, (y + y2) / 2, problems[ends], SMALL, "#c0392b", halo=True)


def _curve(points: Sequence[Point]) -> str:
    (x, y), *rest = points
    parts = [f"M{x:.1f} {y:.1f}"]
    for x2, y2 in rest:
        bend = f"C{x:.1f} {(y + y2) / 2:.1f} {x2:.1f} {(y + y2) / 2:.1f} {x2:.1f} {y2:.1f}"
        parts.append(f"L{x2:.1f} {y2:.1f}" if abs(x2 - x) < 0.5 else bend)
        x, y = x2, y2
    return "".join(parts)


def _box(node: Node, lines: Sequence[str], placed: Layout) -> Iterator[str]:
    box, (fill, line) = placed.boxes[node.id], COLOURS[kind(node)]
    left, top = box.x - box.width / 2, box.y - box.height / 2
    dashed = ' stroke-dasharray="5 3"' if node.broken or node.state == "superseded" else ""
    shape = f'width="{box.width:.1f}" height="{box.height:.1f}" rx="6" fill="{fill}" stroke="{line}"'
    if node.count > 1:
        yield f'<rect x="{left + 4:.1f}" y="{top + 4:.1f}" {shape}/>'
    yield f'<rect x="{left:.1f}" y="{top:.1f}" {shape}{dashed}/>'
    for place, words in enumerate(lines):
        size, colour = (TITLE, "#1b1b1b") if place == 0 else (SMALL, line if words == node.problem else "#555555")
        yield _written(box.x, top + TOP + (place + 0.7) * LINE, words, size, colour, bold=place == 0)


def _written(x: float, y: float, words: str, size: int, colour: str, *, bold: bool = False, halo: bool = False) -> str:
    more = ' font-weight="600"' if bold else ""
    more += ' stroke="#ffffff" stroke-width="4" paint-order="stroke"' if halo else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="middle"{more}'
    return f"<text {place}>{escape(show.plain(words, 2 * CHARS))}</text>"
