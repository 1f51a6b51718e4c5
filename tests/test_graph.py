"""The graph of versions is what the Delta logs say; a hole in it is shown, and names in it are only ever text."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given
from hypothesis import strategies as st

from headwater import drawing, graph, releases
from headwater.errors import NotFound, UnknownName, UserError
from headwater.graph import Edge, Graph, Node
from headwater.lake.tables import TABLES
from headwater.project import Project
from tests import chain

FIRST = "SAMPLE-2024-10"
HOSTILE = '"]:::x; click n0 href "javascript:alert(1)" <script>alert(1)</script> & `x` #quot; \x1b[2J\u202e'


def recorded(project):
    """For every commit, by table and version, what its record says it read: read from the logs by Delta alone."""
    found = {}
    for name in TABLES:
        if project.lake.version(name) is not None:
            for entry in DeltaTable(project.lake.storage.uri(name)).history():
                said = json.loads(entry.get("headwater", "{}"))
                found[name, entry["version"]] = [(i["table"], i["version"]) for i in said.get("inputs", [])]
    return found


def closure(inputs, start):
    """Everything that a commit was made from, directly or not."""
    found, waiting = set(), [start]
    while waiting:
        here = waiting.pop()
        for read in inputs.get(here, []):
            if read not in found:
                found.add(read)
                waiting.append(read)
    return found


def versions(found):
    return {(node.table, node.version) for node in found.nodes.values()}


def forge(project, table, version, change):
    """Change what a commit says of itself, as a forger with an editor would; the project is to be opened again."""
    file = Path(project.lake.storage.uri(f"{table}/_delta_log/{version:020d}.json"))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    for line in lines:
        if "commitInfo" in line:
            said = json.loads(line["commitInfo"]["headwater"])
            change(said)
            line["commitInfo"]["headwater"] = json.dumps(said)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return Project.open(project.settings.folder)


def redirect(said, read_table, /, **to):
    for read in said["inputs"]:
        if read["table"] == read_table:
            read.update(to)


def test_upstream_is_all_that_the_records_name_directly_or_not(tiny_lake):
    inputs = recorded(tiny_lake)
    for (name, version), read in inputs.items():
        if read:
            found = graph.of_version(tiny_lake, f"{name}@{version}")
            assert versions(found) == closure(inputs, (name, version)) | {(name, version)}
            assert found.broken == 0


def test_downstream_is_upstream_read_backwards(tiny_lake):
    inputs = recorded(tiny_lake)
    for name, version in [("sources", 1), ("filtered", 1), ("mixed", 1), ("duplicate_pairs", 2)]:
        found = graph.of_version(tiny_lake, f"{name}@{version}", downstream=True)
        readers = {commit for commit in inputs if (name, version) in closure(inputs, commit)}
        assert versions(found) == readers | {(name, version)}


def test_without_a_name_all_that_is_live_is_shown_with_its_facts(tiny_lake):
    found = graph.of_everything(tiny_lake)
    live = {(name, commit.version) for (name, _), commit in chain.published(tiny_lake).items()}
    assert {(n.table, n.version) for n in found.nodes.values() if n.state == "live"} == live
    commit = tiny_lake.lake.published("filtered", {"recipe": "tiny", "crawl": FIRST})
    node = found.nodes[f"filtered@{commit.version}"]
    assert (node.rows, dict(node.outcomes)) == (commit.provenance.rows, commit.provenance.row_flow["outcomes"])
    assert (node.fingerprint, node.time) == (commit.provenance.fingerprint, commit.time)


def test_a_release_is_shown_by_its_pins_and_is_downstream_of_them(copy):
    release = releases.create(copy, "first", "tiny", to="tokenized")
    found = graph.of_release(copy, "first")
    assert {(p.table, p.version) for p in release.pinned} <= versions(found)
    below = graph.of_version(copy, "mixed@1", downstream=True)
    assert ("releases", copy.lake.version("releases")) in versions(below)


def test_a_replaced_version_that_something_was_made_from_is_shown_as_superseded(copied):
    chain.change(copied, "tiny", filters=[{"language": {"min_score": 0.1}}])
    with chain.opened(copied) as project:
        chain.run(project, to="filtered")
        found = graph.of_everything(project)
    assert {n.state for n in found.nodes.values() if n.table == "filtered"} == {"live", "superseded"}
    assert "superseded" in drawing.text(found)


def test_an_input_that_is_not_in_the_log_is_a_node_that_says_so(copy):
    project = forge(copy, "filtered", 1, lambda said: redirect(said, "extracted", version=99))
    found = graph.of_version(project, "mixed@1")
    assert found.nodes["extracted@99"].state == "missing"
    assert found.broken == 1
    assert re.search(r"extracted@99 .*MISSING; no such version in the log", drawing.text(found))
    assert ":::broken" in drawing.mermaid(found)
    assert "no such version in the log" in drawing.svg(found)
    assert found.to_json()["broken"] == 1


def test_an_input_of_a_table_that_nobody_knows_is_shown_as_missing(copy):
    project = forge(copy, "filtered", 1, lambda said: redirect(said, "extracted", table="../../etc"))
    assert graph.of_version(project, "filtered@1").nodes["../../etc@1"].state == "missing"


@pytest.mark.parametrize(
    "change", [{"digest": "0" * 64}, {"partition": {"crawl": "OTHER", "extractor": "resiliparse"}}]
)
def test_an_input_that_holds_other_rows_than_were_read_is_an_edge_that_says_so(copy, change):
    project = forge(copy, "filtered", 1, lambda said: redirect(said, "extracted", **change))
    found = graph.of_version(project, "mixed@1")
    (edge,) = [e for e in found.edges if e.problem]
    assert (edge.source, edge.reader) == ("extracted@1", "filtered@1")
    for written in (drawing.text(found).lower(), drawing.mermaid(found), drawing.svg(found)):
        assert "holds other rows than were read" in written
    assert graph.collapsed(found, 1).broken == 1


def test_a_commit_without_a_record_is_shown_among_all_that_is_live(copy):
    rows = pa.table({name: pa.nulls(1, kind) for name, kind in TABLES["mixed"].columns})
    rows = rows.append_column("recipe", pa.array(["by hand"]))
    uri = copy.lake.storage.uri("mixed")
    write_deltalake(uri, rows.select(TABLES["mixed"].schema.names), mode="append")
    found = graph.of_everything(Project.open(copy.settings.folder))
    (node,) = [n for n in found.nodes.values() if n.state == "unrecorded"]
    assert (node.table, node.version) == ("mixed", DeltaTable(uri).version())
    assert "UNRECORDED; WRITE without a lineage record" in drawing.text(found)


def test_records_that_claim_a_cycle_are_drawn_and_end(copy):
    project = forge(copy, "extracted", 1, lambda said: redirect(said, "raw", table="filtered"))
    found = graph.of_version(project, "mixed@1")
    assert {(e.source, e.reader) for e in found.edges} >= {("filtered@1", "extracted@1"), ("extracted@1", "filtered@1")}
    assert drawing.text(found).count("mixed@1") == 1
    assert drawing.svg(found).count("<rect") == len(found.nodes) + 1


def test_many_crawls_are_one_node_with_their_sums_and_nothing_is_lost(tiny_lake):
    whole = graph.of_version(tiny_lake, "tokenized@1")
    small = graph.collapsed(whole, 1)
    assert sum(n.count for n in small.nodes.values()) == len(whole.nodes) > len(small.nodes)
    assert sum(n.rows for n in small.nodes.values()) == sum(n.rows for n in whole.nodes.values())
    (filtered,) = [n for n in small.nodes.values() if n.table == "filtered"]
    assert (filtered.count, sum(filtered.outcomes.values())) == (2, filtered.rows)
    assert "filtered of 2 crawls tiny" in drawing.text(small)
    assert graph.collapsed(whole, 2) == whole


def test_the_text_tells_each_version_once_in_full(tiny_lake):
    found = graph.of_version(tiny_lake, "tokenized@1")
    lines = drawing.text(found).splitlines()
    assert lines[0].startswith("tokenized@1 tiny")
    for node in found.nodes.values():
        label = f" {' '.join([drawing.title(node), *node.partition.values()])}"
        full = [line for line in lines if f"{label} " in f" {line} " and "(above)" not in line]
        assert len(full) == 1, label


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("mixed", UserError),
        ("mixed@x", UserError),
        ("mixed@-1", UserError),
        ("nothing@1", UnknownName),
        ("mixed@99", NotFound),
    ],
)
def test_a_version_that_cannot_be_is_refused_with_what_to_say_instead(tiny_lake, name, error):
    with pytest.raises(error, match=r"TABLE@VERSION|have"):
        graph.of_version(tiny_lake, name)


def hostile(text):
    nodes = [
        Node("a@1", text, 1, {"crawl": text}, "live", 1, {text: 1}, text, text),
        Node("b@2", "b", 2, {"crawl": "x"}, "missing", problem=text),
    ]
    return Graph({n.id: n for n in nodes}, (Edge("b@2", "a@1", text),), ("a@1",))


@given(st.one_of(st.just(HOSTILE), st.text(min_size=1, max_size=60)))
def test_names_are_only_text_in_a_picture(text):
    picture = ElementTree.fromstring(drawing.svg(hostile(text)))
    assert {e.tag.removeprefix("{http://www.w3.org/2000/svg}") for e in picture.iter()} == {
        "svg", "title", "rect", "path", "text"
    }  # fmt: skip
    known = {"viewBox", "width", "height", "font-family", "x", "y", "rx", "fill", "stroke", "stroke-width", "d",
             "stroke-dasharray", "font-size", "font-weight", "text-anchor", "paint-order"}  # fmt: skip
    assert {name for e in picture.iter() for name in e.attrib} <= known


@given(st.one_of(st.just(HOSTILE), st.text(min_size=1, max_size=60)))
def test_names_are_only_text_in_mermaid(text):
    nodes, arrows = r'  n\d+\["(?P<a>[^"]*)"\]:::\w+', r'  n\d+ (-->|-\. "(?P<b>[^"]*)" \.->) n\d+'
    for line in drawing.mermaid(hostile(text)).split("\n")[1:]:
        found = re.fullmatch(f"{nodes}|{arrows}|  classDef [a-z]+ [a-z0-9:,#]+", line)
        assert found, line
        label = found["a"] or found["b"] or ""
        assert re.fullmatch(r"(?:[A-Za-z0-9 @._,:/-]|#\d+;|<br/>)*", label), label


@given(st.one_of(st.just(HOSTILE), st.text(min_size=1, max_size=60)))
def test_names_cannot_move_the_cursor_of_a_terminal(text):
    assert all(c.isprintable() for line in drawing.text(hostile(text)).split("\n") for c in line)


def test_labels_stay_within_their_boxes(tiny_lake):
    for line in drawing.svg(graph.of_everything(tiny_lake)).splitlines():
        assert len(line) < 2_000
    for node in graph.of_everything(tiny_lake).nodes.values():
        lines = drawing.lines_of(node)
        assert max(map(len, lines)) <= drawing.CHARS
