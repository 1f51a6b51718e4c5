"""Where events go: a file of JSON lines, an HTTP endpoint; and the spool, which keeps what could not be sent.

The client's file transport is not used: it writes through a buffer of 8 KiB, so larger events of two processes mix. Its
HTTP transport is, with one try and no redirect: a redirected POST becomes a GET that loses the event unseen.
"""

import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import requests
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider

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


class Http:
    """Posts each event to an endpoint such as Marquez or DataHub."""

    def __init__(self, lineage: OpenLineage) -> None:
        self.name = "http"
        assert lineage.url is not None
        self._url = lineage.url
        key = lineage.api_key
        session = requests.Session()
        session.max_redirects = 0
        config = HttpConfig(
            url=lineage.url,
            endpoint=lineage.endpoint,
            timeout=lineage.timeout_s,
            auth=ApiKeyTokenProvider({"api_key": key}) if key else TokenProvider({}),
            session=session,
            retry={"total": 0},
        )
        self._client = HttpTransport(config)

    def send(self, event: Event) -> None:
        """One POST."""
        try:
            self._client.emit(dict(event))  # type: ignore[arg-type]
        except requests.HTTPError as error:
            status = None if error.response is None else error.response.status_code
            raise (Refused if status in REFUSALS else Unreachable)(f"{self._url} answered {status}") from error
        except requests.RequestException as error:
            raise Unreachable(f"{self._url}: {type(error).__name__}: {error}") from error

    def holds(self) -> set[tuple[str, str]]:
        """Nothing is known; whoever gets an event again knows its run by the id."""
        return set()


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
