"""The attribution bundle names every document in the stream that asks for it, and a page's words stay words."""

import csv
import io
import json

import pytest
import yaml
from typer.testing import CliRunner

from headwater import attribution, exports, make, releases
from headwater.cli import app
from headwater.errors import MissingInput
from tests import chain
from tests.stages.crawls import archive, root
from tests.stages.test_mixed_policy import entry, number, rewritten

HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>"
PAGE = "<html><head><title>{0}</title></head><body><p>{1} is what this page tells of. {2}</p></body></html>"
SAID = {
    0: [entry("CC-BY-4.0", author="Ann <b>Smith</b>")],
    1: [entry("CC0-1.0")],
    2: [entry("LicenseRef-unknown", said="https://terms.example/'x'")],
    4: [entry("LicenseRef-unknown", said="javascript:alert(1)")],
}


def page(name):
    return PAGE.format(HOSTILE, f"Tale {name}", f"The {name} mill is unlike all of the others here. " * 9).encode()


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A project with a release, of whose five documents three ask for attribution."""
    place = tmp_path_factory.mktemp("attribution")
    pages = archive(*map(page, ("open", "free", "odd", "silent", "bad")))
    crawls = root(place / "root", C1={"a.warc.gz": pages})
    folder = chain.lay_out(place / "project", crawls=crawls)
    chain.change(folder, "tiny", filters=[], mix={"group_by": "crawl", "held_out": 0.0})
    with chain.opened(folder) as project:
        chain.run(project, to="deduped")
        said = {n: json.dumps(found) for n, found in SAID.items()}
        rewritten(project, "extracted", lambda r: {**r, "title": HOSTILE, "licence_evidence": said.get(number(r))})
        make.make(project, "mixed", {"recipe": "tiny"})
        releases.create(project, "first", "tiny", to="mixed")
    return folder


@pytest.fixture
def bundle(released):
    """The files of the bundle, by name."""
    with chain.opened(released) as project:
        made = attribution.export(project, releases.load(project, "first"))
        return {f.name: project.lake.storage.read(f"{made.folder}/{f.name}").decode() for f in made.files}


def test_each_document_of_the_stream_that_asks_for_attribution_is_listed_and_no_other(bundle):
    found = {row["url"]: row for row in json.loads(bundle["attribution.json"])["documents"]}
    assert set(found) == {f"http://example.org/{n}" for n in (0, 2, 4)}
    first = found["http://example.org/0"]
    assert (first["author"], first["licence"], first["crawl"]) == ("Ann <b>Smith</b>", "CC-BY-4.0", "C1")
    assert first["licence_url"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["http://example.org/2"]["licence_url"] == "https://terms.example/'x'"
    assert found["http://example.org/4"]["licence_url"] is None


def test_the_table_holds_the_same_and_no_cell_is_a_formula(bundle):
    rows = list(csv.DictReader(io.StringIO(bundle["attribution.csv"])))
    whole = json.loads(bundle["attribution.json"])["documents"]
    assert [r["url"] for r in rows] == [r["url"] for r in whole]
    assert {r["title"] for r in rows} == {f"'{HOSTILE}"}
    assert not [v for r in rows for v in r.values() if v.startswith(("=", "+", "-", "@"))]


def test_the_pages_escape_what_the_web_says(bundle):
    pages = "".join(text for name, text in bundle.items() if name.endswith(".html"))
    assert "<script>" not in pages
    assert "<b>Smith" not in pages
    assert "javascript:" not in pages
    assert "Ann &lt;b&gt;Smith&lt;/b&gt;" in pages
    assert 'href="http://example.org/0"' in pages
    assert "3 documents of the training stream of recipe tiny ask for attribution" in bundle["index.html"]


def test_a_long_list_goes_on_over_pages(released, monkeypatch):
    monkeypatch.setattr(attribution, "PAGE_ROWS", 2)
    with chain.opened(released) as project:
        made = attribution.export(project, releases.load(project, "first"))
        pages = [f.name for f in made.files if f.name.startswith("documents-")]
        lines = [project.lake.storage.read(f"{made.folder}/{n}").decode().count("<li>") for n in pages]
    assert (pages, lines) == (["documents-00001.html", "documents-00002.html"], [2, 1])


def test_making_it_again_gives_the_same_bytes(released):
    with chain.opened(released) as project:
        release = releases.load(project, "first")
        assert attribution.export(project, release) == attribution.export(project, release)
        assert exports.make(project, release, attribution.KIND) == exports.find(project, "first", attribution.KIND)


def test_a_release_that_ends_before_the_mix_cannot_say(released):
    with chain.opened(released) as project:
        release = releases.create(project, "early", "tiny", to="deduped")
        with pytest.raises(MissingInput, match="ends before mixed"), attribution.documents(project, release):
            pass


def test_the_command_copies_the_bundle_where_it_is_told_to(released, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADWATER_PROJECT", str(released))
    done = CliRunner().invoke(app, ["attribution", "first", "--output", str(tmp_path / "out"), "--json"])
    listed = json.loads(done.stdout)
    assert {p.name for p in (tmp_path / "out").iterdir()} == {row["file"].rsplit("/", 1)[1] for row in listed}
    again = CliRunner().invoke(app, ["attribution", "first", "--output", str(tmp_path / "out")])
    assert "is not an empty folder" in str(again.exception)


def test_policies_can_be_looked_at_and_checked(released, monkeypatch):
    monkeypatch.setenv("HEADWATER_PROJECT", str(released))
    chain.change(released, "gopher", policy="permissive")
    shown = json.loads(CliRunner().invoke(app, ["policy", "show", "permissive", "--json"]).stdout)
    assert (shown["allow"], shown["consent.when"]) == (["commercial"], "both")
    assert shown["decided"][0]["site"] == "publisher.example"
    rows = json.loads(CliRunner().invoke(app, ["policy", "check", "--json"]).stdout)
    named = {r["policy"]: r["recipes"].split() for r in rows}
    assert named["permissive"] == ["gopher"]
    assert named["everything"] == sorted({path.stem for path in (released / "recipes").iterdir()} - {"gopher"})
    told = CliRunner().invoke(app, ["policy", "show", "permissive"]).stdout
    assert shown["fingerprint"] in told


def test_the_check_of_policies_fails_on_one_with_a_mistake(released, monkeypatch):
    monkeypatch.setenv("HEADWATER_PROJECT", str(released))
    wrong = released / "policies/wrong.yaml"
    wrong.write_text(yaml.safe_dump({"description": "x", "alow": []}))
    try:
        assert "unknown key 'alow'" in str(CliRunner().invoke(app, ["policy", "check"]).exception)
    finally:
        wrong.unlink()
