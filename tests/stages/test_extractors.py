"""What the stage `extracted` does for an extractor: its files, its errors, its time."""

import gzip
import shutil

import pytest

from headwater import checking
from headwater.errors import MissingInput, UserError
from headwater.warc import wet
from headwater.warc.reader import Reader
from tests import chain
from tests.stages.crawls import archive, root

PROSE = "The quick brown fox jumps over the lazy dog, and it is not the first time that it does so. "
CHOOSY = '''"""Gives up on some pages, as parsers do (example.org)."""

from headwater.document import Extraction

VERSION = 1


def choosy(html, *, url):
    """The page itself."""
    if "bad" in html:
        raise KeyError("bad")
    return Extraction(html)
'''


def page(text):
    return f"<html><head><title>A page</title></head><body><p>{text}</p></body></html>".encode()


def through(folder, crawls, extractor, **settings):
    """The rows of `extracted` by the last word of the URL, for a crawl root and an extractor."""
    chain.lay_out(folder, crawls=crawls, **settings)
    chain.change(folder, "tiny", extractor=extractor)
    with chain.opened(folder) as project:
        chain.run(project, to="extracted")
        assert chain.broken(project) == []
        return {row["url"].rsplit("/", 1)[-1]: row for row in chain.rows(project, "extracted")}


def verdict(row):
    return row["outcome"], row["rule"], row["detail"]


def test_a_page_on_which_an_extractor_raises_is_quarantined_by_its_name_and_the_errors_class(tmp_path):
    steps = tmp_path / "project" / "steps" / "extractors"
    steps.mkdir(parents=True)
    (steps / "choosy.py").write_text(CHOOSY)
    crawls = root(tmp_path / "root", C1={"a.warc.gz": archive(page("good"), page("bad"), page("fine"))})
    found = through(tmp_path / "project", crawls, "choosy")
    assert [verdict(found[n]) for n in "012"] == [
        ("kept", None, None),
        ("quarantined", "extractors.choosy", "KeyError"),
        ("kept", None, None),
    ]


def test_a_page_that_hangs_trafilatura_is_quarantined_and_the_others_are_read(tmp_path):
    hanging = page("<div><p>The quick brown fox.</p></div>" * 40_000)  # minutes
    crawls = root(tmp_path / "root", C1={"a.warc.gz": archive(page(PROSE * 20), hanging, page(PROSE * 30))})
    found = through(tmp_path / "project", crawls, "trafilatura", page_timeout_s=2.0)
    assert verdict(found["1"])[:2] == ("quarantined", "timeout")
    assert [found[n]["outcome"] for n in "02"] == ["kept", "kept"]
    assert found["0"]["text"].startswith("The quick brown fox")


def conversion(text, *, refers_to=None, url="http://example.org/none"):
    """A record of a WET file as Common Crawl writes it."""
    body = text.encode()
    fields = [f"WARC-Target-URI: {url}", "Content-Type: text/plain", f"Content-Length: {len(body)}"]
    fields += [f"WARC-Refers-To: {refers_to}"] if refers_to else []
    head = "\r\n".join(["WARC/1.0", "WARC-Type: conversion", "WARC-Date: 2024-01-01T00:00:00Z", *fields])
    return gzip.compress(head.encode() + b"\r\n\r\n" + body + b"\r\n\r\n", mtime=0)


def with_wet(folder, data, *records):
    """A crawl root of one archive with its WET file."""
    root(folder, C1={"a.warc.gz": data})
    place = folder / wet.path_of("crawl-data/C1/warc/a.warc.gz")
    place.parent.mkdir()
    place.write_bytes(b"".join(records))
    return folder


def test_wet_text_is_found_by_record_id_and_else_by_address(tmp_path):
    data = archive(*(page(PROSE + str(n)) for n in range(4)))
    crawls = with_wet(
        tmp_path / "root",
        data,
        conversion("of two", url="http://example.org/2"),
        conversion("of zero", refers_to="<urn:uuid:0>", url="http://example.org/else"),
        conversion("of nobody", refers_to="<urn:uuid:77>", url="http://example.org/3"),
        conversion("of zero again", refers_to="<urn:uuid:0>"),
        conversion("  \n", refers_to="<urn:uuid:1>"),
    )
    found = through(tmp_path / "project", crawls, "wet")
    assert [found[n]["text"] for n in "02"] == ["of zero", "of two"]
    assert verdict(found["1"])[:2] == ("quarantined", "empty_text")
    assert verdict(found["3"]) == ("quarantined", "no_conversion", None)


def test_a_page_that_gives_wet_text_still_gives_its_licence(tmp_path):
    licence = '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">terms</a>'
    crawls = with_wet(tmp_path / "root", archive(page(licence)), conversion("text", refers_to="<urn:uuid:0>"))
    assert "CC-BY-4.0" in through(tmp_path / "project", crawls, "wet")["0"]["licence_evidence"]


def test_a_wet_file_that_is_cut_costs_only_what_was_cut(tmp_path):
    data = archive(page(PROSE), page(PROSE + "1"))
    cut = conversion("of one, and long enough to be cut " * 50, refers_to="<urn:uuid:1>")
    crawls = with_wet(tmp_path / "root", data, conversion("of zero", refers_to="<urn:uuid:0>"), cut[:-20])
    found = through(tmp_path / "project", crawls, "wet")
    assert found["0"]["text"] == "of zero"
    assert verdict(found["1"])[:2] == ("quarantined", "truncated")


def test_the_wet_files_are_an_input_and_other_ones_make_the_texts_stale(tmp_path):
    crawls = with_wet(tmp_path / "root", archive(page("page")), conversion("first", refers_to="<urn:uuid:0>"))
    folder = tmp_path / "project"
    assert through(folder, crawls, "wet")["0"]["text"] == "first"
    with chain.opened(folder) as project:
        (commit,) = [c for (name, _), c in chain.published(project).items() if name == "extracted"]
        assert [read.table for read in commit.provenance.inputs] == ["raw", "wet of C1"]
        assert not any(made.written for made in chain.run(project, to="extracted"))
        file = crawls / wet.path_of("crawl-data/C1/warc/a.warc.gz")
        file.write_bytes(conversion("another text", refers_to="<urn:uuid:0>"))
        assert [made.table for made in chain.run(project, to="extracted") if made.written] == ["extracted"]
        assert [row["text"] for row in chain.rows(project, "extracted")] == ["another text"]
        assert chain.broken(project) == []


def test_a_missing_wet_file_is_named_before_any_work(tmp_path):
    folder = chain.lay_out(tmp_path / "project", crawls=root(tmp_path / "root", C1={"a.warc.gz": archive(page("x"))}))
    chain.change(folder, "tiny", extractor="wet")
    with chain.opened(folder) as project:
        with pytest.raises(MissingInput, match=r"C1/wet/a\.warc\.wet\.gz; bring it, or name an extractor"):
            checking.check(project, "tiny")
        with pytest.raises(MissingInput, match=r"a\.warc\.wet\.gz"):
            chain.run(project, to="extracted")
        assert chain.rows(project, "extracted") == []


@pytest.mark.parametrize(
    "extractor",
    [
        {"justext": {"stop_lists": ["Klingon"]}},
        {"resiliparse": {"skip_elements": ["p["]}},
        {"trafilatura": {"prune_xpath": ["//["]}},
    ],
)
def test_an_option_that_would_fail_every_page_is_refused_before_any_work(tmp_path, extractor):
    folder = chain.lay_out(tmp_path / "project")
    chain.change(folder, "tiny", extractor=extractor)
    with chain.opened(folder) as project, pytest.raises(UserError) as raised:
        checking.check(project, "tiny")
    assert next(iter(extractor)).lower() in str(raised.value).lower()


def test_the_wet_file_of_the_sample_gives_every_page_its_text(tmp_path, sample):
    crawls = shutil.copytree(sample, tmp_path / "root")
    texts = {}
    for file in sorted((crawls / "crawl-data").rglob("warc/*.warc.gz")):
        with file.open("rb") as stream:
            responses = [r for r in Reader(stream, name=file.name) if r.record_type == "response"]
        target = crawls / wet.path_of(str(file.relative_to(crawls)))
        target.parent.mkdir(exist_ok=True)
        said = {r.record_id: f"Text of {r.record_id}\nand a line more." for r in responses}
        target.write_bytes(b"".join(conversion(t, refers_to=i) for i, t in reversed(said.items())))
        texts |= {text: record for record, text in said.items()}
    folder = chain.lay_out(tmp_path / "project", crawls=crawls)
    chain.change(folder, "tiny", extractor="wet")
    with chain.opened(folder) as project:
        chain.run(project, to="extracted")
        ids = {row["doc_id"]: row["record_id"] for row in chain.rows(project, "raw", ["doc_id", "record_id"])}
        kept = [row for row in chain.rows(project, "extracted") if row["outcome"] == "kept"]
    assert len(kept) > 300
    assert all(texts[row["text"]] == ids[row["doc_id"]] for row in kept)


def test_a_wet_file_of_common_crawl_gives_the_text_of_its_page(tmp_path, test_data):
    real = test_data / "warc-real"
    name = "commoncrawl__whirlwind-python__whirlwind.warc"
    crawls = with_wet(tmp_path / "root", (real / f"{name}.gz").read_bytes(), (real / f"{name}.wet.gz").read_bytes())
    found = through(tmp_path / "project", crawls, "wet")["Escopete"]
    assert (found["outcome"], found["chars"] > 3000) == ("kept", True)
    assert "Escopete" in found["text"].split("\n")[0]
