"""Our reading of every host of the shared crawls against what is known of its robots.txt, and of real files against two
other readers: protego as it comes, and Python's urllib.robotparser.
"""

import gzip
import json
import re
import urllib.robotparser
from urllib.parse import urlsplit

import pytest
from protego import Protego

from headwater import make
from headwater.rights.ai_agents import AGENTS, NAMES
from headwater.rights.robots import Robots
from tests import chain
from tests.rights.hosts import signals

SIX = {"GPTBot", "CCBot", "ClaudeBot", "Google-Extended", "anthropic-ai", "Bytespider"}
READ = {"anthropic-ai", "Bytespider", "CCBot", "ClaudeBot", "GPTBot", "PerplexityBot"}
PATHS_OF_A_FILE = 40


def lines(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def truth(test_data):
    """What kind of robots.txt each host has, by crawl and host."""
    rows = lines(test_data / "crawls/truth-robots.jsonl.gz")
    return {(row["crawl"], row["host"]): row["kind"] for row in rows}


@pytest.fixture(scope="module")
def read(test_data, tmp_path_factory):
    """Rows of `robots` and of `consent` with their URL, of all four crawls, by crawl and host."""
    folder = chain.lay_out(tmp_path_factory.mktemp("truth") / "project", crawls=test_data / "crawls")
    robots, pages = {}, {}
    with chain.opened(folder) as project:
        for crawl in project.crawls():
            for table in ("sources", "raw", "robots"):
                make.make(project, table, {"crawl": crawl})
            make.make(project, "consent", {"crawl": crawl, "as_of": "at_crawl"})
            urls = {row["doc_id"]: row["url"] for row in chain.rows(project, "raw", ["doc_id", "url"], crawl=crawl)}
            for row in chain.rows(project, "robots", crawl=crawl):
                robots[crawl, row["host"]] = row
            for row in chain.rows(project, "consent", crawl=crawl):
                pages.setdefault((crawl, row["host"]), []).append({**row, "url": urls[row["doc_id"]]})
    return robots, pages


def denied(row):
    return set(json.loads(row["denied_agents"]))


def of_host(row):
    return [s for s in signals(row) if s[2] == "robots_txt"]


def under(url, *folders):
    return urlsplit(url).path.lstrip("/").startswith(folders)


def expected(kind, url):
    """State, denied agents and signals of a page by the kind of its host's robots.txt."""
    nobody, everybody = ("read", set(), []), ("read", set(NAMES), [])
    if kind == "path":
        return everybody if under(url, "manual/", "html/") and not under(url, "html/index.html") else nobody
    if kind == "block_gptbot_only":
        return ("read", set(NAMES), []) if under(url, "private/") else ("read", {"GPTBot"}, [])
    return {
        "allow": nobody,
        "block_ai": ("read", SIX, []),
        "missing": ("missing", set(), []),
        "content_usage": ("read", set(), [("content_usage", "train-ai=n", "robots_txt")]),
        "content_signal": ("read", set(), [("content_signal", "search=yes, ai-train=no", "robots_txt")]),
        # Its one good rule is for /x: the rest is no rule.
        "malformed": everybody if under(url, "x", "a%20b") else nobody,
    }[kind]


def test_every_host_of_the_truth_is_in_robots_and_no_other(truth, read):
    assert set(read[0]) == set(truth)


def test_the_verdict_on_every_page_of_every_host_is_that_of_its_kind(truth, read):
    wrong, seen = [], 0
    for place, rows in read[1].items():
        kind = truth[place]
        for row in rows if kind != "real" else ():
            seen += 1
            state, agents, said = expected(kind, row["url"])
            found = (row["robots_state"], denied(row), of_host(row))
            if found != (state, agents, said):
                wrong.append((place, kind, row["url"], found))
    assert wrong == []
    assert seen > 6_900


def test_every_kind_is_among_the_hosts_that_have_pages(truth, read):
    assert {truth[place] for place in read[1]} == set(truth.values())


def test_hosts_come_to_block_ai_agents_over_time(truth, read):
    blocked = {
        crawl: sum(denied(rows[0]) >= SIX for (c, _), rows in read[1].items() if c == crawl and rows)
        for crawl in ("DOCS-2024-10", "DOCS-2025-03", "DOCS-2025-09")
    }
    known = {crawl: sum(kind == "block_ai" for (c, _), kind in truth.items() if c == crawl) for crawl in blocked}
    assert list(blocked.values()) == sorted(blocked.values())
    assert all(blocked[crawl] >= known[crawl] for crawl in blocked)


def test_pages_of_hosts_with_real_files_are_read_as_protego_reads_them(truth, read):
    robots, pages = read
    for place, rows in pages.items():
        if truth[place] == "real":
            other = Protego.parse(robots[place]["body"])
            for row in rows:
                assert denied(row) - {"*"} == {a.name for a in AGENTS if not other.can_fetch(row["url"], a.name)}


@pytest.fixture(scope="module")
def real(test_data):
    """Real robots.txt files, by host."""
    return {row["host"]: row["robots_txt"] for row in lines(test_data / "pii_robots/robots_txt.jsonl.gz")}


def paths(text):
    """Paths that the rules of a file are about, and one that they are not."""
    found = re.findall(r"(?im)^\s*(?:dis)?allow\s*:\s*(/[^\s#]*)", text)[:PATHS_OF_A_FILE]
    return ["/", "/somewhere-else", *(path.replace("*", "zz").rstrip("$") for path in found)]


def test_every_real_file_is_read_as_protego_reads_it(real):
    compared = 0
    for host, text in real.items():
        # protego takes a byte order mark for a part of the first word.
        ours, theirs = Robots(text), Protego.parse(text.removeprefix("\ufeff"))
        for path in paths(text):
            url = f"https://{host}{path}"
            mine = set(ours.denied(url)) & READ
            assert mine == {name for name in READ if not theirs.can_fetch(url, name)}, url
            compared += 1
    assert len(real) > 2_000
    assert compared > 30_000


def test_every_real_file_without_stars_and_allow_is_read_as_urllib_reads_it(real):
    """urllib knows neither stars nor the longest match, and an empty rule ends its search: files that have these are
    not compared."""
    compared = 0
    for host, text in real.items():
        written = paths_as_written(text)
        if not text.isascii() or set("*$%?") & set("".join(written)) or "" in written or not regular(text):
            continue
        theirs = urllib.robotparser.RobotFileParser()
        theirs.parse(text.splitlines())
        ours = Robots(text)
        for path in paths(text):
            url = f"https://{host}{path}"
            assert set(ours.denied(url)) & READ == {n for n in READ if not theirs.can_fetch(n, url)}, url
            compared += 1
    assert compared > 2_000


def paths_as_written(text):
    """What the rules of a file say after their colon."""
    return [path.strip() for path in re.findall(r"(?im)^\s*(?:dis)?allow\s*:(.*)$", text)]


def regular(text):
    """Whether each group is some agents and then some rules, apart from the next by an empty line and in no other
    place, and no agent is named twice or in part: where this is not so urllib differs from RFC 9309."""
    bare = [line.split("#", 1)[0].strip().lower() for line in text.splitlines()]
    kinds = [line.split(":", 1)[0].strip() if ":" in line else "" if not line else "?" for line in bare]
    kept = ["u" if k == "user-agent" else "d" if k == "disallow" else " " if k == "" else "?" for k in kinds]
    agents = [line.split(":", 1)[1].strip() for line, kind in zip(bare, kinds, strict=True) if kind == "user-agent"]
    known = {name.lower() for name in READ} | {"*"}
    parts = [a for a in agents if a not in known and any(a in name or name in a for name in known)]
    groups = "".join(kept).split()
    return all(re.fullmatch("u+d+", group) for group in groups) and len(set(agents)) == len(agents) and not parts


def test_real_files_seldom_refuse_everybody_and_none_makes_us_raise(real):
    refused = sum("*" in Robots(text).denied(f"https://{host}/") for host, text in real.items())
    assert 0 < refused < len(real) / 5
