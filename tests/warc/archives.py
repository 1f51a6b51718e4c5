"""Small archives built in memory, and a short way to read one."""

import gzip
import io

from headwater.warc.limits import DEFAULT
from headwater.warc.reader import Reader

HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
CONTENT_TYPE = {"response": b"application/http; msgtype=response", "resource": b"text/plain"}


class Archive(bytes):
    """Bytes that a failing test does not print."""

    def __repr__(self):
        return f"<archive of {len(self)} bytes>"


def warc(block, *headers, kind="response", length=None):
    lines = [
        b"WARC/1.0",
        b"WARC-Type: " + kind.encode(),
        b"WARC-Record-ID: <urn:uuid:1>",
        b"WARC-Target-URI: http://example.org/",
        b"WARC-Date: 2024-10-02T03:04:05Z",
        b"Content-Type: " + CONTENT_TYPE[kind],
        *headers,
        b"Content-Length: %d" % (len(block) if length is None else length),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + block + b"\r\n\r\n"


def response(body, *http_headers):
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(h + b"\r\n" for h in http_headers) + b"\r\n"
    return warc(head + body)


def members(*records):
    return b"".join(gzip.compress(r, mtime=0) for r in records)


def read(data, *, limits=DEFAULT, only=None):
    """(records, state) of an archive in memory."""
    reader = Reader(io.BytesIO(data), name="x.warc.gz", limits=limits, only=only)
    return list(reader), reader.state


def sketch(record):
    return record.offset, record.warc_header_list, record.block
