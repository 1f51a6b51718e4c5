"""What happens to a lake whose crawl, signals or catalog readers change under it."""

import gzip
import shutil

import duckdb
import pyarrow.parquet as pq
import pytest

from headwater import catalog, releases, status, verify
from tests import chain


@pytest.fixture
def grown(sample, tmp_path):
    """A project up to date on a crawl that then lists one more file, with only `sources` brought up to date again."""
    root = shutil.copytree(sample, tmp_path / "root")
    with chain.opened(chain.lay_out(tmp_path / "project", crawls=root)) as project:
        chain.run(project, to="signals", crawls=["SAMPLE-2025-03"])
    listing = root / "crawl-data/SAMPLE-2025-03/warc.paths.gz"
    first = gzip.decompress(listing.read_bytes()).decode().split()[0]
    added = first.replace("-00000", "-00009")
    shutil.copy(root / first, root / added)
    listing.write_bytes(gzip.compress(gzip.decompress(listing.read_bytes()) + f"{added}\n".encode()))
    with chain.opened(tmp_path / "project") as project:
        chain.run(project, to="sources", crawls=["SAMPLE-2025-03"])
        yield project


def test_status_names_what_is_behind_a_crawl_that_grew(grown):
    behind = {row["table"] for row in status.status(grown) if not row["current"]}
    assert behind == {"raw", "document_index", "robots", "consent", "extracted", "signals"}


def test_records_that_a_grown_crawl_repeats_are_quarantined_under_their_place(grown):
    chain.run(grown, to="raw", crawls=["SAMPLE-2025-03"])
    again = [row for row in chain.rows(grown, "raw") if row["shard"].endswith("00009")]
    assert {(row["outcome"], row["rule"]) for row in again} == {("quarantined", "repeated_record")}


def test_files_of_before_a_column_was_added_can_still_be_asked(copy):
    release = releases.create(copy, "old", "tiny", to="tokenized")
    for file in (file for pin in release.pinned if pin.table == "mixed" for file in pin.files):
        path = copy.lake.storage.uri(file)
        pq.write_table(pq.read_table(path).drop_columns(["cluster_size"]), path)
    catalog.publish(copy)
    query = "select count(*), count(cluster_size), sum(copies) > 0 from mixed"
    rows = len(chain.rows(copy, "mixed"))
    with catalog.connect(copy) as connection:
        assert connection.execute(query).fetchall() == [(rows, 0, True)]
    with releases.connect(copy, release) as connection:
        assert connection.execute(query).fetchall() == [(rows, 0, True)]


def test_a_reader_that_holds_the_published_catalog_open_stops_nobody(copy):
    catalog.publish(copy)
    with duckdb.connect(str(catalog.path(copy))):
        catalog.publish(copy)
        with catalog.connect(copy) as connection:
            assert connection.execute("select count(*) from raw").fetchall()[0][0] > 0


def test_a_missing_tokenizer_is_a_break(copy):
    tokenizer = next((copy.settings.folder / "lake" / "tokenizers").rglob("*.json"))
    tokenizer.unlink()
    assert [b.table for b in verify.verify(copy).breaks] == ["tokenized"]
