"""Where events go: a file of JSON lines, an HTTP endpoint; and the spool, which keeps what could not be sent.

The client's file transport is not used: it writes through a buffer of 8 KiB, so larger events of two processes mix. Its
HTTP transport is, with one try and no redirect: a redirected POST becomes a GET that loses the event unseen. Of an
answer only the status is read, since a body may have no end; and all of a POST has one deadline, since the timeout of a
socket begins again with every byte.
"""

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import requests
import urllib3
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider
from requests.adapters import HTTPAdapter

from headwater.errors import HeadwaterError
from headwater.lake.storage import file_lock, temporary_name
from headwater.settings import OpenLineage

log = logging.getLogger(__name__)

Event = Mapping[str, Any]
FOLDER = ".openlineage"
# After a failure the endpoint is left in peace for so long, and events go straight to the spool.
PAUSE_S = 30.0
# Answers that are about the event itself: it would never be taken, and would hold up all that come after it.
REFUSALS = (400, 413, 415, 422)


class Unreachable(HeadwaterError):
    """An event could not be sent now; it may be later."""


class Refused(HeadwaterError):
    """An event was not taken, and will not be."""


class Transport(Protocol):
    """One place that takes events."""

    name: str

    def send(self, event: Event) -> None:
        """Hand over one event. Raises Unreachable or Refused."""

    def holds(self) -> set[tuple[str, str]]:
        """Run id and type of the events that are known to be there already."""


class File:
    """Appends each event as one line, whole or not at all, whoever else writes to the file."""

    def __init__(self, path: Path) -> None:
        self.name = "file"
        self._path = path

    def send(self, event: Event) -> None:
        """One write at the end of the file."""
        line = json.dumps(event, sort_keys=True).encode() + b"\n"
        try:
            with file_lock(self._path.with_name(f".{self._path.name}.lock")):
                _append(self._path, line)
        except (OSError, HeadwaterError) as error:
            raise Unreachable(f"cannot append to {self._path}: {error}") from error

    def holds(self) -> set[tuple[str, str]]:
        """Every event of the file that can be read."""
        if not self._path.exists():
            return set()
        with self._path.open("rb") as lines:
            found = (_read(line) for line in lines)
            return {(event["run"]["runId"], event["eventType"]) for event in found if event is not None}


def _append(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        # A line that a full disk or a power cut tore stays a line of its own, and spoils no other.
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        whole = b"\n" + line if torn else line
        if os.write(descriptor, whole) != len(whole):
            os.ftruncate(descriptor, size)
            raise OSError("the file system is full")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(line: bytes) -> dict[str, Any] | None:
    """One event of a file that others may write to as well; None for a line that is not one."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    known = isinstance(event, dict) and isinstance(event.get("run"), dict) and "eventType" in event
    return event if known and "runId" in event["run"] else None


class _Session(requests.Session):
    """Follows no redirect; requests would read the whole body of one even where it is told not to follow it."""

    def __init__(self) -> None:
        super().__init__()
        # Bodies are left unread.
        self.stream = True
        self.headers["Accept-Encoding"] = "identity"

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None."""


class _Adapter(HTTPAdapter):
    """Knows the connections it opened, so that another thread can end them."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)
        self._opened: list[Any] = []

    def get_connection_with_tls_context(self, *args: Any, **named: Any) -> Any:
        """The pool for a request, which tells of what it opens."""
        pool: Any = super().get_connection_with_tls_context(*args, **named)
        kind = pool.ConnectionCls

        def opened(**how: Any) -> Any:
            self._opened.append(kind(**how))
            return self._opened[-1]

        pool.ConnectionCls = opened
        return pool

    def end(self) -> None:
        """Shut the sockets: whoever waits for one gets an error at once."""
        for connection in self._opened:
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)


class _Post(threading.Thread):
    """One POST, which can be waited for as long as one likes. A daemon: a process ends without it."""

    def __init__(self, lineage: OpenLineage, event: Event) -> None:
        super().__init__(name="openlineage", daemon=True)
        self.status: int | None = None
        self.error: Exception | None = None
        self._event = event
        self._adapter = _Adapter()
        self._client = _client(lineage, self._adapter)

    def run(self) -> None:
        """Keeps the status or the error."""
        try:
            self.status = self._client.emit(dict(self._event)).status_code  # type: ignore[arg-type]
        except requests.HTTPError as error:
            # The client's own complaint of a status.
            self.status = None if error.response is None else error.response.status_code
        except Exception as error:  # noqa: BLE001  # raised or told by whoever waits
            self.error = error
        finally:
            self._client.close()

    def end(self) -> None:
        """Let nothing come in any more."""
        self._adapter.end()


def _client(lineage: OpenLineage, adapter: HTTPAdapter) -> HttpTransport:
    assert lineage.url is not None
    key = lineage.api_key
    config = HttpConfig(
        url=lineage.url,
        endpoint=lineage.endpoint,
        timeout=lineage.timeout_s,
        auth=ApiKeyTokenProvider({"api_key": key}) if key else TokenProvider({}),
        session=_Session(),
        adapter=adapter,
    )
    return HttpTransport(config)


class Http:
    """Posts each event to an endpoint such as Marquez or DataHub."""

    def __init__(self, lineage: OpenLineage) -> None:
        self.name = "http"
        self._lineage = lineage
        self._url = lineage.url
        self._last: _Post | None = None
        # Faults of the settings show here, before any work.
        _client(lineage, HTTPAdapter())

    def send(self, event: Event) -> None:
        """One POST, answered within `timeout_s` in all."""
        if self._last is not None and self._last.is_alive():
            raise Unreachable(f"{self._url}: an earlier event is still being sent")
        self._last = post = _Post(self._lineage, event)
        post.start()
        post.join(self._lineage.timeout_s)
        if post.is_alive():
            post.end()
            raise Unreachable(f"{self._url} gave no answer within {self._lineage.timeout_s:g} s")
        self._judge(post)

    def _judge(self, post: _Post) -> None:
        if isinstance(post.error, OSError | urllib3.exceptions.HTTPError):
            raise Unreachable(f"{self._url}: {type(post.error).__name__}: {_printable(post.error)}") from post.error
        if post.error is not None:
            raise post.error
        if post.status is None or not 200 <= post.status < 300:
            refused = post.status in REFUSALS
            raise (Refused if refused else Unreachable)(f"{self._url} answered {post.status}")

    def holds(self) -> set[tuple[str, str]]:
        """Nothing is known; whoever gets an event again knows its run by the id."""
        return set()


def _printable(error: Exception) -> str:
    """What an error says, which may be in an endpoint's words: short, and without controls."""
    return "".join(c if c.isprintable() else "?" for c in str(error)[:300])


class Outbox:
    """Sends events in order. What cannot be sent stays in a spool file, and goes before the next event."""

    def __init__(self, transport: Transport, folder: Path) -> None:
        self.transport = transport
        self._folder = folder
        self._spool = folder / f"{transport.name}.jsonl"
        self._again_at = 0.0

    def send(self, events: Sequence[Event]) -> None:
        """Send what waits and these; warns of what is kept or refused. No failure of the endpoint is raised."""
        with file_lock(self._folder / f"{self.transport.name}.lock"):
            waiting = self._waiting()
            before = len(waiting)
            waiting += [json.dumps(event, sort_keys=True) for event in events]
            left = waiting if time.monotonic() < self._again_at else waiting[self._sent(waiting) :]
            if left or before:
                self._keep(left)

    def _waiting(self) -> list[str]:
        if not self._spool.exists():
            return []
        return self._spool.read_text(encoding="utf-8").splitlines()

    def _sent(self, waiting: Sequence[str]) -> int:
        """How many of these were handed over or refused, in order."""
        for place, line in enumerate(waiting):
            try:
                self.transport.send(json.loads(line))
            except Refused as error:
                self._set_aside(line)
                log.warning("OpenLineage event refused, kept in %s: %s", self._refused, error)
            except Unreachable as error:
                self._again_at = time.monotonic() + PAUSE_S
                left = len(waiting) - place
                log.warning("%d OpenLineage events not sent, kept in %s: %s", left, self._spool, error)
                return place
        return len(waiting)

    @property
    def _refused(self) -> Path:
        return self._folder / f"{self.transport.name}-refused.jsonl"

    def _set_aside(self, line: str) -> None:
        _append(self._refused, line.encode() + b"\n")

    def _keep(self, left: Sequence[str]) -> None:
        """Replace the spool, whole."""
        if not left:
            self._spool.unlink(missing_ok=True)
            return
        temporary = self._folder / temporary_name(self._spool.name)
        temporary.write_text("".join(f"{line}\n" for line in left), encoding="utf-8")
        temporary.replace(self._spool)


@lru_cache(maxsize=16)
def outboxes(lineage: OpenLineage, folder: Path) -> tuple[Outbox, ...]:
    """Where the events of a project go, by its settings."""
    found: list[Transport] = []
    if lineage.file is not None:
        path = (folder / lineage.file).resolve()
        found.append(File(path))
    if lineage.url is not None:
        found.append(Http(lineage))
    return tuple(Outbox(transport, folder / FOLDER) for transport in found)
