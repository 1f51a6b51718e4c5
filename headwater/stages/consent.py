"""`consent`: what was said of the use of each document, one row each: by robots.txt to AI agents, and by other signals.

`as_of` is `at_crawl`, from the crawl's own robots files and the page's headers and markup; or a day, from the files
that `headwater consent refresh` was given for it, which say nothing of a page's own headers and markup now. Two dated
facts, and no verdict: what they mean is for a policy.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headwater.engine import Guard, Task
from headwater.lake.audit import Conservation
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.storage import Storage
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.rights import ai_agents, reservations, robots, rsl, site, tdmrep
from headwater.rights.reservations import HostFiles
from headwater.rights.site import UNKNOWN, RobotsAnswer, Site
from headwater.stages.robots import AS_OF, day

VERSION = 1
AT_CRAWL = "at_crawl"
OWED = "outcome in ('kept', 'removed')"
READ = ["doc_id", "shard", "host", "url", "fetched_at", "consent", "outcome"]
# RFC 9309, section 2.3.1.2: at least five redirects are followed, across hosts.
HOPS = 5
HOST_ROWS = 256
BATCH = 4_096
STEPS = {
    "stages/consent": VERSION,
    "rights/ai_agents": ai_agents.VERSION,
    "rights/reservations": reservations.VERSION,
    "rights/robots": robots.VERSION,
    "rights/rsl": rsl.VERSION,
    "rights/site": site.VERSION,
    "rights/tdmrep": tdmrep.VERSION,
}
NO_FILES = HostFiles()
Row = dict[str, Any]


def consent(project: Project, partition: Partition) -> Plan:
    """Plan for one crawl as of its crawling or of a day: one output file per file of `raw`, its documents in order."""
    as_of = partition["as_of"]
    at_crawl = as_of == AT_CRAWL
    robots_of = partition["crawl"] if at_crawl else f"{AS_OF}{day(as_of)}"
    raw = project.lake.input("raw", {"crawl": partition["crawl"]})
    said = project.lake.input("robots", {"crawl": robots_of})
    files = project.lake.read(raw)
    hosts = [f.name for f in project.lake.read(said)]
    return Plan(
        table="consent",
        partition=partition,
        inputs=(raw, said),
        steps=STEPS,
        options={"page": at_crawl},
        shards={f.shard: {"raw": f.name, "robots": hosts, "at_crawl": at_crawl} for f in files},
        work=work,
        owed=Conservation(tuple(f.name for f in files), where=OWED),
    )


def work(task: Task, guard: Guard) -> None:
    """Say what holds for the documents of one shard. Its hosts are gone through one by one, each read once."""
    draft, said = task.arguments["draft"], task.arguments
    documents = list(_documents(draft.storage, said["raw"]))
    pending: dict[str, list[tuple[HostFiles | None, list[Row]]]] = {}
    for host, rows in _grouped(documents).items():
        pending[host] = [(None, rows)]
    for _ in range(1 + HOPS):
        if pending:
            pending = _answered(draft.storage, said["robots"], pending, at_crawl=said["at_crawl"])
    for waiting in pending.values():
        _unanswered(waiting, at_crawl=said["at_crawl"])
    for row in documents:
        if "robots_state" not in row:
            _say(row, UNKNOWN, NO_FILES, at_crawl=said["at_crawl"])
    with draft.writer(task.shard) as writer:
        schema = table("consent").file_schema
        for start in range(0, len(documents), BATCH):
            writer.write(pa.Table.from_pylist(documents[start : start + BATCH], schema=schema))


def _documents(storage: Storage, name: str) -> Iterator[Row]:
    for batch in read_batches(storage, name, READ):
        yield from (row for row in batch.to_pylist() if row["outcome"] in ("kept", "removed"))


def _grouped(documents: Iterable[Row]) -> dict[str, list[Row]]:
    by_host: dict[str, list[Row]] = {}
    for row in documents:
        if row["host"] is not None:
            by_host.setdefault(row["host"], []).append(row)
    return by_host


def _answered(
    storage: Storage,
    files: list[str],
    pending: Mapping[str, list[tuple[HostFiles | None, list[Row]]]],
    *,
    at_crawl: bool,
) -> dict[str, list[tuple[HostFiles | None, list[Row]]]]:
    """Answer the documents that wait for a host, and give those that wait for another, where its robots.txt moved.

    A document waits with the other files of its own host, once they have been read.
    """
    moved: dict[str, list[tuple[HostFiles | None, list[Row]]]] = {}
    rest = dict(pending)
    for host, known in _sites(storage, files, set(pending)):
        for own, rows in rest.pop(host):
            mine = known.files if own is None else own
            onward: dict[str, list[Row]] = {}
            for row in rows:
                answer = known.robots(row["fetched_at"] if at_crawl else None)
                if answer.moved_to is not None:
                    onward.setdefault(answer.moved_to, []).append(row)
                else:
                    _say(row, answer, mine, at_crawl=at_crawl)
            for target, following in onward.items():
                moved.setdefault(target, []).append((mine, following))
    for waiting in rest.values():
        _unanswered(waiting, at_crawl=at_crawl)
    return moved


def _unanswered(waiting: Iterable[tuple[HostFiles | None, list[Row]]], *, at_crawl: bool) -> None:
    """The host was never asked; or where its robots.txt moved to was not."""
    for own, rows in waiting:
        answer = UNKNOWN if own is None else RobotsAnswer("redirected")
        for row in rows:
            _say(row, answer, own or NO_FILES, at_crawl=at_crawl)


def _sites(storage: Storage, files: Iterable[str], hosts: set[str]) -> Iterator[tuple[str, Site]]:
    """The sites of some hosts. A host is in one file of `robots`, whose rows are in order of host."""
    wanted = pa.array(sorted(hosts), pa.string())
    for name in files:
        host, rows = None, []
        for batch in read_batches(storage, name, rows=HOST_ROWS):
            for row in batch.filter(pc.is_in(batch.column("host"), value_set=wanted)).to_pylist():
                if host is not None and row["host"] != host:
                    yield host, Site(rows)
                    rows = []
                host = row["host"]
                rows.append(row)
        if host is not None:
            yield host, Site(rows)


def _say(row: Row, answer: RobotsAnswer, files: HostFiles, *, at_crawl: bool) -> None:
    """Put into a document's row what holds for it."""
    url = row["url"] or ""
    found = reservations.of_page(row["consent"]) if at_crawl else []
    found += reservations.of_host(url, answer.rules, files)
    row["observed_at"] = _observed(answer, row["fetched_at"] if at_crawl else None)
    row["robots_state"] = answer.state
    row["denied_agents"] = _as_json(answer.denied(url))
    row["signals"] = reservations.as_json(reservations.with_terms(found, url, files))


def _observed(answer: RobotsAnswer, fetched_at: datetime | None) -> datetime | None:
    """When robots.txt was fetched; where none was, when the page was."""
    return answer.fetched_at if answer.fetched_at is not None else fetched_at


@lru_cache(maxsize=4096)
def _as_json(agents: tuple[str, ...] | None) -> str | None:
    return None if agents is None else json.dumps(agents)
