"""Crawl roots in Common Crawl's layout, made of archives that a test brings."""

import gzip
import json


def root(folder, **crawls):
    """A crawl root: for each crawl, oldest first, its archives' bytes by file name."""
    listed = []
    for number, (crawl, files) in enumerate(crawls.items()):
        name = crawl.replace("_", "-")
        place = folder / "crawl-data" / name / "warc"
        place.mkdir(parents=True)
        for file, data in files.items():
            (place / file).write_bytes(data)
        paths = "".join(f"crawl-data/{name}/warc/{file}\n" for file in files)
        (folder / "crawl-data" / name / "warc.paths.gz").write_bytes(gzip.compress(paths.encode(), mtime=0))
        listed.append({"id": name, "from": f"2024-{number + 1:02d}-01T00:00:00"})
    (folder / "collinfo.json").write_text(json.dumps(listed))
    return folder


def archive(*pages, charset="utf-8", first=0):
    """A WARC, gzip by record, with one response for each page given as bytes, numbered from `first`."""
    return b"".join(gzip.compress(_record(number, page, charset), mtime=0) for number, page in enumerate(pages, first))


def _record(number, page, charset):
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset={charset}\r\n\r\n".encode() + page
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"WARC-Target-URI: http://example.org/{number}\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"
