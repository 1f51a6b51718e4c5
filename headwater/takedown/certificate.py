"""The certificate of a takedown: who asked, what matched, what was done, and that no byte of a sample is left.

JSON for scripts, a page for people, and the documents as CSV. It holds hashes of windows, never the text, so that
`headwater takedown check` can repeat the search by the certificate alone.
"""

import csv
import hashlib
import html
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headwater.errors import MissingInput, UserError
from headwater.lake import journal
from headwater.lake.files import shard_of
from headwater.lake.lineage import Provenance, canonical, code_version
from headwater.lake.tables import TABLES
from headwater.project import Project
from headwater.takedown import WINDOW
from headwater.takedown.request import Takedown, load, now

if TYPE_CHECKING:
    from headwater.takedown.traces import Search

FOLDER = "certificates"
FORMAT = 1
SHOWN = 200
Said = dict[str, Any]


def issue(project: Project, takedown: Takedown, *, scanned: "Search | None") -> Said:
    """Write the certificate of an applied takedown; gives what its JSON says."""
    storage = project.lake.storage
    listing = _documents_csv(takedown)
    said = {**_facts(project, takedown), "documents_csv_sha256": hashlib.sha256(listing).hexdigest()}
    said["scan"] = _scan(takedown, scanned, said)
    said["state"] = _state(said)
    said["digest"] = digest(said)
    folder = f"{FOLDER}/{takedown.id}"
    storage.write(f"{folder}/documents.csv", listing)
    storage.write(f"{folder}/certificate.html", page(said).encode())
    storage.write(f"{folder}/certificate.json", json.dumps(said, indent=1, sort_keys=True).encode())
    return said


def digest(said: Mapping[str, Any]) -> str:
    """SHA-256 over what a certificate says, its own digest left out."""
    return hashlib.sha256(canonical({k: v for k, v in said.items() if k != "digest"}).encode()).hexdigest()


def check(project: Project, file: Path) -> tuple[Said, "Search", list[str]]:
    """Repeat the search of a certificate: what it says, what was found now, and what does not hold any more."""
    said, gone = read(file)
    from headwater.takedown import traces

    problems = list(_unlike(project, said, gone))
    found = traces.search(project, windows(said["scan"]["samples"]), gone)
    problems += [f"{name}: {where}" for name, where, _ in found.hits if not protected(said, name)]
    held = sum(protected(said, name) for name, _, _ in found.hits)
    if held:
        problems.append(f"protected releases: {held} hits in {', '.join(said['releases_holding'])}")
    problems += [f"{name} cannot be unpacked: {why}" for name, why in found.unread]
    head = said["audit_log_head"]
    if head not in {entry.hash for entry in journal.entries(project.lake)}:
        problems.append(f"the audit log does not hold the entry {head[:16]} that the certificate was issued on")
    problems += journal.breaks(project.lake)
    return said, found, problems


def _unlike(project: Project, said: Said, gone: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Where a certificate says something else than the lake wrote down when it was issued."""
    takedown = load(project, said["takedown"])
    if takedown.details.get("certificate") != said["digest"]:
        yield "certificate: it is not the one that the lake says it issued last"
    if said["scan"]["samples"] != samples(takedown):
        yield "certificate: its windows are not those that the lake wrote down before the removal"
    if {(c, d) for c, docs in gone.items() for d in docs} != {
        (r["crawl"], r["doc_id"]) for r in takedown.of("document")
    }:
        yield "certificate: its documents are not those that the lake wrote down before the removal"
    if not said["scan"]["samples"] and takedown.of("document"):
        yield "certificate: it has no windows, so nothing can be searched for"


def read(file: Path) -> tuple[Said, dict[str, list[str]]]:
    """A certificate and the doc_ids it names by crawl. Raises UserError where either was changed."""
    try:
        said: Said = json.loads(file.read_text(encoding="utf-8"))
        listing = file.with_name("documents.csv").read_bytes()
        kept, counted = said["digest"], said["documents_csv_sha256"]
        whole = isinstance(said["scan"]["samples"], list)
    except FileNotFoundError as error:
        raise UserError(f"there is no certificate {file}; headwater takedown list names the takedowns") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{file} cannot be read as a certificate: {error}; give its certificate.json") from error
    if not whole or kept != digest(said) or counted != hashlib.sha256(listing).hexdigest():
        raise UserError(f"{file} was changed since it was issued: its digest is not that of what it says")
    gone: dict[str, list[str]] = {}
    for row in csv.DictReader(io.StringIO(listing.decode())):
        gone.setdefault(row["crawl"], []).append(row["doc_id"])
    return said, gone


def place(project: Project, name: str) -> Path:
    """The file of a certificate, by the takedown's id or by path."""
    path = Path(name)
    if path.suffix == ".json" or path.exists():
        return path / "certificate.json" if path.is_dir() else path
    if not project.lake.storage.local:
        raise MissingInput(f"give the path of the certificate; the lake {project.lake.storage.root} is an object store")
    return Path(project.lake.storage.uri(f"{FOLDER}/{name}/certificate.json"))


def windows(samples: Sequence[Mapping[str, Any]]) -> dict[int, frozenset[str]]:
    """SHA-256s of windows by their rolling hash."""
    found: dict[int, set[str]] = {}
    for sample in samples:
        found.setdefault(int(sample["rolling"], 16), set()).add(sample["sha256"])
    return {value: frozenset(digests) for value, digests in found.items()}


def samples(takedown: Takedown) -> list[dict[str, str]]:
    """The sampled windows of a takedown, as hashes."""
    return [{"sha256": row["value"], "rolling": row["detail"]} for row in takedown.of("sample")]


def _facts(project: Project, takedown: Takedown) -> Said:
    request, said = takedown.request, takedown.details
    documents = takedown.of("document")
    return {
        "format": FORMAT,
        "takedown": takedown.id,
        "request": {
            "selectors": [{"kind": kind, "value": value} for kind, value in request.selectors[:SHOWN]],
            "selector_count": len(request.selectors),
            "with_duplicates": request.with_duplicates,
            "reason": request.reason,
            "reference": request.reference,
            "requester": request.requester,
            "requested_at": said["requested_at"],
            "entered_by": said["entered_by"],
        },
        "applied_at": said.get("applied_at", now()),
        "issued_at": now(),
        "lake": project.lake.storage.root,
        "code": code_version(),
        "documents": len(documents),
        "documents_by_crawl": _counted(row["crawl"] for row in documents),
        "duplicates": sum(str(row["value"]).startswith("duplicate ") for row in documents),
        "tombstones": _counted(row["detail"] for row in takedown.of("tombstone")),
        "tables": list(tables(project, takedown.id)),
        "files_deleted": int(said.get("files_deleted", 0)),
        "models": [json.loads(row["detail"]) for row in takedown.of("model")],
        "releases_amended": said.get("releases_amended", []),
        "releases_holding": said.get("releases_holding", {}),
        "files_holding": said.get("files_holding", []),
        "exports_remade": said.get("exports_remade", []),
        "audit_log_head": journal.head(project.lake),
        "not_covered": "The crawl's own files lie outside the lake and were not changed. A model cannot forget: "
        "checkpoints are named, not changed.",
    }


def tables(project: Project, takedown: str) -> Iterator[Said]:
    """Per partition: the versions before and after, the files written and deleted, and rows removed now."""
    for name in TABLES:
        log = sorted(project.lake.log(name), key=lambda commit: commit.version)
        for commit in log:
            said = commit.provenance
            if said is None or said.details.get("takedown") != takedown or name in ("takedowns", "releases"):
                continue
            same = [c for c in log if c.version < commit.version and c.provenance is not None
                    and dict(c.provenance.partition) == dict(said.partition)]  # fmt: skip
            yield {
                "table": name,
                "partition": dict(said.partition),
                "version_before": same[-1].version if same else None,
                "version_after": commit.version,
                "digest_before": same[-1].provenance.digest if same and same[-1].provenance else None,
                "digest_after": said.digest,
                "rows_before": same[-1].provenance.rows if same and same[-1].provenance else None,
                "rows": said.rows,
                "removed_rows": _removed(same[-1].provenance if same else None, said),
                "files_rewritten": len(said.details["replaced"]),
                "shards": sorted(shard_of(new) for new in said.details["replaced"].values()),
                "left_stale": any(read.table == "takedowns" for read in said.inputs),
            }


def _removed(before: Provenance | None, said: Provenance) -> int:
    """Rows that this takedown made `removed`; of a table whose rows have no outcome, those that it took away."""
    if "outcomes" not in said.row_flow or not said.row_flow["outcomes"]:
        return 0 if before is None else before.rows - said.rows
    was = {} if before is None else dict(before.row_flow.get("outcomes", {}))
    return int(said.row_flow["outcomes"].get("removed", 0)) - int(was.get("removed", 0))


def _scan(takedown: Takedown, scanned: "Search | None", facts: Said) -> Said:
    chosen = samples(takedown)
    said: Said = {"window_bytes": WINDOW, "samples": chosen, "done": scanned is not None}
    if scanned is not None:
        said |= {
            "files": scanned.files,
            "bytes_on_disk": scanned.bytes_raw,
            "bytes_searched": scanned.bytes_read,
            "hits": [{"file": f, "where": w, "sha256": d} for f, w, d in scanned.hits if not protected(facts, f)],
            "hits_in_protected_releases": sum(protected(facts, file) for file, _, _ in scanned.hits),
            "unread": [{"file": file, "why": why} for file, why in scanned.unread],
            "shared": [{"sha256": d, "stands_in": owner} for d, owner in sorted(scanned.shared.items())],
        }
    return said


def _state(said: Said) -> str:
    scan = said["scan"]
    if scan.get("hits"):
        return "FAILED: traces were found"
    if scan.get("unread"):
        return "FAILED: files could not be searched"
    if not said["documents"]:
        return "nothing matched: no document of the lake is meant"
    if said["releases_holding"]:
        return "incomplete: protected releases still hold the documents"
    if not scan["samples"]:
        return "removed; no text was long enough to search for"
    return "removed, no trace found" if scan["done"] else "removed, not scanned"


def protected(said: Said, file: str) -> bool:
    """Whether a file is one that a protected release holds, or an export of such a release."""
    exported = (f"exports/{release}/" for release in said["releases_holding"])
    return file in said["files_holding"] or file.startswith(tuple(exported))


def failed(said: Said) -> bool:
    """Whether a certificate says that the documents are not gone everywhere, or that it could not be told."""
    return str(said["state"]).startswith(("FAILED", "incomplete"))


def _counted(values: Iterable[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        found[str(value)] = found.get(str(value), 0) + 1
    return dict(sorted(found.items()))


def _documents_csv(takedown: Takedown) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["crawl", "shard", "doc_id", "matched_by"])
    rows = takedown.of("document")
    writer.writerows(sorted((r["crawl"], r["shard"], r["doc_id"], _cell(r["value"])) for r in rows))
    return out.getvalue().encode()


def _cell(text: str) -> str:
    # A spreadsheet would run it.
    return f"'{text}" if text[:1] in "=+-@\t" else text


def page(said: Said) -> str:
    """The certificate as one HTML page without scripts; everything in it is escaped."""
    request, scan = said["request"], said["scan"]
    rows = [
        ("Takedown", said["takedown"]), ("State", said["state"]), ("Requested by", request["requester"] or "not said"),
        ("Reference", request["reference"]), ("Reason", request["reason"]), ("Requested at", request["requested_at"]),
        ("Entered by", request["entered_by"]), ("Applied at", said["applied_at"]), ("Issued at", said["issued_at"]),
        ("Near-duplicates asked for", "yes" if request["with_duplicates"] else "no"),
        ("Documents", said["documents"]), ("of them near-duplicates", said["duplicates"]),
        ("Tombstones", _listed(said["tombstones"])), ("Data files deleted", said["files_deleted"]),
        ("Releases amended", ", ".join(said["releases_amended"]) or "none"),
        ("Exports made again", ", ".join(said["exports_remade"]) or "none"),
        ("Not covered", said["not_covered"]), ("Head of the audit log", said["audit_log_head"]),
        ("Lake", said["lake"]), ("Code", _listed(said["code"])),
    ]  # fmt: skip
    parts = [
        _table(["", ""], rows),
        "<h2>What was asked</h2>",
        _table(["by", "value"], [(s["kind"], s["value"]) for s in request["selectors"]]),
        _more(request["selector_count"]),
        "<h2>Byte scan</h2>",
        _table(["", ""], _scan_rows(scan)),
        *_if_any(
            "Where traces were found",
            ["file", "windows"],
            sorted(_counted(h["file"] for h in scan.get("hits", [])).items()),
        ),
        *_if_any("Documents that stay and hold the same passages", ["document", "windows"], _sharers(scan)),
        "<h2>Tables</h2>",
        _table(
            ["table", "partition", "version", "rows", "removed", "files written anew", "shards", "left stale"],
            [_table_row(t) for t in said["tables"]],
        ),
        "<h2>Models that read the documents</h2>",
        _table(
            ["model", "checkpoint", "tokens read", "documents read"],
            [(m["model"], m["checkpoint"], _number(m["tokens"]), _number(m["documents"])) for m in said["models"]],
        ),
        "<h2>Protected releases that still hold the documents</h2>",
        _table(["release", "files"], sorted(said["releases_holding"].items())),
    ]
    return _PAGE.format(title=html.escape(said["takedown"]), body="\n".join(parts))


def _table_row(entry: Said) -> tuple[Any, ...]:
    versions = f"{entry['version_before']} to {entry['version_after']}"
    shards = ", ".join(entry["shards"][:8]) + (
        f" and {len(entry['shards']) - 8} more" if len(entry["shards"]) > 8 else ""
    )
    place = " ".join(entry["partition"].values())
    stale = "yes: the next run decides anew" if entry["left_stale"] else ""
    return (
        entry["table"],
        place,
        versions,
        entry["rows"],
        entry["removed_rows"],
        entry["files_rewritten"],
        shards,
        stale,
    )


def _scan_rows(scan: Said) -> list[tuple[str, Any]]:
    if not scan["done"]:
        return [("Done", "no: run headwater takedown check")]
    return [
        ("Windows searched for", f"{len(scan['samples'])} of {scan['window_bytes']} bytes, kept as hashes"),
        ("Of them also in documents that stay", len(scan["shared"])),
        ("Files", f"{scan['files']:,}"),
        ("Bytes on disk", f"{scan['bytes_on_disk']:,}"),
        ("Bytes searched, unpacked", f"{scan['bytes_searched']:,}"),
        ("Files that could not be unpacked", len(scan["unread"])),
        ("Hits", len(scan["hits"])),
    ]


def _if_any(title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    return [f"<h2>{title}</h2>", _table(heads, rows[:SHOWN]), _more(len(rows))] if rows else []


def _sharers(scan: Said) -> list[tuple[str, int]]:
    """Documents that were not removed, by how many of the windows stand in them first."""
    return sorted(_counted(entry["stands_in"] for entry in scan.get("shared", [])).items(), key=lambda e: (-e[1], e[0]))


def _more(count: int) -> str:
    return f"<p>and {count - SHOWN:,} more</p>" if count > SHOWN else ""


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "none"


def _number(value: int | None) -> str:
    return "not known: an earlier takedown deleted the stream" if value is None else f"{value:,}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return "<p>none</p>"
    head = "".join(f"<th>{html.escape(h)}</th>" for h in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{html.escape(str(c))}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Certificate of removal {title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.1rem; margin-top: 2rem; }}
table {{ border-collapse: collapse; width: 100%; }}
td, th {{ text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #d8dee4; }}
td {{ overflow-wrap: anywhere; }} td:first-child {{ overflow-wrap: normal; }}
thead th {{ border-bottom: 2px solid #8c959f; }}
</style></head><body>
<h1>Certificate of removal {title}</h1>
{body}
</body></html>
"""
