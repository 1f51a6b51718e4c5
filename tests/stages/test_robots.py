"""`robots`: every fetch of a host's files is a row, from the robots archives and from among ordinary records."""

import pytest

from headwater import make
from headwater.errors import MissingInput, UnknownName
from tests import chain
from tests.rights import hosts
from tests.stages import crawls

A, B = "https://a.example", "https://b.example"


def made(folder, pages, robots=None, workers=1):
    """The rows of `robots`, and what its commit says."""
    root = hosts.root(folder / "crawls", pages, robots)
    place = chain.lay_out(folder / "project", crawls=root, workers=workers)
    with chain.opened(place) as project:
        for table in ("sources", "raw"):
            make.make(project, table, {"crawl": hosts.CRAWL})
        outcome = make.make(project, "robots", {"crawl": hosts.CRAWL})
        return chain.rows(project, "robots"), outcome.provenance


def test_a_crawl_without_a_listing_of_robots_files_gives_an_empty_partition(tmp_path):
    rows, said = made(tmp_path, [hosts.page(f"{A}/1")])
    assert (rows, said.rows, said.details["archives"]) == ([], 0, 0)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """The rows of a crawl that has robots archives and other files among its ordinary records, and those records."""
    pages = [
        hosts.page(f"{A}/1"),
        hosts.response(f"{A}/ai.txt", "User-Agent: *\nDisallow: /"),
        hosts.response(f"{A}/.well-known/tdmrep.json", "[]", media_type="application/json"),
        hosts.response(f"{A}/terms.xml", "<rsl/>", media_type="application/rsl+xml"),
        hosts.response(f"{A}/robots.txt", "", 404),
    ]
    robots = [
        hosts.response(f"{B}/robots.txt", "User-agent: *"),
        hosts.response(f"{B}/robots.txt", "", 503, date="2025-01-01T00:00:00Z"),
        hosts.response(f"{A}/robots.txt", "User-agent: *", date="2025-01-03T00:00:00Z"),
        hosts.response(f"{A}/index.html", "not a robots file"),
        hosts.response("/robots.txt", "of no host"),
        crawls.archive(b"<html>"),
        hosts.response("https://c.example/robots.txt", "cut in the middle")[:-60],
    ]
    return made(tmp_path_factory.mktemp("mixed"), pages, robots)[0], pages


def test_every_fetch_is_a_row_in_order_of_host_and_kind(mixed):
    rows = [row for row in mixed[0] if row["host"] in ("a.example", "b.example")]
    assert [(r["host"], r["kind"], r["state"], r["shard"]) for r in rows] == [
        ("a.example", "ai_txt", "read", "pages"),
        ("a.example", "robots_txt", "missing", "pages"),
        ("a.example", "robots_txt", "read", "robots"),
        ("a.example", "rsl", "read", "pages"),
        ("a.example", "tdmrep", "read", "pages"),
        ("b.example", "robots_txt", "read", "robots"),
        ("b.example", "robots_txt", "unreachable", "robots"),
    ]


def test_a_row_has_the_text_where_it_was_read_and_when(mixed):
    (read,) = [r for r in mixed[0] if r["host"] == "a.example" and r["shard"] == "robots"]
    assert (read["body"], read["fetched_at"].isoformat()) == ("User-agent: *", "2025-01-03T00:00:00+00:00")
    assert {r["body"] for r in mixed[0] if r["state"] in ("missing", "unreachable")} == {None}
    assert None not in {r["body"] for r in mixed[0] if r["state"] == "read"}


def test_files_among_ordinary_records_keep_their_pointer(mixed):
    rows, pages = mixed
    offsets = {r["offset"] for r in rows if r["shard"] == "pages"}
    assert offsets == {sum(map(len, pages[:n])) for n in (1, 2, 3, 4)}


def test_what_is_cut_off_is_never_a_text(mixed):
    assert [r["body"] for r in mixed[0] if r["host"] == "c.example" and r["state"] == "read"] == []


def test_a_second_run_does_nothing_and_another_listing_makes_it_stale(tmp_path):
    root = hosts.root(tmp_path / "crawls", [hosts.page(f"{A}/1")], [hosts.response(f"{A}/robots.txt", "x")])
    with chain.opened(chain.lay_out(tmp_path / "project", crawls=root, workers=1)) as project:
        for table in ("sources", "raw", "robots"):
            make.make(project, table, {"crawl": hosts.CRAWL})
        assert not make.make(project, "robots", {"crawl": hosts.CRAWL}).written
        archive = root / f"crawl-data/{hosts.CRAWL}/robots.warc.gz"
        archive.write_bytes(archive.read_bytes() + hosts.response(f"{B}/robots.txt", "y"))
        again = make.make(project, "robots", {"crawl": hosts.CRAWL})
        assert (again.written, again.provenance.rows) == (True, 2)


def test_robots_files_of_a_crawl_that_is_not_there_are_an_error(tmp_path):
    source = hosts.root(tmp_path, [hosts.page(f"{A}/1")])
    with chain.opened(chain.lay_out(tmp_path / "project", crawls=source)) as project:
        with pytest.raises(UnknownName, match="no crawl 'nope'"):
            project.source.robots("nope")
        (source / f"crawl-data/{hosts.CRAWL}/warc.paths.gz").unlink()
        with pytest.raises(MissingInput, match="not there"):
            project.source.robots(hosts.CRAWL)


def test_the_same_files_give_the_same_rows_whatever_the_workers(tmp_path):
    robots = [hosts.response(f"https://h{i}.example/robots.txt", f"# {i}\nUser-agent: *") for i in range(40)]
    runs = [made(tmp_path / str(n), [hosts.page(f"{A}/1")], robots, workers=n)[1] for n in (1, 2)]
    assert runs[0].digest == runs[1].digest
    assert runs[0].rows == 40
