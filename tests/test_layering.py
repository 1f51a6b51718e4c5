"""Boxes never overlap, edges lead from box to box, and the same graph is placed the same way."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from headwater.layering import crossings, layout


@st.composite
def graphs(draw):
    names = [f"n{i}" for i in range(draw(st.integers(1, 12)))]
    size = st.tuples(st.integers(20, 300), st.integers(20, 90))
    ends = st.tuples(st.sampled_from(names), st.sampled_from(names))
    return {name: draw(size) for name in names}, draw(st.lists(ends, max_size=30, unique=True))


@given(graphs())
def test_boxes_never_overlap_and_lie_within_the_picture(graph):
    sizes, edges = graph
    placed = layout(sizes, edges)
    for a, b in combinations(placed.boxes.values(), 2):
        assert abs(a.x - b.x) >= (a.width + b.width) / 2 or abs(a.y - b.y) >= (a.height + b.height) / 2
    for box in placed.boxes.values():
        assert box.width / 2 <= box.x <= placed.width - box.width / 2
        assert box.height / 2 <= box.y <= placed.height - box.height / 2


@given(graphs())
def test_every_edge_leads_from_its_source_to_its_target_also_in_a_cycle(graph):
    sizes, edges = graph
    placed = layout(sizes, edges)
    assert set(placed.paths) == {(s, t) for s, t in edges if s != t}
    for (source, target), points in placed.paths.items():
        for name, (x, y) in ((source, points[0]), (target, points[-1])):
            box = placed.boxes[name]
            assert x == box.x
            assert abs(abs(y - box.y) - box.height / 2) < 1e-6


@given(graphs())
def test_lines_pass_beside_boxes(graph):
    sizes, edges = graph
    placed = layout(sizes, edges)
    for (source, target), points in placed.paths.items():
        for x, y in points[1:-1]:
            for name, box in placed.boxes.items():
                inside = abs(x - box.x) < box.width / 2 and abs(y - box.y) < box.height / 2
                assert not inside, (source, target, name)


@given(graphs())
def test_the_same_graph_is_placed_the_same_way(graph):
    assert layout(*graph) == layout(*graph)


def test_edges_that_could_lie_side_by_side_do_not_cross():
    names = [f"{side}{i}" for i in range(6) for side in "ab"]
    edges = [(f"a{i}", f"b{5 - i}") for i in range(6)]
    placed = layout(dict.fromkeys(names, (50, 20)), edges)
    layers = [sorted((n for n in names if n[0] == side), key=lambda n: placed.boxes[n].x) for side in "ab"]
    assert crossings([[f"a{i}" for i in range(6)], [f"b{i}" for i in range(6)]], edges) == 15
    assert crossings(layers, edges) == 0


def test_no_graph_is_an_empty_picture():
    assert layout({}, []).boxes == {}
