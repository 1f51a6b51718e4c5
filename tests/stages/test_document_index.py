"""Every row of `raw` is found under its keys, in files that divide the keys among them."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import make
from headwater.errors import UnknownName
from headwater.lake import digest, files
from headwater.stages import document_index
from tests import chain
from tests.stages import crawls

CRAWL = "SAMPLE-2024-10"
HEX = st.text("0123456789abcdef", min_size=32, max_size=32)


def hashed(value):
    return hashlib.sha256(value.encode()).hexdigest()[:32]


def addressed(url):
    """The key of a plain URL: what is behind its scheme, so that http and https are one address."""
    return hashed(url.partition("://")[2])


@pytest.mark.parametrize(("kind", "key"), [("doc_id", str), ("url", addressed), ("domain", hashed)])
def test_every_row_of_raw_is_in_the_index_under_its_key(tiny_lake, kind, key):
    found = chain.rows(tiny_lake, "document_index", kind=kind, crawl=CRAWL)
    wanted = [(key(row[kind]), row["doc_id"], row["shard"]) for row in chain.rows(tiny_lake, "raw", crawl=CRAWL)]
    assert sorted((row["key"], row["doc_id"], row["shard"]) for row in found) == sorted(wanted)


@given(HEX, st.integers(0, 10_000_000_000))
def test_every_key_is_in_one_range(key, rows):
    bounds = document_index.ranges(rows)
    assert sum(low <= key < high for low, high in bounds) == 1
    assert 1 <= len(bounds) <= document_index.MOST_FILES


@pytest.fixture
def cut(tmp_path, monkeypatch):
    """The index of a crawl in files of few rows each."""
    monkeypatch.setattr(document_index, "ROWS_PER_FILE", 20)
    with chain.opened(chain.lay_out(tmp_path / "project")) as project:
        chain.run(project, to="document_index", crawls=[CRAWL])
        yield project


def test_files_hold_disjoint_ranges_of_keys_in_order(cut):
    for kind in document_index.KINDS:
        live = cut.lake.files("document_index", {"kind": kind, "crawl": CRAWL})
        assert len(live) > 3
        held = [[row["key"] for row in rows_of(cut, file)] for file in live]
        assert all(keys == sorted(keys) for keys in held)
        assert all(before[-1] < after[0] for before, after in pairwise(keys for keys in held if keys))


def rows_of(project, file):
    return [row for batch in files.read_batches(project.lake.storage, file.name) for row in batch.to_pylist()]


def test_the_rows_do_not_depend_on_how_the_keys_are_cut(cut, tiny_lake):
    schema = document_index.table("document_index").file_schema
    for kind in document_index.KINDS:
        where = {"kind": kind, "crawl": CRAWL}
        several, one = (
            digest.of_batches(schema, [b for f in p.lake.files("document_index", where) for b in read(p, f)])
            for p in (cut, tiny_lake)
        )
        assert several == one


def read(project, file):
    return files.read_batches(project.lake.storage, file.name)


def test_a_row_without_an_address_is_in_the_index_by_doc_id_alone(tmp_path):
    page = crawls.archive(b"<html><body>A page</body></html>")
    root = crawls.root(tmp_path / "root", C_1={"a.warc.gz": page + crawls.archive(b"x", first=1)[:40]})
    with chain.opened(chain.lay_out(tmp_path / "project", crawls=root)) as project:
        chain.run(project, to="document_index")
        without = [row for row in chain.rows(project, "raw") if row["url"] is None]
        assert without
        counts = {kind: len(chain.rows(project, "document_index", kind=kind)) for kind in document_index.KINDS}
        assert counts["doc_id"] == len(chain.rows(project, "raw"))
        assert counts["url"] == counts["domain"] == counts["doc_id"] - len(without)
        assert chain.broken(project) == []


def test_a_kind_that_there_is_not_is_refused_with_those_that_there_are(tiny_lake):
    with pytest.raises(UnknownName, match="doc_id, domain, url"):
        make.make(tiny_lake, "document_index", {"crawl": CRAWL, "kind": "host"})
