"""Hostile and broken input: every record is a row with an outcome, and nothing stops a crawl."""

import pytest

from tests import chain
from tests.stages.crawls import archive, root

GOOD = b"<html><title>A page</title><body><p>" + b"The quick brown fox jumps over the lazy dog. " * 20 + b"</p></html>"
HANGING = b"<html><body>" + b"<div>" * 200_000 + b"x</body></html>"
LARGE = b"<html><body><p>" + b"many words " * 30_000 + b"</p></html>"
UNDECODABLE = b"<html><body>" + b"\x81\x8d\x8f\x90\x9d" * 500 + b"</body></html>"  # in no single-byte charset


def through(tmp_path, data, *, to="extracted", **settings):
    """A crawl C1 of one archive, taken to a table: its rows by URL number, and the project."""
    crawls = root(tmp_path / "root", C1={"a.warc.gz": data} if isinstance(data, bytes) else data)
    folder = chain.lay_out(tmp_path / "project", crawls=crawls, **settings)
    with chain.opened(folder) as project:
        chain.run(project, to=to)
        assert chain.broken(project) == []
        found = chain.rows(project, "extracted")
        return project, {row["url"].rsplit("/", 1)[-1]: row for row in found}


def verdict(row):
    return row["outcome"], row["rule"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    data = archive(GOOD, HANGING, LARGE, b"", b" \n ", b"<html><body></body></html>", GOOD + b"<!-- 6 -->")
    folder = tmp_path_factory.mktemp("pages")
    return through(folder, data, max_page_bytes=1_500_000, page_timeout_s=0.5)[1]


def test_a_page_that_hangs_the_parser_is_quarantined_as_timeout(pages):
    assert verdict(pages["1"]) == ("quarantined", "timeout")


def test_pages_before_and_after_one_that_hangs_are_read(pages):
    assert [verdict(pages[n]) for n in ("0", "6")] == [("kept", None)] * 2
    assert pages["0"]["title"] == "A page"
    assert "quick brown fox" in pages["6"]["text"]


@pytest.mark.parametrize(("number", "rule"), [("3", "empty_page"), ("4", "empty_page"), ("5", "empty_text")])
def test_a_page_without_text_is_quarantined_with_the_reason(pages, number, rule):
    assert verdict(pages[number]) == ("quarantined", rule)


def test_a_page_over_the_limit_is_quarantined_with_its_size_and_the_limit(tmp_path):
    _, found = through(tmp_path, archive(GOOD, LARGE), max_page_bytes=100_000)
    assert verdict(found["0"]) == ("kept", None)
    row = found["1"]
    assert (row["outcome"], row["threshold"]) == ("quarantined", 100_000.0)
    assert row["rule"] in ("page_too_large", "payload_too_large")
    assert row["text"] is None


def test_a_page_in_no_charset_is_quarantined_as_undecodable(tmp_path):
    _, found = through(tmp_path, archive(GOOD, UNDECODABLE))
    assert verdict(found["0"]) == ("kept", None)
    assert verdict(found["1"]) == ("quarantined", "undecodable")
    assert found["1"]["value"] > found["1"]["threshold"]


def test_a_wrong_charset_in_the_header_does_not_spoil_a_page(tmp_path):
    page = "<html><body><p>Größe und Maße, Übung und Ärger, ständig über Straßen.</p></body></html>" * 3
    _, found = through(tmp_path, archive(page.encode(), charset="iso-8859-1"))
    assert "Größe" in found["0"]["text"]


def test_a_quarantined_page_reaches_filtered_with_its_reason(tmp_path):
    project, _ = through(tmp_path, archive(GOOD, b""), to="filtered")
    assert {verdict(r) for r in chain.rows(project, "filtered")} >= {("quarantined", "empty_page")}


def test_a_truncated_archive_keeps_what_came_before_and_says_where_it_was_cut(tmp_path):
    whole = archive(*(GOOD + b"<!-- %d -->" % n for n in range(5)))
    last = whole.rindex(b"\x1f\x8b\x08")
    project, found = through(tmp_path, whole[: last + 40])
    row = chain.rows(project, "sources")[0]
    assert (row["state"], row["state_offset"]) == ("truncated", last)
    assert [verdict(found[str(n)]) for n in range(4)] == [("kept", None)] * 4


def test_an_archive_that_is_none_is_a_row_that_says_so(tmp_path):
    project, found = through(tmp_path, {"a.warc.gz": archive(GOOD), "b.warc.gz": b"not an archive", "c.warc.gz": b""})
    states = {row["shard"]: row["state"] for row in chain.rows(project, "sources")}
    assert states == {"a": "complete", "b": "unreadable", "c": "empty"}
    assert verdict(found["0"]) == ("kept", None)


def test_a_record_id_seen_again_is_quarantined_under_an_id_of_its_own(tmp_path):
    project, _ = through(tmp_path, {"a.warc.gz": archive(GOOD), "b.warc.gz": archive(GOOD, LARGE)})
    rows = {(r["shard"], r["url"][-1]): r for r in chain.rows(project, "raw")}
    assert verdict(rows["a", "0"]) == ("kept", None)
    assert verdict(rows["b", "0"]) == ("quarantined", "repeated_record")
    assert rows["a", "0"]["doc_id"] != rows["b", "0"]["doc_id"]


def test_a_crawl_without_archives_goes_through_as_no_rows(tmp_path):
    crawls = root(tmp_path / "root", C1={})
    with chain.opened(chain.lay_out(tmp_path / "p", crawls=crawls)) as project:
        chain.run(project, to="deduped")
        assert chain.broken(project) == []
        assert {c.provenance.rows for c in chain.published(project).values()} == {0}


@pytest.fixture(scope="module")
def real(test_data, tmp_path_factory):
    """Every file of real crawlers as one crawl, taken to `filtered`."""
    place = tmp_path_factory.mktemp("real")
    files = {f.name: f.read_bytes() for f in sorted((test_data / "warc-real").iterdir()) if f.is_file()}
    folder = chain.lay_out(place / "project", crawls=root(place / "root", REAL=files))
    with chain.opened(folder) as project:
        chain.run(project, to="filtered")
        yield project, files


def test_every_file_of_real_crawlers_goes_through_and_conserves_its_records(real):
    project, files = real
    sources = chain.rows(project, "sources")
    assert len(sources) == len(files)
    assert chain.broken(project) == []
    assert sum(row["documents"] for row in sources) == len(chain.rows(project, "raw", ["doc_id"]))


def test_every_record_of_real_crawlers_has_an_outcome_and_an_id_of_its_own(real):
    rows = chain.rows(real[0], "raw")
    assert {row["outcome"] for row in rows} == {"kept", "dropped", "quarantined"}
    assert len({row["doc_id"] for row in rows}) == len(rows)
    assert all(row["rule"] for row in rows if row["outcome"] != "kept")


def test_no_document_of_real_crawlers_is_lost_between_raw_and_its_text(real):
    rules = {row["rule"] for row in chain.rows(real[0], "extracted", ["rule"])}
    assert "lost_record" not in rules


def test_the_clipped_file_of_a_real_crawler_says_that_it_is_truncated(real):
    row = next(r for r in chain.rows(real[0], "sources") if "clipped" in r["path"])
    assert (row["state"], row["state_offset"]) == ("truncated", 0)
