"""Files of real crawlers and test suites, many broken on purpose: none crashes, none loses a record."""

from itertools import pairwise

import pytest

from headwater.warc.packing import UNPACKED
from headwater.warc.reader import Reader, read_at

# Where neither warcio nor fastwarc gives the number of records there are, and why. Checked by eye.
OWN_COUNT = {
    "archivesunleashed__aut__badexample.arc.gz": 4,  # whole-file gzip, one date is "null": warcio stops after 1
    "iipc__webarchive-commons__IAH-20080430204825-00000-blackbook-truncated.arc": 9,  # its .arc.gz twin has 9
    "oduwsdl__ipwb__broken.warc": 6,  # a wrong length at the end: warcio splits the rest into records
    "netarchivesuite__jwat__invalid-warcfile-fields-empty.warc": 1,  # no length: warcio reads the block as a record
    "sing-group__WARCProcessor__test.warc": 2,  # a length 58 kB too small
    "openpreserve__jhove__invalid-warcheaderfieldpolicy-11.warc": 1,  # a header without its block
}
STATES = {
    "chatnoir-eu__chatnoir-resiliparse__clipped.warc.gz": ("truncated", 0),
    "oduwsdl__ipwb__redirect.warc": ("truncated", 453),
    "webrecorder__warcio__example-space-in-url.arc": ("truncated", 151),
    "webrecorder__pywb__example.warc": ("corrupt", 4061),
    "internetarchive__CDX-Writer__empty-gzips.warc.gz": ("complete", None),
    "openpreserve__jhove__invalid-warcheaderversion-19.warc": ("unreadable", 0),
    "webrecorder__warcio__example-bad-non-chunked.warc.gz": ("complete", None),
    "chatnoir-eu__chatnoir-resiliparse__warcfile.warc.lz4": ("complete", None),
}


def read_all(file):
    with file.open("rb") as stream:
        reader = Reader(stream, name=file.name)
        records = list(reader)
    return records, reader.state


def expected(entry):
    """The larger count of the two readers that came to the end without an error; None if neither did."""
    sides = (("records", "warcio_error"), ("fastwarc_records", "fastwarc_error"))
    counts = [entry[count] for count, error in sides if entry.get(count) is not None and not entry[error]]
    return max(counts, default=None)


def test_every_file_has_the_records_that_other_readers_find(test_data, manifest):
    for name, entry in manifest.items():
        records, _ = read_all(test_data / "warc-real" / name)
        found = sum(bool(r.warc_header_list) for r in records)
        count = OWN_COUNT.get(name, expected(entry))
        if count is not None and "warcheaderversion" not in name:  # those hold a version line and nothing else
            assert (name, found) == (name, count)


def test_every_record_answers_every_question(test_data, manifest):
    for name in manifest:
        for record in read_all(test_data / "warc-real" / name)[0]:
            record.payload()
            facts = (record.record_type, record.record_id, record.url, record.date, record.http_status)
            assert len(facts) == 5
            assert record.media_type is None or "/" in record.media_type
            assert (record.problem is None) == (record.detail is None)


def test_no_byte_is_lost_between_records(test_data, manifest):
    for name in manifest:
        records, _ = read_all(test_data / "warc-real" / name)
        for record, after in pairwise(records):
            if after.offset < UNPACKED:
                assert (name, record.offset + record.length) == (name, after.offset)


@pytest.mark.parametrize("name", STATES)
def test_the_state_of_a_file_is_told(name, test_data):
    _, state = read_all(test_data / "warc-real" / name)
    assert (state.state, state.offset) == STATES[name]


def test_every_record_of_every_file_can_be_read_again_by_its_offset(test_data, manifest):
    for name, entry in manifest.items():
        if entry["bytes"] > 300_000:
            continue
        records, _ = read_all(test_data / "warc-real" / name)
        with (test_data / "warc-real" / name).open("rb") as stream:
            for record in records[:40]:
                again = read_at(stream, record.offset, name=name)
                assert (name, again.url, again.block) == (name, record.url, record.block)


def test_a_wacz_gives_the_records_of_the_archive_inside(test_data):
    records, state = read_all(test_data / "warc-real/harvard-lil__warcbench__example.com.wacz")
    alone, _ = read_all(test_data / "warc-real/harvard-lil__warcbench__example.com.warc")
    assert [r.record_id for r in records] == [r.record_id for r in alone]
    assert state.state == "complete"


def test_brotli_and_gzip_bodies_come_out_the_same(test_data):
    stem = "ukwa__webarchive-discovery__transfer_compression"
    bodies = []
    for coding in ("brotli", "gzip", "none"):
        records, _ = read_all(test_data / "warc-real" / f"{stem}_{coding}.warc.gz")
        page = next(r for r in records if r.record_type == "response")
        bodies.append(page.payload())
        assert page.problem is None
    assert all(b"</html>" in body for body in bodies)
