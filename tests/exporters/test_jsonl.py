"""JSON lines: every document once, in order, in files of bounded size, with the same bytes every time."""

import gzip
import io
import json

import pyarrow as pa
import pytest

from headwater import releases, training_documents
from headwater.errors import UserError
from headwater.exporters.jsonl import jsonl
from tests import chain


def batches(texts):
    for start in range(0, len(texts), 3):
        rows = [{"doc_id": f"{i:032x}", "text": texts[i]} for i in range(start, min(start + 3, len(texts)))]
        yield pa.RecordBatch.from_pylist(rows)


def written(documents, **options):
    found = {}
    for name, write in jsonl(documents, **options):
        out = io.BytesIO()
        write(out)
        found[name] = out.getvalue()
    return found


def lines(files):
    data = b"".join(
        gzip.decompress(file) if name.endswith(".gz") else pa.CompressedInputStream(io.BytesIO(file), "zstd").read()
        for name, file in sorted(files.items())
    )
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


TEXTS = ["a", "línea\nwith \u2028 breaks", "", '"quoted"', "\u0000", "x" * 500, "last"]


@pytest.mark.parametrize("compression", ["zstd", "gz"])
@pytest.mark.parametrize("size", [1, 60, 10**9])
def test_every_document_is_there_once_and_in_order(compression, size):
    files = written(batches(TEXTS), compression=compression, bytes_per_file=size)
    assert [row["text"] for row in lines(files)] == TEXTS
    assert len(files) == {1: len(TEXTS), 10**9: 1}.get(size, len(files))


@pytest.mark.parametrize("compression", ["zstd", "gz"])
def test_the_bytes_are_the_same_every_time(compression):
    assert written(batches(TEXTS), compression=compression) == written(batches(TEXTS), compression=compression)


def test_a_file_ends_at_the_document_that_fills_it():
    files = written(batches(["x" * 100] * 10), bytes_per_file=250)
    assert len(files) == 5


def test_no_documents_give_no_file():
    assert written(iter([])) == {}


def test_a_file_that_can_hold_nothing_is_refused():
    with pytest.raises(UserError, match="bytes_per_file: 0 holds nothing"):
        written(batches(TEXTS), bytes_per_file=0)


def test_the_documents_of_a_release_are_those_that_are_trained_on(copy):
    release = releases.create(copy, "first", "tiny", to="tokenized")
    rows = [row for batch in training_documents.batches(copy, release) for row in batch.to_pylist()]
    mixed = {r["doc_id"]: r for r in chain.rows(copy, "mixed") if r["outcome"] == "kept"}
    texts = {r["doc_id"]: r for r in chain.rows(copy, "filtered")}
    lengths = {r["doc_id"]: len(r["tokens"]) for r in chain.rows(copy, "tokenized") if r["copy"] == 0}
    assert {row["doc_id"] for row in rows} == set(mixed)
    for row in rows:
        doc = row["doc_id"]
        assert (row["text"], row["url"], row["language"]) == tuple(texts[doc][c] for c in ("text", "url", "language"))
        assert (row["copies"], row["licence"]) == (mixed[doc]["copies"], mixed[doc]["licence"])
        assert row["tokens"] == lengths[doc]
    assert [(r["crawl"], r["doc_id"]) for r in rows] != []
    assert [r["crawl"] for r in rows] == sorted(r["crawl"] for r in rows)
