"""Crawl roots whose hosts say something of their use: pages, and archives of robots.txt files, given as responses."""

import gzip
import json

CRAWL = "C1"


def response(url, body="", status=200, headers=(), date="2025-01-02T03:04:05Z", media_type="text/plain"):
    """One WARC record of a response, gzipped by itself."""
    body = body.encode() if isinstance(body, str) else body
    lines = "".join(f"{name}: {value}\r\n" for name, value in [("Content-Type", media_type), *headers])
    block = f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:{url}:{date}:{status}>\r\n"
        f"WARC-Target-URI: {url}\r\n"
        f"WARC-Date: {date}\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0)


def page(url, head="", headers=(), date="2025-01-02T03:04:05Z"):
    """A page at an address."""
    body = f"<html><head><title>A page</title>{head}</head><body><p>Some words of a page.</p></body></html>"
    return response(url, body, headers=headers, date=date, media_type="text/html")


def root(folder, pages, robots=None, crawl=CRAWL):
    """A crawl root with one archive of pages, and one of robots files unless there is to be no listing of any."""
    place = folder / "crawl-data" / crawl
    place.mkdir(parents=True)
    for kind, records, name in (("warc", pages, "pages"), ("robotstxt", robots, "robots")):
        if records is not None:
            (place / f"{name}.warc.gz").write_bytes(b"".join(records))
            listing = gzip.compress(f"crawl-data/{crawl}/{name}.warc.gz\n".encode(), mtime=0)
            (place / f"{kind}.paths.gz").write_bytes(listing)
    (folder / "collinfo.json").write_text(json.dumps([{"id": crawl, "from": "2025-01-01T00:00:00"}]))
    return folder


def signals(row):
    """The signals of a row, as (signal, value, where)."""
    return [(s["signal"], s["value"], s["where"]) for s in json.loads(row["signals"])]
