"""Archives that several test files read."""

import gzip
import json

import pytest

from tests.warc.archives import Archive, read


@pytest.fixture(scope="session")
def sample_files(sample):
    return sorted(sample.rglob("*.warc.gz"))


@pytest.fixture(scope="session")
def packed(sample_files):
    """The first records of a sample file, one gzip member each."""
    data = sample_files[0].read_bytes()
    return Archive(data[: read(data)[0][6].offset])


@pytest.fixture(scope="session")
def plain(packed):
    return Archive(gzip.decompress(packed))


@pytest.fixture(scope="session")
def truth(root):
    with gzip.open(root / "tests/data/sample-truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def manifest(test_data):
    """What warcio and fastwarc make of each file of warc-real, by file name."""
    entries = json.loads((test_data / "manifest.json").read_text(encoding="utf-8"))["entries"]
    return {e["name"].split("/", 1)[1]: e for e in entries if e.get("name", "").startswith("warc-real/")}
