"""The embedded sample says what its ground truth says."""

import base64
import hashlib

import pytest

from headwater.warc.reader import Reader, read_at


@pytest.fixture(scope="module")
def records(sample_files):
    found = {}
    for file in sample_files:
        with file.open("rb") as stream:
            found.update({(file.name, r.offset): r for r in Reader(stream, name=file.name)})
    return found


def test_every_page_of_the_truth_is_at_its_offset_with_its_body(records, truth):
    for page in truth:
        record = records[page["file"], page["offset"]]
        assert (record.url, record.record_id) == (page["url"], page["record_id"])
        assert hashlib.sha256(record.payload()).hexdigest() == page["body_sha256"]
        assert record.problem is None


def test_the_payload_digest_is_over_the_body_as_sent(records):
    sent = [r for r in records.values() if r.record_type == "response"]
    assert any("chunked" in r.http_headers.get("transfer-encoding", "") for r in sent)
    assert any("gzip" in r.http_headers.get("content-encoding", "") for r in sent)
    for record in sent:
        digest = base64.b32encode(hashlib.sha1(record.body()).digest()).decode()
        assert record.payload_digest == f"sha1:{digest}"


def test_a_record_can_be_read_by_its_offset_alone(sample_files, records):
    with sample_files[0].open("rb") as stream:
        for (name, offset), record in list(records.items())[::10]:
            if name == sample_files[0].name:
                assert read_at(stream, offset, name=name).body() == record.body()


def test_records_lie_one_after_another_from_the_first_byte_to_the_last(sample_files, records):
    for file in sample_files:
        own = [r for (name, _), r in records.items() if name == file.name]
        ends = [r.offset + r.length for r in own]
        assert [r.offset for r in own] == [0, *ends[:-1]]
        assert ends[-1] == file.stat().st_size


def test_only_the_wanted_offsets_are_given(sample_files, truth):
    wanted = {p["offset"] for p in truth if p["file"] == sample_files[0].name}
    with sample_files[0].open("rb") as stream:
        reader = Reader(stream, name="x", only=wanted)
        assert {r.offset for r in reader} == wanted
    assert reader.state.state == "complete"
