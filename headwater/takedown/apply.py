"""Applying a takedown: resolve, rewrite, sweep, tell. A run that is killed is taken up where it was by the next one."""

import json
from collections.abc import Callable

from headwater import catalog, exports, openlineage, releases
from headwater.lake.tombstones import TABLE
from headwater.project import Project
from headwater.takedown import amends, certificate, released, sweep, texts, traces
from headwater.takedown.amends import Removal
from headwater.takedown.request import APPLIED, REQUESTED, RESOLVED, Row, Takedown, load, now, row, write
from headwater.takedown.resolve import Document, resolve, stones

Told = Callable[[str], None]


def apply(
    project: Project, takedown: str, *, including_releases: bool = False, scan: bool = True, told: Told = lambda _: None
) -> certificate.Said:
    """Remove what a takedown names, everywhere, and issue its certificate. No draft is written meanwhile.

    Applied again, it removes what protected releases held, where that is asked for now, and issues anew.
    """
    with project.lake.removing():
        found = load(project, takedown)
        if found.state == REQUESTED:
            told("finding the documents")
            found = _resolved(project, found)
        removal = Removal(project, found.id, documents(found))
        for done in amends.run(removal):
            openlineage.emit(project, done.table, done.after)
            told(f"{done.table} {' '.join(done.partition.values())}: {len(done.replaced)} files written anew")
        amended = released.amend(removal) if including_releases else list(found.details.get("releases_amended", []))
        found = _swept(project, found, removal, amended, told)
        remade = [name for name in amended if exports.remake(project, name)]
        catalog.without_marts(project)
        write(project, found.id, list(found.rows), {**found.details, "exports_remade": sorted(remade)})
        found = load(project, takedown)
    told("searching every file")
    scanned = traces.search(project, certificate.windows(certificate.samples(found)), removal.gone()) if scan else None
    return certificate.issue(project, found, scanned=scanned)


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
    write(project, takedown.id, rows, {**takedown.details, "state": RESOLVED, "resolved_at": now()})
    return load(project, takedown.id)


def _swept(project: Project, takedown: Takedown, removal: Removal, amended: list[str], told: Told) -> Takedown:
    """Delete the files that nothing needs, and note which releases still hold the documents."""
    told("deleting old versions")
    shards = {(d.crawl, d.shard) for d in removal.documents}
    spared = sweep.live(project) | set(releases.protected(project))
    deleted = sweep.sweep(project, spared)
    holding: dict[str, int] = {}
    for names in sweep.held(project, removal.gone(), shards).values():
        for name in names:
            holding[name] = holding.get(name, 0) + 1
    files = [row("file", name) for name in deleted if not name.startswith(f"{TABLE}/")]
    details = {
        **takedown.details,
        "state": APPLIED,
        "applied_at": takedown.details.get("applied_at", now()),
        "files_deleted": int(takedown.details.get("files_deleted", 0)) + len(deleted),
        "releases_amended": sorted({*amended, *takedown.details.get("releases_amended", [])}),
        "releases_holding": dict(sorted(holding.items())),
    }
    write(project, takedown.id, [*takedown.rows, *files], details)
    return load(project, takedown.id)
