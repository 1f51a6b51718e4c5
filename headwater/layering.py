"""Places for the boxes of a directed graph, in layers from top to bottom, so that few lines cross and no boxes overlap.

After Sugiyama, Tagawa and Toda (IEEE Trans. SMC 11(2), 1981): layers by longest path, long edges cut by dummies,
order by barycentres; then coordinates by least squares under the layers' order. The same graph gives the same places.
"""

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 12
ROUNDS = 24

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A placed node: centre, width and height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """Boxes by name, the points each edge runs through, and the size of the whole."""

    boxes: Mapping[str, Box]
    paths: Mapping[tuple[str, str], tuple[Point, ...]]
    width: float
    height: float


def layout(
    sizes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]],
    *,
    gap: float = 24,
    rise: float = 44,
    margin: float = 16,
) -> Layout:
    """Place nodes of given width and height; an edge leads down, but for those that close a cycle, which lead up."""
    turned = _closing(list(sizes), edges)
    acyclic = list(dict.fromkeys((t, s) if (s, t) in turned else (s, t) for s, t in edges if s != t))
    ranks = _ranks(list(sizes), acyclic)
    layers, links, chains = _cut(ranks, acyclic)
    _order(layers, links)
    # A line needs less room beside it than a box: half a gap is in the width of each box.
    widths = {name: sizes[name][0] + gap / 2 if name in sizes else 0.0 for layer in layers for name in layer}
    centres = _centres(layers, links, widths, gap / 2)
    left = min((centres[name] - widths[name] / 2 for name in centres), default=0)
    right = max((centres[name] + widths[name] / 2 for name in centres), default=0)
    tops, height = _tops(layers, sizes, rise, margin)
    place = {name: rank for rank, layer in enumerate(layers) for name in layer}
    middle = {name: (centres[name] - left + margin, tops[place[name]]) for name in centres}
    boxes = {n: Box(middle[n][0], middle[n][1][0] + h / 2, w, h) for n, (w, h) in sizes.items()}
    lanes = {n: ((x, top), (x, top + tall)) for n, (x, (top, tall)) in middle.items()}
    paths = {edge: _path(edge, chains[edge], boxes, lanes) for edge in acyclic}
    paths.update({(t, s): paths[s, t][::-1] for t, s in turned if (s, t) in paths})
    return Layout(boxes, {e: paths[e] for e in edges if e in paths}, right - left + 2 * margin, height)


def _closing(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """The edges that close a cycle, in a walk through the names in order."""
    after: dict[str, list[str]] = {name: [] for name in names}
    for source, target in edges:
        after[source].append(target)
    state: dict[str, int] = {}
    back: set[tuple[str, str]] = set()
    for name in names:
        stack = [(name, iter(after[name]))] if name not in state else []
        state.setdefault(name, 1)
        while stack:
            here, targets = stack[-1]
            target = next(targets, "")
            if not target:
                state[here] = 2
                stack.pop()
            elif state.get(target) == 1:
                back.add((here, target))
            elif target not in state:
                state[target] = 1
                stack.append((target, iter(after[target])))
    return back


def _ranks(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Longest path from a source; then what nothing leads to moves down to just above what it leads to."""
    rank = dict.fromkeys(names, 0)
    for _ in names:
        moved = [(s, t) for s, t in edges if rank[t] <= rank[s]]
        for source, target in moved:
            rank[target] = max(rank[target], rank[source] + 1)
        if not moved:
            break
    fed = {target for _, target in edges}
    for name in (n for n in names if n not in fed):
        below = [rank[target] for source, target in edges if source == name]
        rank[name] = min(below) - 1 if below else 0
    return rank


def _cut(
    ranks: Mapping[str, int], edges: Sequence[tuple[str, str]]
) -> tuple[list[list[str]], list[tuple[str, str]], dict[tuple[str, str], list[str]]]:
    """Layers, links between neighbouring layers, and the dummies that each edge runs through."""
    layers: list[list[str]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for name, rank in ranks.items():
        layers[rank].append(name)
    links: list[tuple[str, str]] = []
    chains: dict[tuple[str, str], list[str]] = {}
    for number, (source, target) in enumerate(edges):
        # No name of a node begins like this: a dummy must never be taken for one.
        dummies = [f"\0{number}:{rank}" for rank in range(ranks[source] + 1, ranks[target])]
        for name, rank in zip(dummies, range(ranks[source] + 1, ranks[target]), strict=True):
            layers[rank].append(name)
        chain = [source, *dummies, target]
        links += pairwise(chain)
        chains[source, target] = dummies
    return layers, links, chains


def _sides(links: Sequence[tuple[str, str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for source, target in links:
        above.setdefault(target, []).append(source)
        below.setdefault(source, []).append(target)
    return above, below


def _order(layers: list[list[str]], links: Sequence[tuple[str, str]]) -> None:
    """Order each layer by the barycentres of its neighbours, keeping the order with the fewest crossings."""
    above, below = _sides(links)
    best, fewest = [list(layer) for layer in layers], crossings(layers, links)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for number in range(1, len(layers)) if down else range(len(layers) - 2, -1, -1):
            near, fixed = (above, layers[number - 1]) if down else (below, layers[number + 1])
            place = {name: i for i, name in enumerate(fixed)}
            own = {name: i for i, name in enumerate(layers[number])}
            weight = {
                name: sum(place[n] for n in near[name]) / len(near[name]) if near.get(name) else own[name]
                for name in layers[number]
            }
            layers[number].sort(key=lambda name, w=weight, o=own: (w[name], o[name]))  # type: ignore[misc]
        found = crossings(layers, links)
        if found < fewest:
            best, fewest = [list(layer) for layer in layers], found
    layers[:] = best


def crossings(layers: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> int:
    """How many pairs of links between neighbouring layers cross."""
    place = {name: (rank, i) for rank, layer in enumerate(layers) for i, name in enumerate(layer)}
    by_layer: dict[int, list[tuple[int, int]]] = {}
    for source, target in links:
        by_layer.setdefault(place[source][0], []).append((place[source][1], place[target][1]))
    return sum(_inversions([end for _, end in sorted(pairs)]) for pairs in by_layer.values())


def _inversions(ends: Sequence[int]) -> int:
    seen: list[int] = []
    found = 0
    for end in ends:
        found += len(seen) - bisect_right(seen, end)
        insort(seen, end)
    return found


def _centres(
    layers: Sequence[Sequence[str]], links: Sequence[tuple[str, str]], widths: Mapping[str, float], gap: float
) -> dict[str, float]:
    """Centres that pull linked boxes under each other without changing the order or letting boxes meet."""
    above, below = _sides(links)
    centres: dict[str, float] = {}
    for layer in layers:
        centres.update(_spread(layer, [0.0] * len(layer), widths, gap))
    for turn in range(ROUNDS):
        down = turn % 2 == 0
        for layer in layers if down else reversed(layers):
            first, second = (above, below) if down else (below, above)
            wanted = []
            for name in layer:
                near = first.get(name) or second.get(name) or []
                wanted.append(sum(centres[n] for n in near) / len(near) if near else centres[name])
            centres.update(_spread(layer, wanted, widths, gap))
    return centres


def _spread(layer: Sequence[str], wanted: Sequence[float], widths: Mapping[str, float], gap: float) -> dict[str, float]:
    """The places nearest to those wanted, in this order and a gap apart: isotonic regression by pooling neighbours."""
    offsets, at = [], 0.0
    for before, name in zip([None, *layer], layer, strict=False):
        at += 0 if before is None else (widths[before] + widths[name]) / 2 + gap
        offsets.append(at)
    pools: list[tuple[float, int]] = []
    for target, offset in zip(wanted, offsets, strict=True):
        pools.append((target - offset, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, count), (last, more) = pools[-2], pools[-1]
            pools[-2:] = [((mean * count + last * more) / (count + more), count + more)]
    means = [mean for mean, count in pools for _ in range(count)]
    return {name: mean + offset for name, mean, offset in zip(layer, means, offsets, strict=True)}


def _tops(
    layers: Sequence[Sequence[str]], sizes: Mapping[str, tuple[float, float]], rise: float, margin: float
) -> tuple[list[Point], float]:
    """Top and height of each layer, and the height of the whole."""
    tops, at = [], margin
    for layer in layers:
        tall = max((sizes[name][1] for name in layer if name in sizes), default=0)
        tops.append((at, tall))
        at += tall + rise
    return tops, max(margin, at - rise) + margin


def _path(
    edge: tuple[str, str], dummies: Sequence[str], boxes: Mapping[str, Box], lanes: Mapping[str, tuple[Point, Point]]
) -> tuple[Point, ...]:
    """From box to box, straight down past the layers between, and past what is taller in the source's own."""
    source, target = (boxes[name] for name in edge)
    start, end = (source.x, source.y + source.height / 2), (target.x, target.y - target.height / 2)
    return (start, lanes[edge[0]][1], *(point for name in dummies for point in lanes[name]), end)
