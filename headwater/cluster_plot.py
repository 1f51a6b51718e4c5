"""The clusters of a recipe as a picture: how many there are of each size, both on logarithmic axes."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import log10
from typing import Any

from headwater import show

WIDTH, PANEL, LEFT, RIGHT, TOP, BOTTOM = 720, 260, 70, 24, 84, 58
SINGLE, CLUSTER, GRID, WORDS = "#b9c4cf", "#4a7ba6", "#e3e3e0", "#444444"
GAP = 0.18
# A bar of one cluster must be seen, and one is nothing on a logarithmic axis that begins at one.
LOWEST = 0.5
MOST_LABELS = 9


def svg(title: str, told: str, found: Sequence[Mapping[str, Any]]) -> str:
    """A bar for each row found: `clusters`, of `documents`, whose size is at most `at_most`, a power of two. `told` is
    a sentence. Whoever cannot see the picture is told the same numbers.
    """
    sizes = _every(found)
    height = TOP + PANEL + BOTTOM
    words = "; ".join(f"{_span(row['at_most'])} documents: {row['clusters']:,} clusters" for row in sizes)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="Helvetica, Arial, sans-serif" role="img" aria-labelledby="title told">',
        f'<title id="title">{escape(show.plain(title, 200))}</title>',
        f'<desc id="told">{escape(show.plain(f"{told} {words}", 4_000))}</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 26, title, 15, "#1b1b1b", "start", bold=True),
        _text(LEFT, 46, told, 11, "#555555", "start"),
        _text(LEFT, TOP - 12, "clusters", 12, WORDS, "start", bold=True),
        *_bars(sizes),
        _text((LEFT + WIDTH - RIGHT) / 2, height - 14, "documents in the cluster", 12, WORDS, "middle"),
        "</svg>",
    ]) + "\n"  # fmt: skip


def _every(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, int]]:
    """The rows with those between them of which there are no clusters."""
    there = {int(row["at_most"]): row for row in found}
    powers = range(max(there, default=0).bit_length())
    return [there.get(2**p, {"at_most": 2**p, "clusters": 0, "documents": 0}) for p in powers]


def described(found: Mapping[str, Any]) -> str:
    """Cluster sizes in a sentence, by `crawls`, `sizes` and the `largest`."""
    crawls, clusters = found["crawls"], sum(row["clusters"] for row in found["sizes"] if row["at_most"] > 1)
    documents = sum(row["documents"] for row in found["sizes"])
    where = crawls[0] if len(crawls) == 1 else f"{len(crawls)} crawls"
    of = f"{clusters:,} clusters of two or more" if clusters != 1 else "1 cluster of two or more"
    return f"{where}: {documents:,} documents, {of}, the largest of {found['largest']:,}."


def _bars(sizes: Sequence[Mapping[str, int]]) -> Iterator[str]:
    decades = _decades(max((row["clusters"] for row in sizes), default=1))
    for power in range(decades + 1):
        y = _height(10**power, decades)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>'
        yield _text(LEFT - 8, y + 4, _short(10**power), 11, WORDS, "end")
    floor = TOP + PANEL
    yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{floor}" y2="{floor}" stroke="{WORDS}"/>'
    step = (WIDTH - LEFT - RIGHT) / max(1, len(sizes))
    wide = min(step * (1 - GAP), 64)
    every = -(-len(sizes) // MOST_LABELS)
    for place, row in enumerate(sizes):
        middle = LEFT + (place + 0.5) * step
        if place % every == 0:
            yield _text(middle, floor + 18, _span(row["at_most"]), 11, WORDS, "middle")
        if not row["clusters"]:
            continue
        top = _height(row["clusters"], decades)
        said = f"{_span(row['at_most'])} documents: {row['clusters']:,} clusters, {row['documents']:,} documents"
        yield (
            f'<rect x="{middle - wide / 2:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{floor - top:.1f}" '
            f'fill="{CLUSTER if place else SINGLE}"><title>{escape(said)}</title></rect>'
        )
        yield _text(middle, top - 5, _short(row["clusters"]), 10, WORDS, "middle")


def _decades(most: int) -> int:
    """The power of ten that the axis reaches."""
    return max(1, len(str(max(1, most - 1))))


def _height(clusters: int, decades: int) -> float:
    low, high = log10(LOWEST), float(decades)
    return TOP + PANEL * (1 - (log10(clusters) - low) / (high - low))


def _span(at_most: int) -> str:
    """The sizes of a bar: those above the power of two before."""
    return str(at_most) if at_most <= 2 else f"{_short(at_most // 2 + 1)}–{_short(at_most)}"


def _short(number: int) -> str:
    """A number in few characters, exact below 10,000."""
    if number < 10_000:
        return f"{number:,}"
    power, sign = next((p, s) for p, s in ((10**9, "G"), (10**6, "M"), (10**3, "k")) if number >= p)
    return f"{number / power:.3g}{sign}"


def _text(x: float, y: float, words: str, size: int, colour: str, anchor: str, *, bold: bool = False) -> str:
    more = ' font-weight="600"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{more}'
    return f"<text {place}>{escape(show.plain(words, 120))}</text>"
