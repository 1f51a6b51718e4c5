"""The sample's pages as text, with what is known of them."""

import gzip
import json

import pyarrow as pa
import pytest
from fastwarc.warc import ArchiveIterator
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from resiliparse.parse.html import HTMLTree


def text_at(path, offset):
    with path.open("rb") as stream:
        stream.seek(offset)
        body = next(iter(ArchiveIterator(stream))).reader.read()
    return extract_plain_text(HTMLTree.parse(bytes_to_str(body, detect_encoding(body))))


@pytest.fixture(scope="session")
def sample_pages(root, sample):
    """Rows of the ground truth, of which `text` is the page's text."""
    truth = gzip.decompress((root / "tests/data/sample-truth.jsonl.gz").read_bytes()).decode()
    files = {path.name: path for path in sample.rglob("warc/*.warc.gz")}
    pages = [json.loads(line) for line in truth.splitlines()]
    return [{**page, "text": text_at(files[page["file"]], page["offset"])} for page in pages]


@pytest.fixture(scope="session")
def sample_texts(sample_pages):
    return pa.array([page["text"] for page in sample_pages], pa.large_string())
