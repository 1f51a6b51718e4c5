"""Cluster sizes are counted, drawn so that all of them can be read, and give weights for rehydration."""

import re
from collections import Counter
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from headwater import cluster_plot, cluster_sizes, rehydration
from headwater.cli import app
from headwater.errors import MissingInput
from tests import chain, standing

SVG = "{http://www.w3.org/2000/svg}"
EXACT = st.dictionaries(st.integers(1, 10**9), st.integers(1, 10**9), min_size=1)


def counted(project):
    """Documents by the survivor that stands for them, in Python."""
    return Counter(standing.last(project).values())


def test_sizes_are_those_of_the_table(tiny_lake):
    clusters = counted(tiny_lake)
    found = cluster_sizes.sizes(tiny_lake, "tiny", top=3)
    assert found["documents"] == sum(clusters.values())
    assert found["clusters"] == len(clusters)
    assert found["largest"] == max(clusters.values()) > 1
    assert found["sizes"] == cluster_sizes.binned(Counter(clusters.values()).items())


def test_the_largest_clusters_are_told_with_their_address(tiny_lake):
    found = cluster_sizes.sizes(tiny_lake, "tiny", top=3)
    urls = {row["doc_id"]: row["url"] for row in chain.rows(tiny_lake, "filtered")}
    assert [row["documents"] for row in found["examples"]] == sorted(counted(tiny_lake).values(), reverse=True)[:3]
    assert all(row["url"] == urls[row["cluster"]] for row in found["examples"])


def test_a_recipe_without_a_table_is_told_of(tiny_lake):
    with pytest.raises(MissingInput, match="recipe gopher has no deduped yet"):
        cluster_sizes.sizes(tiny_lake, "gopher")


@given(EXACT)
def test_no_cluster_is_lost_between_the_sizes(exact):
    rows = cluster_sizes.binned(exact.items())
    assert sum(row["clusters"] for row in rows) == sum(exact.values())
    assert sum(row["documents"] for row in rows) == sum(size * many for size, many in exact.items())
    for row in rows:
        inside = [size for size in exact if row["at_most"] // 2 < size <= row["at_most"]]
        assert row["clusters"] == sum(exact[size] for size in inside) > 0


def drawn(rows, title="r: clusters by size"):
    found = {"crawls": ["C"], "sizes": rows, "largest": 9}
    return ElementTree.fromstring(cluster_plot.svg(title, cluster_plot.described(found), rows))


@given(EXACT)
def test_every_size_has_a_bar_within_the_picture_and_is_told_in_words(exact):
    rows = cluster_sizes.binned(exact.items())
    root = drawn(rows)
    bars = [r for r in root.iter(f"{SVG}rect") if r.get("fill") in (cluster_plot.CLUSTER, cluster_plot.SINGLE)]
    assert len(bars) == len(rows)
    for bar in bars:
        x, y, width, height = (float(bar.get(name)) for name in ("x", "y", "width", "height"))
        assert cluster_plot.LEFT <= x < x + width <= cluster_plot.WIDTH - cluster_plot.RIGHT + 0.1
        assert y >= cluster_plot.TOP - 0.1
        assert height > 5
    said = root.find(f"{SVG}desc").text
    assert all(f"{row['clusters']:,} clusters" in said for row in rows) or said.endswith("…")
    assert root.get("role") == "img"


@given(EXACT)
def test_larger_numbers_have_higher_bars(exact):
    rows = cluster_sizes.binned(exact.items())
    bars = [r for r in drawn(rows).iter(f"{SVG}rect") if r.get("fill") in (cluster_plot.CLUSTER, cluster_plot.SINGLE)]
    pairs = zip(rows, bars, strict=True)
    ranked = sorted((row["clusters"], float(bar.get("height"))) for row, bar in pairs)
    assert [height for _, height in ranked] == sorted(height for _, height in ranked)


def test_no_name_is_more_than_text():
    said = cluster_plot.svg("<script>alert(1)</script>", "\x1b[31m & told", [])
    assert "<script>" not in said
    assert "\x1b" not in said
    ElementTree.fromstring(said)


def test_sizes_without_clusters_have_their_place():
    rows = [{"at_most": 1, "clusters": 5, "documents": 5}, {"at_most": 16, "clusters": 1, "documents": 9}]
    labels = re.findall(r">(\d+(?:–\d+)?)</text>", cluster_plot.svg("t", "told", rows))
    assert {"1", "2", "3–4", "5–8", "9–16"} <= set(labels)


def test_the_command_tells_draws_and_gives_steps_to_paste(tiny_lake, built, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADWATER_PROJECT", str(built))
    run, picture = CliRunner().invoke, tmp_path / "clusters.svg"
    told = run(app, ["clusters", "tiny", "--top", "1", "--output", str(picture)])
    assert told.exit_code == 0, told.output
    assert f"the largest of {cluster_sizes.sizes(tiny_lake, 'tiny')['largest']}." in told.output
    assert ElementTree.parse(picture).getroot().tag == f"{SVG}svg"
    said = run(app, ["clusters", "tiny", "--weights", "tiny", "--at-least", "20"])
    pasted = yaml.safe_load(said.output)["rehydrate_by_language"]
    assert pasted == {"en": {1: 1}}
    refused = run(app, ["clusters", "tiny", "--weights", "tiny"])
    assert "no language has 1000 documents" in str(refused.exception)
    assert "a file that ends in .svg" in str(run(app, ["clusters", "tiny", "--output", "a.png"]).exception)


def test_rates_are_of_the_survivors_by_language_and_size(copied):
    tight = [{"language": {"languages": ["en"], "min_score": 0.5}}, {"gopher_quality": {"min_words": 300}}]
    (copied / "recipes" / "tight.yaml").write_text((copied / "recipes" / "tiny.yaml").read_text())
    chain.change(copied, "tight", filters=tight)
    with chain.opened(copied) as project:
        chain.run(project, recipe="tight", to="filtered")
        found = cluster_sizes.removal_rates(project, "tiny", "tight")
        outcomes = {row["doc_id"]: row for row in chain.rows(project, "filtered", recipe="tight")}
        sizes, expected = counted(project), {}
        for row in chain.rows(project, "mixed"):
            said = outcomes[row["doc_id"]]
            here = expected.setdefault(said["language"], {}).setdefault(sizes[row["doc_id"]], [0, 0])
            here[0] += 1
            here[1] += said["outcome"] == "dropped"
    assert found == {name: {s: tuple(n) for s, n in counts.items()} for name, counts in expected.items()}
    assert any(dropped for counts in found.values() for _, dropped in counts.values())
    assert all(1 <= max(rehydration.derived(counts).values()) <= 10 for counts in found.values())
