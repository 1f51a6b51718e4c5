"""What the UI shows of a table is safe and complete, whatever the crawl holds."""

import base64
import gzip
import html
import json
import xml.etree.ElementTree as ElementTree
from collections import Counter

import pytest
import yaml

from orchestration import facts
from orchestration.launch import launch
from tests import chain
from tests.stages import crawls

CRAWL = "EVIL-2025-01"
URL = "https://evil.example/<script>alert(1)</script>|x|`y`"
TYPE = 'text/plain; a="<img src=x onerror=alert(1)>|\u202e"'

AUTHOR = "Victim"
PAGE = f"""<html><head><title>By {AUTHOR}</title>
<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://example.org/{AUTHOR}">
<script type="application/ld+json">{{"@type": "Article", "author": {{"name": "{AUTHOR}"}},
"license": "https://creativecommons.org/licenses/by/4.0/"}}</script></head><body>
<p>The water of the river comes down from the mountain in the spring, and the people of the town are glad of it.</p>
<p>They said that there would be more of it this year than in all the years before, and they were right.</p>
</body></html>"""


@pytest.fixture
def hostile(fresh, tmp_path):
    """A project whose only crawl holds a page that would like to be markup."""
    root = tmp_path / "evil"
    path = f"crawl-data/{CRAWL}/segments/0/warc/a.warc.gz"
    (root / path).parent.mkdir(parents=True)
    (root / path).write_bytes(archive())
    (root / f"crawl-data/{CRAWL}/warc.paths.gz").write_bytes(gzip.compress(f"{path}\n".encode()))
    (root / "collinfo.json").write_text(json.dumps([{"id": CRAWL, "from": "2025-01-01T00:00:00"}]))
    settings = fresh / "headwater.yaml"
    settings.write_text(yaml.safe_dump({**yaml.safe_load(settings.read_text()), "crawls": str(root)}))
    return fresh


def archive():
    block = f"HTTP/1.1 200 OK\r\nContent-Type: {TYPE}\r\n\r\nx".encode()
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: {URL}\r\n"
    said = f"WARC-Date: 2025-01-01T00:00:00Z\r\nContent-Length: {len(block)}\r\n\r\n"
    return gzip.compress(f"{head}{said}".encode() + block + b"\r\n\r\n")


def test_a_hostile_page_is_text_in_the_preview(hostile, home):
    told = launch("ingest", {"crawl": CRAWL}, home=home, asset_selection=["sources", "raw"])
    preview = told[-1]["metadata"]["preview"]
    assert "evil.example" in preview
    assert "alert" in preview
    assert not {"<", ">", "`", "\u202e"} & set(preview)
    assert {line.count("|") for line in preview.splitlines()} == {preview.splitlines()[0].count("|")}


@pytest.fixture(scope="module")
def quoting(tmp_path_factory):
    """A project with one page that names AUTHOR wherever a page can, taken to `mixed`."""
    folder = tmp_path_factory.mktemp("quoting")
    archives = crawls.root(folder / "crawls", A={"a.warc.gz": crawls.archive(PAGE.encode())})
    project = chain.lay_out(folder / "project", crawls=archives)
    chain.change(project, "tiny", filters=[], mix={"group_by": "domain", "mixer": {"proportional": {}}})
    with chain.opened(project) as opened:
        yield opened, {outcome.table: outcome for outcome in chain.run(opened, to="mixed")}


@pytest.mark.parametrize("table", ["raw", "consent", "extracted", "mixed"])
def test_the_preview_does_not_repeat_what_a_page_says(quoting, table):
    project, made = quoting
    outcome = made[table]
    assert AUTHOR in json.dumps(chain.rows(project, table), default=str)
    shown = facts.metadata(project, [outcome], None)
    assert "| shard |" in shown["preview"].value
    assert AUTHOR not in str(shown)


def test_a_model_shows_its_loss_curve(mine, home):
    chain.change(mine, "tiny", model={"steps": 2, "layers": 1, "hidden_size": 48, "intermediate_size": 64})
    (told,) = launch("train", {"recipe": "tiny"}, home=home, asset_selection=["proxy_model"])
    assert told["metadata"]["loss_curve"].startswith("![loss by step](data:image/png;base64,iVBOR")
    assert told["metadata"]["inputs"].splitlines()[2].startswith("| tokenized | tiny | 1 |")


def test_the_lineage_is_a_picture_of_the_version_and_of_all_that_it_was_made_from(mine, home):
    (told,) = launch("curate", {"crawl": "SAMPLE-2024-10", "recipe": "tiny"}, home=home, asset_selection=["filtered"])
    head, picture = told["metadata"]["lineage"].removesuffix(")").split(";base64,")
    titles = {e.text for e in ElementTree.fromstring(base64.b64decode(picture)).iter() if e.tag.endswith("}text")}
    assert head.endswith("(data:image/svg+xml")
    assert titles >= {f"{table}@1" for table in ("sources", "raw", "extracted", "signals", "filtered")}
    assert "crawl-data/SAMPLE-2024-10" in titles


def test_inputs_and_row_flow_are_told(mine, home):
    (told,) = launch("curate", {"crawl": "SAMPLE-2024-10", "recipe": "tiny"}, home=home, asset_selection=["filtered"])
    with chain.opened(mine) as project:
        commit = project.lake.published("filtered", {"recipe": "tiny", "crawl": "SAMPLE-2024-10"})
    outcomes = commit.provenance.row_flow["outcomes"]
    assert {k.removeprefix("rows_"): v for k, v in told["metadata"].items() if k.startswith("rows_")} == outcomes
    assert [line.split(" | ")[0] for line in told["metadata"]["inputs"].splitlines()[2:]] == [
        "| extracted",
        "| signals",
    ]
    assert f"| kept | {outcomes['kept']} |" in told["metadata"]["row_flow"]


def test_filtered_says_what_each_rule_dropped_and_each_editor_changed(mine, home):
    chain.change(mine, "tiny", filters=["collapse_newlines", {"gopher_quality": {"min_words": 100}}])
    place = {"crawl": "SAMPLE-2024-10", "recipe": "tiny"}
    (told,) = launch("curate", place, home=home, asset_selection=["filtered"])
    with chain.opened(mine) as project:
        rows = chain.rows(project, "filtered", **place)
    drops = Counter(row["rule"] for row in rows if row["outcome"] == "dropped")
    edited = Counter(rule for row in rows for rule in {edit["rule"] for edit in row["edits"] or ()})
    said = {name: _lines(told["metadata"][name]) for name in ("drops_by_rule", "edits_by_rule")}
    assert {line[0]: int(line[1]) for line in said["drops_by_rule"]} == drops
    assert {line[0]: int(line[1]) for line in said["edits_by_rule"]} == edited
    assert drops["gopher_quality.min_words"] > 0
    assert len(edited) > 0


def _lines(table):
    """The cells of a Markdown table below its head."""
    return [[html.unescape(cell.strip()) for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
