"""A real Dagster on loopback (web server, daemon, code server) over an empty lake, and a real browser."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests import quiet  # noqa: F401  # before anything that imports assets

# No traffic but to the page: a test must not depend on what a browser fetches for itself.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    """The address of a Dagster on the repository's definitions and a lake of its own."""
    folder = tmp_path_factory.mktemp("ui")
    shutil.copy(root / "dagster.yaml", folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lake = {"HEADWATER_LAKE": str(folder / "lake"), "HEADWATER_CRAWLS": str(root / "sample")}
    env = {**os.environ, **lake, "DAGSTER_HOME": str(folder), "HEADWATER_PROJECT": str(root)}
    program = Path(sys.executable).with_name("dagster")
    command = [program, "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    with (folder / "dagster.log").open("w") as log:
        server = subprocess.Popen(command, cwd=root, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            yield _ready(f"http://127.0.0.1:{port}", server, folder / "dagster.log")
        finally:
            _end(server)


def _ready(address, server, log):
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=5):
                return address
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def _end(server):
    server.send_signal(signal.SIGINT)
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="module")
def page(site):
    """A page of a headless browser at the site."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        opened = browser.new_page(viewport={"width": 1600, "height": 1000})
        opened.goto(site)
        yield opened
        browser.close()


def chromium():
    """The system's browser; None lets Playwright take its own."""
    return next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)


@pytest.fixture(scope="module")
def ask(page):
    """Asks the GraphQL that the page itself asks, from within the page."""

    def answer(query, **variables):
        script = """async ([query, variables]) => (await fetch('/graphql', {
            method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({query, variables})
        })).json()"""
        said = page.evaluate(script, [query, variables])
        assert "errors" not in said, said
        return said["data"]

    return answer
