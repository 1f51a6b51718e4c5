"""A sweep of thresholds as a picture: documents and characters that the filters keep at each."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from headwater import show

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP, BOTTOM = 720, 190, 70, 24, 84, 40, 54
LINE, NOW, GRID, WORDS = "#4a7ba6", "#c0392b", "#e3e3e0", "#444444"
PANELS = (("documents", "documents kept"), ("chars", "characters kept"))
MOST_LABELS = 9


def svg(answer: Mapping[str, Any]) -> str:
    """The answer to a sweep, as `whatif_filters.sweep` gives it: a panel for documents, one for characters."""
    points, option = answer["points"], answer["sweep"]["option"]
    height = TOP + 2 * PANEL + GAP + BOTTOM
    across = _Scale([point["threshold"] for point in points], answer["sweep"]["now"])
    title = f"{answer['recipe']}: what the filters keep by {option}"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="Helvetica, Arial, sans-serif">',
        f"<title>{escape(show.plain(title, 200))}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 26, title, 15, "#1b1b1b", "start", bold=True),
        _text(LEFT, 46, _told(answer), 11, "#555555", "start"),
        *(line for place, (name, words) in enumerate(PANELS)
          for line in _panel(points, answer["published"], name, words, TOP + place * (PANEL + GAP), across)),
        *_below(across, TOP + 2 * PANEL + GAP, option),
        "</svg>",
    ])  # fmt: skip


def _told(answer: Mapping[str, Any]) -> str:
    crawls, now = answer["crawls"], answer["sweep"]["now"]
    where = crawls[0] if len(crawls) == 1 else f"{len(crawls)} crawls"
    is_now = "off" if now is None else now
    return f"{where}; published with {is_now}: {answer['published']['documents']:,} documents"


class _Scale:
    """Thresholds across the picture; the present one is marked where it is a number within them."""

    def __init__(self, values: Sequence[float], now: Any) -> None:
        self.values = list(values)
        self.low, self.high = min(values), max(values)
        numeric = isinstance(now, int | float) and not isinstance(now, bool)
        self.now = float(now) if numeric and self.low <= now <= self.high else None

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return LEFT + (WIDTH - LEFT - RIGHT) / 2
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - self.low) / (self.high - self.low)


def _panel(
    points: Sequence[Mapping[str, Any]], published: Mapping[str, int], name: str, words: str, top: float, across: _Scale
) -> Iterator[str]:
    most = max([1, *(point[name] for point in points)])
    step = _step(most)
    limit = step * math.ceil(most / step)
    ends = f'x1="{LEFT}" x2="{WIDTH - RIGHT}"'
    for tick in range(0, limit + 1, step):
        y = top + PANEL * (1 - tick / limit)
        yield f'<line {ends} y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>'
        yield _text(LEFT - 8, y + 4, _short(tick), 11, WORDS, "end")
    yield _text(LEFT, top - 8, words, 12, WORDS, "start", bold=True)
    if across.now is not None:
        x = across(across.now)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{top + PANEL}" stroke="{NOW}" stroke-dasharray="5 3"/>'
    places = [(across(point["threshold"]), top + PANEL * (1 - point[name] / limit)) for point in points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    yield f'<path d="M{path}" fill="none" stroke="{LINE}" stroke-width="1.8"/>'
    for (x, y), point in zip(places, points, strict=True):
        told = f"{point['threshold']}: {point[name]:,} ({point[name] - published[name]:+,})"
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{LINE}"><title>{escape(told)}</title></circle>'


def _below(across: _Scale, top: float, option: str) -> Iterator[str]:
    """Thresholds under the panels, as many as fit, and what they are of."""
    every = math.ceil(len(across.values) / MOST_LABELS)
    for value in across.values[::every]:
        x = across(value)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{top + 4}" stroke="{WORDS}"/>'
        yield _text(x, top + 18, f"{value:g}", 11, WORDS, "middle")
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield _text(middle, top + 40, option, 12, WORDS, "middle")
    if across.now is not None:
        x = across(across.now)
        anchor, aside = ("start", 6) if x < middle else ("end", -6)
        yield _text(x + aside, top - 8, f"now {across.now:g}", 11, NOW, anchor)


def _short(number: int) -> str:
    """A round number in few characters."""
    power, sign = next((p, s) for p, s in ((10**9, "G"), (10**6, "M"), (10**3, "k"), (1, "")) if number >= p or p == 1)
    return f"{number / power:g}{sign}"


def _step(most: int) -> int:
    """A round number of which 3 to 6 reach the greatest value."""
    power: int = 10 ** max(0, len(str(most)) - 1)
    steps = (power // 5, power // 2, power, 2 * power)
    return next(step for step in steps if step >= 1 and most / step <= 6)


def _text(x: float, y: float, words: str, size: int, colour: str, anchor: str, *, bold: bool = False) -> str:
    more = ' font-weight="600"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{more}'
    return f"<text {place}>{escape(show.plain(words, 120))}</text>"
