"""A crawl root behind HTTP gives the same rows as the same root in a folder, and the same bytes of a document."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from headwater import story
from tests import chain


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without ranges and without a log."""

    def log_message(self, *arguments):
        """Say nothing."""


@contextmanager
def served(folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def remote(sample, tmp_path_factory):
    with served(sample) as url:
        folder = chain.lay_out(tmp_path_factory.mktemp("remote") / "project", crawls=url)
        with chain.opened(folder) as project:
            chain.run(project, to="extracted", crawls=["SAMPLE-2025-03"])
            yield project


def test_a_crawl_read_over_http_has_the_digests_of_the_one_in_a_folder(remote, tiny_lake):
    here = {place: digest for place, digest in chain.digests(tiny_lake).items() if place in chain.digests(remote)}
    assert chain.digests(remote) == here
    assert {table for table, _ in here} == {"sources", "raw", "document_index", "robots", "consent", "extracted"}


def test_the_bytes_of_a_document_are_read_over_http(remote, tiny_lake):
    doc_id = chain.rows(tiny_lake, "raw", ["doc_id"], crawl="SAMPLE-2025-03")[7]["doc_id"]
    assert story.record(remote, doc_id).body() == story.record(tiny_lake, doc_id).body()
