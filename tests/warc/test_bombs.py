"""Input made to exhaust memory or time is stopped by a limit, and the next record is read."""

import gzip
import resource
import time
import zlib

import pytest

from headwater.warc.http import decode_body
from headwater.warc.limits import Limits
from tests.warc.archives import HTML, members, read, response, warc

SMALL = Limits(max_payload_bytes=1 << 20, max_header_bytes=1 << 16, bomb_bytes=8 << 20)


def packed_zeros(count):
    """`count` bytes of zeros as one gzip member, a thousandth of that long; the repeating part is made only once.

    A full flush restarts deflate, so that the bytes between two flushes can be repeated. The checksum is left out, for
    nobody comes to the end.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = packer.compress(b"\0" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"\0" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * (count >> 20)


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.fixture
def frugal():
    """Fails a test that takes long or much more memory than it gave."""
    began, before = time.monotonic(), peak_bytes()
    yield
    assert time.monotonic() - began < 20
    assert peak_bytes() - before < 400 << 20


def test_ten_gigabytes_in_ten_megabytes_of_gzip_body_are_refused(frugal):
    record = read(members(response(packed_zeros(10 << 30), b"Content-Encoding: gzip")))[0][0]
    assert record.payload() == b""
    assert record.problem == "payload_too_large"


def test_a_gzip_member_of_ten_gigabytes_is_given_up_and_the_next_record_is_read(frugal):
    header = warc(b"", length=10 << 30)[: -len(b"\r\n\r\n")]
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packer.compress(header) + packer.flush(zlib.Z_FULL_FLUSH) + packed_zeros(10 << 30)[10:]
    records, _ = read(members(warc(HTML)) + bomb + members(warc(HTML + b"after")))
    assert [r.problem for r in records] == [None, "payload_too_large", None]
    assert records[-1].body() == b"after"


def test_nested_gzip_is_stopped_at_the_first_layer_beyond_the_limit():
    inner = gzip.compress(b"\0" * (4 << 20))
    result = decode_body(gzip.compress(inner), "", "gzip, gzip", limits=SMALL)
    assert (result.data, result.problem) == (b"", "payload_too_large")


def test_too_many_content_codings_are_refused():
    assert decode_body(b"x", "", ", ".join(["gzip"] * 50)).problem == "payload_too_large"


def test_an_honest_large_record_keeps_its_header_and_loses_only_its_payload():
    large = warc(HTML + bytes(range(256)) * 8192)
    records, state = read(members(large, warc(HTML + b"after")), limits=SMALL)
    assert (records[0].problem, records[0].http_status, records[0].payload()) == ("payload_too_large", 200, b"")
    assert (records[1].body(), state.state) == (b"after", "complete")


@pytest.mark.parametrize("pack", [bytes, members])
def test_an_endless_header_line_is_cut_off_and_the_next_record_is_read(pack, frugal):
    endless = warc(HTML, b"WARC-Endless: " + b"x" * (64 << 20))
    data = pack(warc(HTML)) + pack(endless) + pack(warc(HTML + b"after"))
    records, _ = read(data, limits=SMALL)
    assert [r.problem for r in records] == [None, "header_too_long", None]


def test_an_endless_http_header_is_a_bad_header():
    record = read(warc(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), limits=SMALL)[0][0]
    assert record.problem == "bad_http_header"


def test_damage_in_every_member_is_searched_a_bounded_number_of_times():
    stored = b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\0\xff\xff\0\0"  # each claims a 64 KiB stored block that reaches on
    began = time.monotonic()
    read(stored * 100_000)
    assert time.monotonic() - began < 20
