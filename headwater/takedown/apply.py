"""Applying a takedown: resolve, rewrite, sweep, tell. A run that is killed is taken up where it was by the next one."""

import json
from collections import Counter
from collections.abc import Callable

from headwater import catalog, exports, openlineage, streams
from headwater.errors import MissingInput, UserError
from headwater.lake import journal
from headwater.project import Project
from headwater.takedown import amends, certificate, released, sweep, texts, traces
from headwater.takedown.amends import Removal
from headwater.takedown.request import (
    APPLIED,
    INCOMPLETE,
    REQUESTED,
    RESOLVED,
    WITHDRAWN,
    Row,
    Takedown,
    load,
    now,
    row,
    write,
)
from headwater.takedown.resolve import Document, resolve, stones

Told = Callable[[str], None]


def apply(
    project: Project,
    takedown: str,
    *,
    including_releases: bool = False,
    scan: bool = True,
    told: Told = lambda _: None,
    reports: Callable[[], None] | None = None,
) -> certificate.Said:
    """Remove what a takedown names, everywhere, and issue its certificate. No draft is written meanwhile.

    Applied again, it removes what protected releases held, where that is asked for now, and issues anew. Only the
    last step marks it as applied: until then every run begins again and finds what is left. `reports` builds what is
    made of the tables outside of this library, so that it is searched too.
    """
    if not project.lake.storage.local:
        raise MissingInput(f"a takedown needs a lake on this machine; {project.lake.storage.root} is an object store")
    with project.lake.removing():
        journal.record(project.lake)
        found = load(project, takedown)
        if found.state == WITHDRAWN:
            raise UserError(f"takedown {takedown} was withdrawn; add it again under another reference")
        if found.state == REQUESTED:
            told("finding the documents")
            found = _resolved(project, found)
        removal = Removal(project, found.id, documents(found))
        for done in amends.run(removal):
            openlineage.emit(project, done.table, done.version)
            told(f"{done.table} {' '.join(done.partition.values())}: {done.files} files written anew")
        if including_releases:
            released.amend(removal)
        told("deleting old versions")
        found = _swept(project, found, removal)
    if reports is not None:
        told("building reports")
        reports()
    told("searching every file")
    scanned = traces.search(project, certificate.windows(certificate.samples(found)), removal.gone()) if scan else None
    said = certificate.issue(project, found, scanned=scanned)
    state = INCOMPLETE if found.details["releases_holding"] else APPLIED
    applied = {**found.details, "state": state, "applied_at": said["applied_at"], "certificate": said["digest"]}
    write(project, found.id, list(found.rows), applied)
    return said


def documents(takedown: Takedown) -> list[Document]:
    """The documents of a resolved takedown."""
    return sorted(
        Document(r["crawl"], r["shard"], r["doc_id"], "", "", r["value"]) for r in takedown.of("document")
    )  # fmt: skip


def _resolved(project: Project, takedown: Takedown) -> Takedown:
    """Write down what the request means, and what must be read of the documents while they are there."""
    meant = resolve(project, takedown.request)
    said, sampled = texts.read(project, takedown.id, meant, hashes=takedown.request.with_duplicates)
    hashes = {**stones(takedown.request, meant), **dict.fromkeys(sorted(said), "text")}
    rows: list[Row] = [
        *takedown.of("request"),
        *(row("document", d.why, crawl=d.crawl, shard=d.shard, doc_id=d.doc_id) for d in meant),
        *(row("tombstone", value, detail=kind) for value, kind in hashes.items()),
        *(row("sample", s.sha256, detail=f"{s.rolling:016x}", crawl=s.crawl, doc_id=s.doc_id) for s in sampled),
        *(
            row("model", m["model"], tokens=m["tokens"], detail=json.dumps(m, sort_keys=True))
            for m in texts.models(project, meant)
        ),
    ]
    # A draft that a killed run left was made without these tombstones, and its name does not tell.
    takedown, _ = _deleted(project, takedown)
    rows += takedown.of("file")
    write(project, takedown.id, rows, {**takedown.details, "state": RESOLVED, "resolved_at": now()})
    return load(project, takedown.id)


def _swept(project: Project, takedown: Takedown, removal: Removal) -> Takedown:
    """Delete the files that nothing needs, make again what was made of them, and note what releases still hold."""
    shards = {(d.crawl, d.shard) for d in removal.documents}
    takedown, deleted = _deleted(project, takedown)
    held = sweep.held(project, removal.gone(), shards)
    holding = Counter(name for names in held.values() for name in names)
    amended = released.amended_by(project, takedown.id)
    remade = [name for name in amended if exports.remake(project, name)]
    catalog.without_marts(project)
    details = {
        **takedown.details,
        "files_deleted": len(deleted),
        "releases_amended": amended,
        "releases_holding": dict(sorted(holding.items())),
        "files_holding": sorted(held),
        "exports_remade": remade,
    }
    write(project, takedown.id, list(takedown.rows), details)
    return load(project, takedown.id)


def _deleted(project: Project, takedown: Takedown) -> tuple[Takedown, list[str]]:
    """Delete what nothing needs; where documents were in streams is kept.

    The names are written down first: whoever misses a file later finds it there.
    """
    streams.keep(project)
    known = {entry["value"] for entry in takedown.of("file")}
    unneeded = sweep.unneeded(project)
    files = [row("file", name) for name in unneeded if name not in known]
    if files:
        write(project, takedown.id, [*takedown.rows, *files], takedown.details)
        takedown = load(project, takedown.id)
    sweep.sweep(project, unneeded)
    return takedown, [entry["value"] for entry in takedown.of("file")]
