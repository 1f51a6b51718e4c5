"""Cut, flipped and mixed archives: what is whole is given, what is not is told."""

import gzip
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.warc.framing import Framer, Notes
from headwater.warc.packing import UNPACKED, unpacked
from headwater.warc.reader import read_at
from tests.warc.archives import HTML, members, read, response, sketch, warc

many = settings(max_examples=200, deadline=2000)


def carefully(data):
    return [sketch(r) for r in Framer(unpacked(io.BytesIO(data)), "x.warc.gz", Notes())]


@many
@given(at=st.floats(0, 1, exclude_max=True))
def test_a_cut_gzip_file_gives_all_records_before_the_cut(packed, at):
    cut = int(at * len(packed))
    check_cut(packed, cut)


@many
@given(at=st.floats(0, 1, exclude_max=True))
def test_a_cut_plain_file_gives_all_records_before_the_cut(plain, at):
    check_cut(plain, int(at * len(plain)))


def check_cut(data, cut):
    whole, _ = read(data)
    before = [r for r in whole if r.offset + r.length <= cut]
    records, state = read(data[:cut])
    assert [sketch(r) for r in records[: len(before)]] == [sketch(r) for r in before]
    if cut in {0, *(r.offset + r.length for r in whole)}:
        assert state.state == ("complete" if cut else "empty")
    else:
        assert (state.state, state.offset) == ("truncated", whole[len(before)].offset)


@many
@given(at=st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_a_cut_in_one_gzip_stream_over_all_records_is_told(plain, at):
    data = gzip.compress(plain, mtime=0)
    records, state = read(data[: max(1, int(at * len(data)))])
    whole = [sketch(r)[1:] for r in read(plain)[0]]
    intact = [sketch(r)[1:] for r in records if r.problem is None]
    assert intact == whole[: len(intact)]
    assert state.state == "truncated"


@many
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), min_size=1, max_size=20))
def test_flipped_bits_never_crash_and_both_ways_of_reading_agree(packed, plain, flips):
    for whole in (packed, plain, gzip.compress(plain, mtime=0)):
        data = bytearray(whole)
        for at, bit in flips:
            data[int(at * len(data))] ^= 1 << bit
        records, state = read(bytes(data))
        for record in records:
            record.payload()
        assert state.state == "unreadable" or [sketch(r) for r in records] == carefully(bytes(data))


@many
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_in_a_gzip_file_costs_at_most_one_record(packed, at, bit):
    data = bytearray(packed)
    data[int(at * len(data))] ^= 1 << bit
    whole = {sketch(r) for r in read(packed)[0]}
    assert len(whole - {sketch(r) for r in read(bytes(data))[0]}) <= 1


PIECES = [
    members(warc(HTML + b"one")),
    warc(HTML + b"two"),
    gzip.compress(warc(HTML + b"three") + warc(HTML + b"four"), mtime=0),
    gzip.compress(b"", mtime=0),
    gzip.compress(b"no archive at all", mtime=0),
    b"\0" * 100,
    b"\x1f\x8b\x08 not gzip",
    b"http://example.org/ 192.0.2.1 20200101000000 text/html 5\nabcde\n",
    b"\r\n\r\n",
]


@many
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=50)), max_size=6))
def test_any_mix_of_pieces_is_read_the_same_by_both_ways_and_by_offset(pieces):
    data = b"".join(pieces)
    records, state = read(data)
    assert state.state in ("complete", "truncated", "corrupt", "empty", "unreadable")
    assert state.state == "unreadable" or data[:2] == b"PK" or [sketch(r) for r in records] == carefully(data)
    for record in records:
        if record.problem is None:
            assert sketch(read_at(io.BytesIO(data), record.offset, name="x")) == sketch(record)


def test_a_record_in_a_shared_gzip_member_is_addressed_by_its_place_in_the_unpacked_stream(plain):
    records, state = read(gzip.compress(plain, mtime=0))
    assert [r.offset - UNPACKED for r in records[1:]] == [r.offset for r in read(plain)[0][1:]]
    assert state.state == "complete"


def test_zero_padding_after_the_last_record_is_no_damage(packed):
    assert read(packed + b"\0" * 4096)[1].state == "complete"


def test_garbage_after_the_last_record_is_told_and_is_a_row(packed):
    records, state = read(packed + b"garbage")
    assert (state.state, state.offset) == ("corrupt", len(packed))
    assert (records[-1].problem, records[-1].offset, records[-1].length) == ("not_a_record", len(packed), 7)


def test_a_length_too_small_costs_no_other_record():
    short = warc(HTML + b"page", length=len(HTML))
    records, state = read(warc(HTML) + short + warc(HTML + b"next"))
    assert [r.problem for r in records] == [None, "bad_length", None]
    assert state.state == "corrupt"


def test_a_length_too_large_costs_no_other_record():
    long = warc(HTML + b"page", length=len(HTML) + 100)
    for data in (warc(HTML) + long + warc(HTML + b"next"), members(warc(HTML), long, warc(HTML + b"next"))):
        records, _ = read(data)
        assert [r.problem for r in records] == [None, "bad_length", None]
        assert [r.body() for r in records] == [b"", b"page", b"next"]


def test_a_page_that_quotes_a_warc_header_is_one_record():
    quoting = warc(HTML + b"<pre>\r\n\r\n" + warc(HTML + b"inner") + b"</pre>")
    assert [r.problem for r in read(quoting + warc(HTML))[0]] == [None, None]


def test_a_file_that_is_no_archive_is_unreadable():
    for data in (
        b"<html>404</html>",
        gzip.compress(b"<html>404</html>"),
        b"PK\x03\x04 nothing",
        b"\x04\x22\x4d\x18junk",
    ):
        records, state = read(data)
        assert (records, state.state) == ([], "unreadable")


def test_an_unparsable_date_is_no_problem():
    record = read(response(b"x").replace(b"2024-10-02T03:04:05Z", b"yesterday, 25:61"))[0][0]
    assert (record.date, record.date_text, record.problem) == (None, "yesterday, 25:61", None)
