"""Consent as of a date: read it anew from files that were given, show dated facts side by side, count changes."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headwater import catalog, openlineage
from headwater.errors import MissingInput, NotFound, UnknownName
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.store import DataFile
from headwater.make import make
from headwater.pipeline import Outcome, publish
from headwater.project import Project
from headwater.stages.robots import AS_OF, day, of_set
from headwater.warc import facts

# What a dated reading can know; the rest is of the page itself, at the crawl.
OF_HOSTS = ("robots_txt", "tdmrep", "ai_txt")
Row = dict[str, Any]
Signal = tuple[str, str]  # where, and all of it as JSON


def today() -> str:
    """The day that "now" is, in UTC."""
    return datetime.now(tz=UTC).date().isoformat()


def refresh(project: Project, place: Path | None, as_of: str) -> list[Outcome]:
    """Read consent as of a day for every crawl of the lake: from files that are given, or those the lake has of it.

    Nothing is fetched. A host that is not among the files is `unknown`, whatever it said before. Raises MissingInput
    where there are no files.
    """
    day(as_of)
    crawls = sorted({p["crawl"] for p in project.lake.partitions("raw")})
    if not crawls:
        raise MissingInput("the lake has no crawl; run a recipe first, then refresh its consent")
    made = [] if place is None else [_files(project, place, as_of)]
    if place is None and project.lake.published("robots", {"crawl": f"{AS_OF}{as_of}"}) is None:
        raise MissingInput(f"the lake has no robots files as of {as_of}; give a folder HOST/robots.txt or an archive")
    made += [make(project, "consent", {"crawl": crawl, "as_of": as_of}) for crawl in crawls]
    if any(outcome.written for outcome in made):
        catalog.publish(project)
    return made


def _files(project: Project, place: Path, as_of: str) -> Outcome:
    plan = of_set(project, as_of, place.resolve())
    return publish(project.lake, plan, project.engine, tellers=openlineage.tellers(project))


def told(project: Project, asked: str) -> list[Row]:
    """What was so of a host and all hosts below it, or of one URL, in every crawl as of each date, oldest first.

    What somebody else may have registered below a name (`com`, `co.uk`) does not stand for it. Raises NotFound.
    """
    url = asked if "://" in asked else None
    host = facts.host(url or f"http://{asked}/")
    files = project.lake.files("consent")
    if host is None or not files:
        raise NotFound(f"nothing is known of {asked!r}; give a host or a URL of a crawl that is in the lake")
    rows = _of_url(project, files, url) if url is not None else _of_host(project, files, host)
    if not rows:
        raise NotFound(f"no page of {asked!r} is in the lake")
    return [_shown(row) for row in rows]


def _of_host(project: Project, files: list[DataFile], host: str) -> list[Row]:
    query = """
        select crawl, as_of, host, min(observed_at) as observed_at, robots_state, denied_agents, signals,
               count(*)::bigint as documents
        from $consent where host = $host or ends_with(host, $below)
        group by crawl, as_of, host, robots_state, denied_agents, signals
        order by crawl, host <> $host, host, as_of <> 'at_crawl', as_of, documents desc, robots_state, denied_agents,
                 signals
    """
    owned = facts.registered_domain(f"http://{host}/") is not None
    return _rows(project, query, {"host": host, "below": f".{host}" if owned else f"/{host}"}, consent=files)


def _of_url(project: Project, files: list[DataFile], url: str) -> list[Row]:
    query = """
        select c.crawl, c.as_of, c.host, c.observed_at, c.robots_state, c.denied_agents, c.signals, c.doc_id,
               r.fetched_at
        from $raw r join $consent c using (crawl, shard, doc_id) where r.url = $url and c.host = $host
        order by c.crawl, c.as_of <> 'at_crawl', c.as_of, c.doc_id
    """
    values = {"url": url, "host": facts.host(url)}
    return _rows(project, query, values, consent=files, raw=project.lake.files("raw"))


def _rows(project: Project, query: str, values: Mapping[str, Any], **tables: list[DataFile]) -> list[Row]:
    storage = project.lake.storage
    for name, files in tables.items():
        query = query.replace(f"${name}", parquet(uris(storage, [file.name for file in files])))
    with connect(storage) as connection:
        found: list[Row] = fetch(connection, query, values).to_pylist()
    return found


def _shown(row: Row) -> Row:
    denied, signals = row["denied_agents"], json.loads(row["signals"])
    return {**row, "denied_agents": None if denied is None else json.loads(denied), "signals": signals}


def difference(project: Project, crawl: str, a: str, b: str) -> Row:
    """How the consent of a crawl's documents differs between two dates: documents and hosts by what changed.

    Of signals only the host's own are compared: a page's headers and markup are known at the crawl alone. Whom
    robots.txt denies and what else is said are counted each for itself, so that one not known does not hide the other.
    """
    groups = _paired(project, crawl, a, b)
    documents: Counter[str] = Counter()
    hosts: dict[str, set[str]] = {}
    agents: dict[str, Counter[str]] = {kind: Counter() for kind in OF_AGENTS}
    for group in groups:
        for what in _changes(group):
            documents[what] += group["documents"]
            hosts.setdefault(what, set()).update([group["host"]] if group["host"] is not None else [])
        for kind, names in _agents(group).items():
            agents[kind].update(dict.fromkeys(names, group["documents"]))
    rows = [
        {"change": what, "documents": documents[what], "hosts": len(hosts.get(what, ()))} for what in CHANGES
    ]  # fmt: skip
    by_agent = [
        {"agent": name, **{kind: agents[kind][name] for kind in agents}}
        for name in sorted(set().union(*agents.values()), key=lambda n: (*(-agents[kind][n] for kind in OF_AGENTS), n))
    ]
    return {"crawl": crawl, "a": a, "b": b, "changes": rows, "agents": by_agent}


# What is told of each agent. Denied where it was not known before is not newly denied: it may have been so all along.
OF_AGENTS = ("newly_denied", "denied_now_known", "newly_allowed")
# Documents of `same` are in none of the others, and those of one `not_known` in no other `not_known`.
CHANGES = (
    "same", "not_known_before", "not_known_after", "not_known_at_either", *OF_AGENTS, "signals_added",
    "signals_removed", "state_changed",
)  # fmt: skip


def _paired(project: Project, crawl: str, a: str, b: str) -> list[Row]:
    files = [project.lake.files("consent", {"crawl": crawl, "as_of": as_of}) for as_of in (a, b)]
    for as_of, found in zip((a, b), files, strict=True):
        if not found:
            known = [p["as_of"] for p in project.lake.partitions("consent") if p["crawl"] == crawl]
            raise UnknownName.among(f"consent of crawl {crawl} as of", as_of, known)
    query = """
        select a.host, a.robots_state as state_a, b.robots_state as state_b, a.denied_agents as denied_a,
               b.denied_agents as denied_b, a.signals as signals_a, b.signals as signals_b,
               count(*)::bigint as documents
        from $before a join $after b using (shard, doc_id) group by all order by all
    """
    rows = _rows(project, query, {}, before=files[0], after=files[1])
    owed = sum(file.rows for file in files[0])
    if sum(row["documents"] for row in rows) != owed or owed != sum(file.rows for file in files[1]):
        raise MissingInput(
            f"consent of crawl {crawl} as of {a} and {b} is not of the same documents; make both again: "
            "headwater run RECIPE --to consent, headwater consent refresh --as-of DATE"
        )
    return rows


def _changes(group: Row) -> Iterator[str]:
    unknown = group["denied_a"] is None, group["denied_b"] is None
    before, after = (_signals(group[name]) for name in ("signals_a", "signals_b"))
    found = {
        "not_known_before": unknown == (True, False),
        "not_known_after": unknown == (False, True),
        "not_known_at_either": unknown == (True, True),
        **_agents(group),
        "signals_added": after - before,
        "signals_removed": _revoked(before - after, after, robots_known=not unknown[1]),
        "state_changed": group["state_a"] != group["state_b"],
    }
    changed = [what for what in CHANGES if found.get(what)]
    yield from changed or ["same"]


def _agents(group: Row) -> dict[str, list[str]]:
    """The agents of each kind of `OF_AGENTS`; none where the second date does not know."""
    if group["denied_b"] is None:
        return {}
    after = set(json.loads(group["denied_b"]))
    if group["denied_a"] is None:
        return {"denied_now_known": sorted(after)}
    before = set(json.loads(group["denied_a"]))
    return {"newly_denied": sorted(after - before), "newly_allowed": sorted(before - after)}


def _revoked(gone: set[Signal], after: set[Signal], *, robots_known: bool) -> set[Signal]:
    """Signals that a host does not give any more; one whose file was not read the second time may still stand."""
    read = {where for where, _ in after}
    return {(where, said) for where, said in gone if robots_known or where in read}


def _signals(text: str) -> set[Signal]:
    return {(s["where"], json.dumps(s, sort_keys=True)) for s in json.loads(text) if s["where"] in OF_HOSTS}
