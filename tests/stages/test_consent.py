"""`consent`: what holds for each page, by RFC 9309 for what became of asking, as of the crawl and as of a day."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from headwater import make
from headwater.errors import MissingInput, UserError
from headwater.rights import dated
from headwater.rights.ai_agents import NAMES
from headwater.stages import consent as stage
from tests import chain
from tests.rights import hosts

DENY = "User-agent: GPTBot\nDisallow: /x"
DAY = "2025-06-01"
TERMS = '<rsl><content url="/"><prohibits>ai-train</prohibits></content></rsl>'
STATUSES = {404: ("missing", ()), 403: ("missing", ()), 503: ("unreachable", NAMES), 429: ("unreachable", NAMES)}


def robots(host, text="", status=200, date="2025-01-01T00:00:00Z", headers=()):
    return hosts.response(f"https://{host}.example/robots.txt", text, status, headers, date)


def moved(host, to):
    return robots(host, "", 301, headers=[("Location", f"https://{to}.example/robots.txt")])


PAGES = [
    hosts.page("https://a.example/x", '<meta name="robots" content="noai">', [("TDM-Reservation", "1")]),
    hosts.page("https://deny.example/x/1"),
    hosts.page("https://deny.example/y"),
    hosts.response("https://deny.example/z.css", "", media_type="text/css"),
    *(hosts.page(f"https://s{status}.example/x") for status in STATUSES),
    *(hosts.page(f"https://changing.example/x/{d}", date=f"2025-01-{d}T00:00:00Z") for d in ("01", "03", "05")),
    *(hosts.page(f"https://{host}.example/x") for host in ("unasked", "failing", "moved1", "lost", "circle1")),
]
ROBOTS = [
    robots("a", "User-agent: *\nContent-Usage: train-ai=n\nContent-Signal: ai-train=no\n"),
    hosts.response(
        "https://a.example/.well-known/tdmrep.json", '[{"location": "/x", "tdm-reservation": 1, "tdm-policy": "p"}]'
    ),
    robots("deny", DENY),
    *(robots(f"s{status}", "", status) for status in STATUSES),
    robots("changing", "User-agent: *\nAllow: /", date="2025-01-02T00:00:00Z"),
    robots("changing", DENY, date="2025-01-04T00:00:00Z"),
    robots("failing", DENY, date="2025-01-01T00:00:00Z"),
    robots("failing", "", 503, date="2025-01-02T00:00:00Z"),
    moved("moved1", "moved2"),
    moved("moved2", "moved3"),
    robots("moved3", DENY),
    hosts.response("https://moved1.example/ai.txt", "User-Agent: *\nDisallow: /"),
    moved("lost", "nowhere"),
    moved("circle1", "circle2"),
    moved("circle2", "circle1"),
]


@pytest.fixture(scope="module")
def now(tmp_path_factory):
    """A folder of files as of a later day, in which one host says something else and the others are missing."""
    folder = tmp_path_factory.mktemp("now")
    (folder / "a.example" / ".well-known").mkdir(parents=True)
    (folder / "a.example" / "robots.txt").write_text("User-agent: CCBot\nDisallow: /\nLicense: /rsl.xml")
    (folder / "a.example" / "rsl.xml").write_text(TERMS)
    (folder / "a.example" / ".well-known" / "tdmrep.json").write_text('[{"location": "/", "tdm-reservation": 1}]')
    return folder


@pytest.fixture(scope="module")
def lake(tmp_path_factory, now):
    """A project whose lake holds the crawl up to consent, as of the crawl and as of a day. Tests may add other days."""
    folder = tmp_path_factory.mktemp("lake")
    root = hosts.root(folder / "crawls", PAGES, ROBOTS)
    with chain.opened(chain.lay_out(folder / "project", crawls=root, workers=1)) as project:
        for table in ("sources", "raw", "robots"):
            make.make(project, table, {"crawl": hosts.CRAWL})
        make.make(project, "consent", {"crawl": hosts.CRAWL, "as_of": "at_crawl"})
        dated.refresh(project, now, DAY)
        yield project


def rows(project, host, as_of="at_crawl"):
    """The rows of consent of a host, by path."""
    paths = {row["doc_id"]: row["url"].split(".example", 1)[1] for row in chain.rows(project, "raw")}
    found = chain.rows(project, "consent", crawl=hosts.CRAWL, as_of=as_of)
    return {paths[row["doc_id"]]: row for row in found if row["host"] == f"{host}.example"}


def state(row):
    return row["robots_state"], None if row["denied_agents"] is None else tuple(json.loads(row["denied_agents"]))


def test_each_document_has_one_row_with_what_its_path_is_denied(lake):
    found = rows(lake, "deny")
    assert {path: state(row) for path, row in found.items()} == {"/x/1": ("read", ("GPTBot",)), "/y": ("read", ())}
    assert {row["observed_at"].isoformat() for row in found.values()} == {"2025-01-01T00:00:00+00:00"}


def test_a_host_that_was_not_asked_is_unknown_and_neither_denies_nor_allows(lake):
    (row,) = rows(lake, "unasked").values()
    assert state(row) == ("unknown", None)
    assert row["observed_at"].isoformat() == "2025-01-02T03:04:05+00:00"


@pytest.mark.parametrize("status", STATUSES)
def test_no_file_allows_everybody_and_a_failing_server_nobody(lake, status):
    (row,) = rows(lake, f"s{status}").values()
    assert state(row) == STATUSES[status]


def test_a_failure_after_a_good_answer_does_not_undo_it(lake):
    assert state(rows(lake, "failing")["/x"]) == ("read", ("GPTBot",))


def test_each_page_is_held_to_the_file_that_was_there_when_it_was_fetched(lake):
    found = rows(lake, "changing")
    assert [state(found[f"/x/{d}"])[1] for d in ("01", "03", "05")] == [(), (), ("GPTBot",)]


def test_a_redirect_to_another_host_is_followed_and_its_own_other_files_stay(lake):
    row = rows(lake, "moved1")["/x"]
    assert state(row) == ("read", ("GPTBot",))
    assert hosts.signals(row) == [("ai_txt", "disallow", "ai_txt")]


@pytest.mark.parametrize("host", ["lost", "circle1"])
def test_a_redirect_to_what_was_not_fetched_or_in_circles_is_not_known(lake, host):
    assert state(rows(lake, host)["/x"]) == ("redirected", None)


def test_signals_of_the_page_and_of_its_host_are_told_together_with_where(lake):
    assert hosts.signals(rows(lake, "a")["/x"]) == [
        ("content_signal", "ai-train=no", "robots_txt"),
        ("content_usage", "train-ai=n", "robots_txt"),
        ("meta_noai", "noai", "meta"),
        ("tdm_policy", "p", "tdmrep"),
        ("tdm_reservation", "1", "http_header"),
        ("tdm_reservation", "1", "tdmrep"),
    ]


def test_now_is_a_fact_of_its_own_and_at_crawl_stays_what_it_was(lake):
    row = rows(lake, "a", DAY)["/x"]
    assert state(rows(lake, "a")["/x"]) == ("read", ())
    assert state(row) == ("read", ("CCBot",))
    assert hosts.signals(row) == [
        ("rsl", "/rsl.xml", "robots_txt"),
        ("rsl", "prohibits usage ai-train", "robots_txt"),
        ("tdm_reservation", "1", "tdmrep"),
    ]
    assert row["observed_at"].isoformat() == f"{DAY}T00:00:00+00:00"


def test_a_host_that_is_not_among_the_files_is_unknown_whatever_it_said_before(lake):
    row = rows(lake, "deny", DAY)["/x/1"]
    assert (state(row), row["observed_at"]) == (("unknown", None), None)


@pytest.mark.parametrize("again", ["the same files", "none"])
def test_refreshing_again_does_nothing(lake, now, again):
    made = dated.refresh(lake, None if again == "none" else now, DAY)
    assert not any(outcome.written for outcome in made)


def test_other_files_for_the_same_day_replace_what_was_read(lake, tmp_path):
    (tmp_path / "deny.example").mkdir()
    found = []
    for text in (DENY, ""):
        (tmp_path / "deny.example" / "robots.txt").write_text(text)
        dated.refresh(lake, tmp_path, "2025-06-02")
        found.append(state(rows(lake, "deny", "2025-06-02")["/x/1"]))
    assert found == [("read", ("GPTBot",)), ("read", ())]


def test_an_archive_is_read_as_a_set_with_its_own_times(lake, tmp_path):
    archive = tmp_path / "set.warc.gz"
    archive.write_bytes(robots("deny", "", 404, date="2025-07-07T00:00:00Z"))
    dated.refresh(lake, archive, "2025-07-08")
    row = rows(lake, "deny", "2025-07-08")["/x/1"]
    assert state(row) == ("missing", ())
    assert row["observed_at"].isoformat() == "2025-07-07T00:00:00+00:00"


def test_the_chain_closes_over_dated_consent(lake):
    assert chain.broken(lake) == []


@pytest.mark.parametrize("as_of", ["yesterday", "2025-6-1", "20250601", "2025-02-30", ""])
def test_what_is_no_day_is_refused(lake, now, as_of):
    with pytest.raises(UserError, match="is not a day"):
        dated.refresh(lake, now, as_of)


@pytest.mark.parametrize(
    ("place", "said"), [("nowhere", "is not there"), ("empty", "holds neither"), ("robots.txt", "is no archive")]
)
def test_files_that_are_not_there_are_refused(lake, tmp_path, place, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "robots.txt").write_text("User-agent: *")
    with pytest.raises(UserError, match=said):
        dated.refresh(lake, tmp_path / place, "2025-06-09")


def test_a_day_of_which_the_lake_has_no_files_needs_some(lake):
    with pytest.raises(MissingInput, match="no robots files as of 2025-06-09"):
        dated.refresh(lake, None, "2025-06-09")


def test_dated_facts_are_shown_side_by_side(lake):
    found = [r for r in dated.told(lake, "a.example") if r["as_of"] in ("at_crawl", DAY)]
    assert [(r["as_of"], r["denied_agents"], r["documents"]) for r in found] == [
        ("at_crawl", [], 1),
        (DAY, ["CCBot"], 1),
    ]
    assert [r["as_of"] for r in dated.told(lake, "https://deny.example/y")][:2] == ["at_crawl", DAY]


def test_a_registered_domain_stands_for_the_hosts_below_it(tmp_path):
    pages = [hosts.page(f"https://{host}/x") for host in ("www.example.org", "a.example.org", "notexample.org")]
    root = hosts.root(tmp_path / "crawls", pages, [])
    with chain.opened(chain.lay_out(tmp_path / "project", crawls=root, workers=1)) as project:
        for table in ("sources", "raw", "robots"):
            make.make(project, table, {"crawl": hosts.CRAWL})
        make.make(project, "consent", {"crawl": hosts.CRAWL, "as_of": "at_crawl"})
        assert [r["host"] for r in dated.told(project, "example.org")] == ["a.example.org", "www.example.org"]
        assert [r["host"] for r in dated.told(project, "www.example.org")] == ["www.example.org"]
        with pytest.raises(UserError, match="no page of 'org' is in the lake"):
            dated.told(project, "org")


@pytest.mark.parametrize("asked", ["nowhere.example", "https://a.example/nothing", "not a host"])
def test_what_is_not_in_the_lake_is_not_found(lake, asked):
    with pytest.raises(UserError, match="in the lake"):
        dated.told(lake, asked)


def test_a_difference_counts_documents_and_hosts_by_what_changed(lake):
    found = dated.difference(lake, hosts.CRAWL, "at_crawl", DAY)
    counts = {r["change"]: (r["documents"], r["hosts"]) for r in found["changes"] if r["documents"]}
    assert counts == {
        "not_known_after": (11, 8),
        "not_known_at_either": (3, 3),
        "newly_denied": (1, 1),
        "signals_added": (1, 1),
        "signals_removed": (1, 1),
        "state_changed": (13, 10),
    }
    assert found["agents"] == [{"agent": "CCBot", "newly_denied": 1, "denied_now_known": 0, "newly_allowed": 0}]


def test_a_difference_of_a_date_with_itself_is_none(lake):
    found = dated.difference(lake, hosts.CRAWL, "at_crawl", "at_crawl")
    counts = {r["change"]: r["documents"] for r in found["changes"] if r["documents"]}
    assert counts == {"same": 12, "not_known_at_either": 3}


def changed(project, as_of):
    """What changed since the crawl, without what was known then only, and who is denied."""
    found = dated.difference(project, hosts.CRAWL, "at_crawl", as_of)
    counts = {r["change"]: (r["documents"], r["hosts"]) for r in found["changes"] if r["documents"]}
    return counts, found["agents"]


def test_a_difference_tells_what_is_known_only_since(lake, tmp_path):
    for host, file in {"unasked": "robots.txt", "circle1": ".well-known/tdmrep.json"}.items():
        place = tmp_path / f"{host}.example" / file
        place.parent.mkdir(parents=True)
        place.write_text(DENY if file == "robots.txt" else '[{"location": "/", "tdm-reservation": 1}]')
    dated.refresh(lake, tmp_path, "2025-08-01")
    counts, agents = changed(lake, "2025-08-01")
    assert counts == {
        "not_known_before": (1, 1),
        "denied_now_known": (1, 1),
        "not_known_after": (12, 9),
        "not_known_at_either": (2, 2),
        "signals_added": (1, 1),
        "state_changed": (15, 12),
    }
    assert agents == [{"agent": "GPTBot", "newly_denied": 0, "denied_now_known": 1, "newly_allowed": 0}]


def test_a_signal_is_removed_only_where_its_file_was_read_again(lake, tmp_path):
    (tmp_path / "a.example" / ".well-known").mkdir(parents=True)
    (tmp_path / "a.example" / ".well-known" / "tdmrep.json").write_text('[{"location": "/", "tdm-reservation": 1}]')
    dated.refresh(lake, tmp_path, "2025-08-02")
    assert changed(lake, "2025-08-02")[0]["signals_removed"] == (1, 1)
    (tmp_path / "a.example" / ".well-known" / "tdmrep.json").unlink()
    (tmp_path / "deny.example").mkdir()
    (tmp_path / "deny.example" / "robots.txt").write_text("")
    dated.refresh(lake, tmp_path, "2025-08-03")
    assert "signals_removed" not in changed(lake, "2025-08-03")[0]


def test_a_difference_with_a_date_that_was_never_read_names_those_that_were(lake):
    with pytest.raises(UserError, match=f"have: {DAY}, .*at_crawl"):
        dated.difference(lake, hosts.CRAWL, "at_crawl", "2020-01-01")


def command(project, *words):
    """What a command prints, as it is typed."""
    at = {**os.environ, "HEADWATER_PROJECT": str(project.settings.folder)}
    program = Path(sys.executable).with_name("headwater")
    return subprocess.run([program, "consent", *words], env=at, capture_output=True, text=True, check=False)


def test_the_commands_print_what_the_library_says(lake, now):
    shown = command(lake, "show", "a.example", "--json")
    assert json.loads(shown.stdout)[0]["as_of"] == "at_crawl"
    assert "CCBot" in command(lake, "show", "a.example").stdout
    changes = json.loads(command(lake, "diff", hosts.CRAWL, "at_crawl", DAY, "--json").stdout)
    assert changes == dated.difference(lake, hosts.CRAWL, "at_crawl", DAY)
    again = json.loads(command(lake, "refresh", str(now), "--as-of", DAY, "--json").stdout)
    assert [(r["table"], r["written"]) for r in again] == [("robots", False), ("consent", False)]
    missing = command(lake, "show", "nowhere.example")
    assert (missing.returncode, missing.stdout) == (3, "")


def test_the_consent_of_the_sample_is_unknown_and_complete(tiny_lake):
    found = chain.rows(tiny_lake, "consent")
    kept = [r for r in chain.rows(tiny_lake, "raw") if r["outcome"] in ("kept", "removed")]
    assert sorted(r["doc_id"] for r in found) == sorted(r["doc_id"] for r in kept)
    assert {(r["robots_state"], r["denied_agents"]) for r in found} == {("unknown", None)}


def test_consent_of_a_finished_lake_is_current(tiny_lake):
    commit = tiny_lake.lake.published("consent", {"crawl": "SAMPLE-2024-10", "as_of": "at_crawl"})
    plan = stage.consent(tiny_lake, {"crawl": "SAMPLE-2024-10", "as_of": "at_crawl"})
    assert commit.provenance.key == plan.key
