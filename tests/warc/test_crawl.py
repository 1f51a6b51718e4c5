"""Crawl roots in a folder and over HTTP; hostile listings are refused."""

import functools
import gzip
import json
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest

from headwater.errors import MissingInput, UnknownName, UserError
from headwater.warc.crawl import Crawl, CrawlRoot
from headwater.warc.reader import Reader, read_at


class RangeHandler(SimpleHTTPRequestHandler):
    """The standard handler, and single byte ranges as object stores serve them."""

    ranges = True

    def log_message(self, *arguments):
        pass

    def send_head(self):
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", "")) if self.ranges else None
        if asked is None or not (stream := file_of(self)):
            return super().send_head()
        content = stream.read_bytes()
        first, last = int(asked[1]), min(int(asked[2]), len(content) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self.wfile.write(content[first : last + 1])
        return None

    def end_headers(self):
        if self.ranges:
            self.send_header("Accept-Ranges", "bytes")
        super().end_headers()


def file_of(handler):
    file = Path(handler.translate_path(handler.path))
    return file if file.is_file() else None


class WholeHandler(RangeHandler):
    """A server that gives whole files only."""

    ranges = False


@pytest.fixture
def serve():
    servers = []

    def start(folder, handler=RangeHandler):
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def make(tmp_path):
    """A crawl root with these listings."""

    def build(collinfo=None, **paths):
        if collinfo is not None:
            (tmp_path / "collinfo.json").write_text(collinfo if isinstance(collinfo, str) else json.dumps(collinfo))
        for crawl, lines in paths.items():
            folder = tmp_path / "crawl-data" / crawl
            folder.mkdir(parents=True)
            (folder / "warc.paths.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
        return CrawlRoot(str(tmp_path))

    return build


def all_of(root):
    listed = {crawl.id: root.paths(crawl.id) for crawl in root.crawls()}
    offsets = {}
    for file in (file for files in listed.values() for file in files):
        with root.open(file.path) as stream:
            offsets[file.path] = [r.offset for r in Reader(stream, name=file.shard)]
        assert root.size(file.path) > 0
    return listed, offsets


def test_crawls_are_listed_oldest_first(sample):
    crawls = CrawlRoot(str(sample)).crawls()
    assert [(c.id, c.started) for c in crawls] == [
        ("SAMPLE-2024-10", "2024-10-01T00:00:00"),
        ("SAMPLE-2025-03", "2025-03-01T00:00:00"),
    ]


def test_a_shard_is_the_file_name_without_its_extension(sample):
    files = CrawlRoot(str(sample)).paths("SAMPLE-2024-10")
    assert [f.shard for f in files] == ["SAMPLE-2024-10-00000", "SAMPLE-2024-10-00001"]


@pytest.mark.parametrize("handler", [RangeHandler, WholeHandler])
def test_a_root_over_http_is_the_same_as_in_a_folder(sample, serve, handler):
    assert all_of(CrawlRoot(serve(sample, handler))) == all_of(CrawlRoot(str(sample)))


def test_one_record_can_be_read_over_http_by_its_offset(sample, serve, truth):
    root = CrawlRoot(serve(sample))
    page = truth[50]
    path = next(f.path for f in root.paths(page["crawl"]) if f.path.endswith(page["file"]))
    with root.open(path) as stream:
        assert read_at(stream, page["offset"], name=page["file"]).url == page["url"]


def test_a_missing_listing_over_http_says_what_is_missing(serve, tmp_path):
    with pytest.raises(MissingInput, match=r"holds neither collinfo\.json"):
        CrawlRoot(serve(tmp_path)).crawls()


def test_without_collinfo_the_folders_are_listed(make):
    assert make(B=["b.warc.gz"], A=["a.warc.gz"]).crawls() == [Crawl("A"), Crawl("B")]


def test_a_root_in_memory_is_read_like_an_object_store(sample):
    store = fsspec.filesystem("memory")
    store.put(f"{sample}/", "/bucket/crawls/", recursive=True)
    listed, offsets = all_of(CrawlRoot("memory://bucket/crawls"))
    assert (listed, offsets) == all_of(CrawlRoot(str(sample)))
    store.rm("/bucket", recursive=True)


@pytest.mark.parametrize(
    "collinfo",
    [
        "{",
        "{}",
        "[1]",
        '[{"id": 7}]',
        '[{"id": "A", "from": "soon"}]',
        '[{"id": "A", "from": 7}]',
        '[{"id": "A"}, {"id": "A"}]',
    ],
)
def test_a_malformed_collinfo_is_refused_by_name(make, collinfo):
    with pytest.raises(UserError, match=r"collinfo\.json"):
        make(collinfo).crawls()


@pytest.mark.parametrize("crawl_id", ["../x", "", ".hidden", "a/b", "x" * 101, "a\n", "a b"])
def test_a_hostile_crawl_id_is_refused(make, crawl_id):
    root = make([{"id": crawl_id}])
    with pytest.raises(UserError, match="crawl id"):
        root.crawls()
    with pytest.raises(UserError, match="crawl id"):
        root.paths(crawl_id)


@pytest.mark.parametrize(
    "path", ["../x.warc", "a/../../x.warc", "/etc/passwd", "file:///etc/passwd", "s3://b/x", "a\\..\\b"]
)
def test_a_path_that_leaves_the_root_is_refused(make, path):
    root = make([{"id": "A"}], A=[path])
    with pytest.raises(UserError, match="below the crawl root"):
        root.paths("A")
    with pytest.raises(UserError, match="below the crawl root"):
        root.open(path)


def test_an_unknown_crawl_is_answered_with_the_known_ones(sample):
    with pytest.raises(UnknownName, match="have: SAMPLE-2024-10, SAMPLE-2025-03"):
        CrawlRoot(str(sample)).paths("SAMPLE-1999-01")


def test_a_listed_crawl_without_its_paths_is_missing_input(make):
    with pytest.raises(MissingInput, match=r"crawl-data/A/warc\.paths\.gz"):
        make([{"id": "A"}]).paths("A")


def test_a_paths_file_that_is_no_gzip_is_refused_by_name(make, tmp_path):
    root = make([{"id": "A"}], A=[])
    (tmp_path / "crawl-data/A/warc.paths.gz").write_bytes(b"not gzip")
    with pytest.raises(UserError, match=r"warc\.paths\.gz is not a gzip file"):
        root.paths("A")


def test_a_missing_file_is_missing_input(sample):
    with pytest.raises(MissingInput, match=r"no file .*nowhere\.warc"):
        CrawlRoot(str(sample)).open("nowhere.warc")


def test_repeated_file_names_become_different_shards_whatever_their_order(make):
    lines = ["a/x.warc.gz", "b/x.arc.gz", "c/y.warc", "c/y.warc"]
    files = make([{"id": "A"}], A=lines, B=lines[::-1])
    shards = {f.path: f.shard for f in files.paths("A")}
    assert len(set(shards.values())) == 3
    assert shards["c/y.warc"] == "y"
    assert shards == {f.path: f.shard for f in files.paths("B")}


def test_a_shard_name_is_safe_in_a_file_name(make):
    names = ["é: *?.warc.gz", "x" * 300 + ".warc.gz", ".warc.gz", "-rf.warc"]
    for file in make([{"id": "A"}], A=names).paths("A"):
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,139}", file.shard)
