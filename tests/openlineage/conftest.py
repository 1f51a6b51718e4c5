"""A lake taken from the crawl to the scores and released, its events, and an HTTP server that takes events."""

import json
import shutil
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from headwater import openlineage, releases
from headwater.openlineage import transport
from tests import chain

MODEL = {"steps": 2, "hidden_size": 32, "layers": 1, "heads": 2, "kv_heads": 2, "intermediate_size": 64, "seq_len": 64}


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """No variable of this machine has a say, and no endpoint is remembered as dead."""
    for name in ("URL", "ENDPOINT", "NAMESPACE", "API_KEY", "DISABLED"):
        monkeypatch.delenv(f"OPENLINEAGE_{name}", raising=False)
    transport.outboxes.cache_clear()


@pytest.fixture(scope="session")
def trained(built, tmp_path_factory):
    """The built project with a very small model, taken to its scores and released."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("told") / "project")
    chain.change(folder, "tiny", model={**MODEL, "batch_size": 2, "device": "cpu"})
    with chain.opened(folder) as project:
        chain.run(project, to="eval_scores")
        releases.create(project, "first", "tiny")
        yield project


@pytest.fixture(scope="session")
def events(trained):
    """The events of that lake, from its log."""
    return list(openlineage.of_lake(trained))


@pytest.fixture
def telling(tmp_path):
    """Lays out a project that tells of its commits, and opens it."""
    opened = []

    def open_(**lineage):
        folder = chain.lay_out(tmp_path / f"project{len(opened)}", openlineage=lineage)
        opened.append(chain.opened(folder))
        return opened[-1].__enter__()

    yield open_
    for project in opened:
        project.__exit__(None, None, None)


@pytest.fixture
def set_lineage():
    """Changes what an opened project's folder says of OpenLineage, for whoever opens it next."""

    def change(folder, **lineage):
        file = folder / "headwater.yaml"
        file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "openlineage": lineage}))

    return change


class Endpoint(ThreadingHTTPServer):
    """Keeps what is posted, and answers as told: a status, or a function of the event."""

    daemon_threads = True

    def __init__(self, port=0, answer=201):
        super().__init__(("127.0.0.1", port), Handler)
        self.taken, self.asked, self.answer = [], [], answer
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.server.answer
        status = answer(event) if callable(answer) else answer
        self.server.asked.append((self.path, self.headers.get("Authorization"), status))
        if status < 300:
            self.server.taken.append(event)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.server.asked.append((self.path, None, 200))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *said):
        pass


@pytest.fixture
def endpoint():
    """Starts endpoints, on a port where one is given."""
    started = []

    def start(**how):
        started.append(Endpoint(**how))
        return started[-1]

    yield start
    for server in started:
        server.stop()


class Talker:
    """Hears one request, says something, and then, where told to, something else again and again until left."""

    def __init__(self, said, again=b"", every=0.0):
        self._said, self._again, self._every = said, again, every
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.heard, self.sent, self.left, self._stopped = b"", 0, threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def _talk(self):
        try:
            with self._socket.accept()[0] as peer:
                self.heard = peer.recv(65536)
                peer.sendall(self._said)
                while self._again and not self._stopped.wait(self._every):
                    peer.sendall(self._again)
                    self.sent += len(self._again)
        except OSError:
            self.left.set()

    def stop(self):
        self._stopped.set()
        self._socket.close()
        self._thread.join(10)


@pytest.fixture
def talker():
    """Starts endpoints that speak HTTP badly."""
    started = []

    def start(*said, **how):
        started.append(Talker(*said, **how))
        return started[-1]

    yield start
    for server in started:
        server.stop()
