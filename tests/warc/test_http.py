"""HTTP messages as servers and crawlers really write them."""

import gzip
import zlib

import pyarrow as pa
import pytest
from fastwarc.stream_io import BrotliWriter
from hypothesis import given
from hypothesis import strategies as st

from headwater.warc.http import decode_body, parse_head
from tests.warc.archives import read, response, warc


def brotli(data, tmp_path):
    with BrotliWriter(str(tmp_path / "body.br")) as out:
        out.write(data)
    return (tmp_path / "body.br").read_bytes()


@pytest.mark.parametrize("line", [b"HTTP/1.1 404 Not Found", b"HTTP/2 404", b"HTTP 404 Gone", b"HTTP/1.0  404"])
def test_status_lines_of_all_kinds_are_read(line):
    assert parse_head(line + b"\r\n\r\n").status == 404


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\n\r\n"])
def test_the_body_starts_after_the_first_blank_line(end):
    block = b"HTTP/1.1 200 OK\nA: b" + end + b"body\n\n\r\n\r\n"
    head = parse_head(block)
    assert (head.headers, block[head.body :]) == ((("A", "b"),), b"body\n\n\r\n\r\n")


def test_folded_and_colonless_header_lines_are_taken_as_they_are():
    head = parse_head(b"HTTP/1.1 200 OK\r\nA: one\r\n  two\r\nnonsense\r\nB:3\r\n\r\n")
    assert head.headers == (("A", "one two"), ("B", "3"))


def test_a_response_that_is_no_http_is_a_bad_header_with_the_block_as_body():
    record = read(warc(b"<html>no head</html>"))[0][0]
    assert (record.problem, record.body()) == ("bad_http_header", b"<html>no head</html>")


def test_chunks_are_joined_and_extensions_ignored():
    assert decode_body(b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "chunked", "").data == b"abcde"


def test_broken_chunks_give_what_came_before():
    result = decode_body(b"3\r\nabc\r\nzz\r\nde", "chunked", "")
    assert (result.data, result.problem) == (b"abc", "bad_chunked")


@pytest.mark.parametrize(("transfer", "content"), [("chunked", ""), ("", "gzip"), ("", "br"), ("", "deflate")])
def test_a_body_that_the_crawler_had_decoded_is_left_alone(transfer, content):
    result = decode_body(b"<html>plain</html>", transfer, content)
    assert (result.data, result.problem) == (b"<html>plain</html>", None)


def test_every_coding_is_undone(tmp_path):
    page = b"<html>" + b"text " * 1000
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(page),
        "x-gzip": gzip.compress(page[:9]) + gzip.compress(page[9:]),
        "deflate": zlib.compress(page),
        "DEFLATE": raw.compress(page) + raw.flush(),
        "zstd": pa.compress(page, codec="zstd", asbytes=True),
        "br": brotli(page, tmp_path),
        "identity": page,
    }
    for coding, body in packed.items():
        assert (coding, decode_body(body, "", coding).data) == (coding, page)


def test_a_cut_gzip_body_gives_its_beginning_and_a_problem():
    packed = gzip.compress(bytes(range(256)) * 100)
    result = decode_body(packed[: len(packed) // 2], "", "gzip")
    assert result.problem == "bad_content_encoding"
    assert bytes(range(256)).startswith(result.data[:256])


def test_chunked_gzip_is_undone_in_order():
    packed = gzip.compress(b"page")
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    record = read(response(body, b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"))[0][0]
    assert (record.payload(), record.body()) == (b"page", body)


@given(st.binary(max_size=300), st.sampled_from(["", "chunked"]), st.sampled_from(["gzip", "deflate", "br", "zstd"]))
def test_no_body_raises(body, transfer, content):
    result = decode_body(body, transfer, content)
    assert (result.problem is None) == (result.detail is None)


@given(st.binary(max_size=300))
def test_no_head_raises(block):
    head = parse_head(b"HTTP/1.1 200 OK\r\n" + block)
    assert head.problem is None
    assert all(isinstance(value, str) for _, value in head.headers)
