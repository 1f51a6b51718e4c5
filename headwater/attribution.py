"""The attribution bundle of a release: every document of its training stream that asks for attribution.

For each: title, author where the page names one, address, crawl, licence with the address of its text. Titles and
authors are a page's own words: escaped in HTML, and kept from being formulas in a spreadsheet.
"""

import csv
import html
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import pyarrow.parquet as pq

from headwater import exports, releases
from headwater.errors import MissingInput
from headwater.project import Project
from headwater.releases import Release
from headwater.report.markup import safe
from headwater.rights import licence_classes

KIND = "attribution"
PAGE_ROWS = 5_000
BATCH = 2_048
MAX_AUTHOR = 200
COLUMNS = ("title", "author", "url", "licence", "licence_url", "obligations", "crawl", "copies", "doc_id")
Row = dict[str, Any]

# `kept` documents are the training stream: `tokenized` owes each of them as often as its copies.
_DOCUMENTS = """
    copy (
        select m.doc_id, m.crawl, e.url, e.title, m.licence, m.obligations, m.copies, m.evidence, e.licence_evidence
        from mixed m join extracted e on e.crawl = m.crawl and e.doc_id = m.doc_id
        where m.outcome = 'kept' and contains(m.obligations, 'attribution')
        order by m.crawl, m.doc_id
    ) to '$file' (format parquet, compression zstd)
"""
_LICENCES = "select licence, count(*) from read_parquet($file) group by 1 order by 2 desc, 1"


def export(project: Project, release: Release) -> exports.Export:
    """Make the bundle under `exports/RELEASE/attribution/`, or make it again."""
    with documents(project, release) as files:
        return exports.write(project, release.name, KIND, files)


@contextmanager
def documents(project: Project, release: Release) -> Iterator[Iterator[tuple[str, Callable[[BinaryIO], None]]]]:
    """The files of the bundle by name, each with what writes it. Raises MissingInput for a release without `mixed`."""
    if not release.files("mixed"):
        raise MissingInput(f"release {release.name} ends before mixed, which says what asks for attribution")
    with tempfile.TemporaryDirectory(prefix="headwater-") as place, releases.connect(project, release) as db:
        db.execute("set preserve_insertion_order = true")
        db.execute("set temp_directory = $place", {"place": place})
        file = str(Path(place) / "documents.parquet")
        # A copy's target cannot be a parameter; the name is ours.
        db.execute(_DOCUMENTS.replace("$file", file.replace("'", "''")))
        yield _files(db, release, file)


def _files(
    db: duckdb.DuckDBPyConnection, release: Release, file: str
) -> Iterator[tuple[str, Callable[[BinaryIO], None]]]:
    counts = db.execute(_LICENCES, {"file": file}).fetchall()
    total = sum(count for _, count in counts)
    pages = [f"documents-{n + 1:05d}.html" for n in range(-(-total // PAGE_ROWS))]
    yield "attribution.csv", partial(_csv, rows=_rows(file))
    yield "attribution.json", partial(_json, release=release, rows=_rows(file))
    yield "index.html", partial(_write, text=_index(release, counts, pages))
    rows = _rows(file)
    for name in pages:
        yield name, partial(_page, release=release, rows=rows)


def _rows(file: str) -> Iterator[Row]:
    with pq.ParquetFile(file) as found:
        for batch in found.iter_batches(batch_size=BATCH):
            yield from map(_row, batch.to_pylist())


def _row(found: Row) -> Row:
    said = json.loads(found["licence_evidence"]) if found["licence_evidence"] is not None else []
    decided = json.loads(found["evidence"])
    authors = [decided.get("author"), *(entry.get("author") for entry in said)]
    return {
        "title": found["title"],
        "author": next((str(a)[:MAX_AUTHOR] for a in authors if a), None),
        "url": found["url"],
        "licence": found["licence"],
        "licence_url": licence_url(found["licence"], decided),
        "obligations": found["obligations"],
        "crawl": found["crawl"],
        "copies": found["copies"],
        "doc_id": found["doc_id"],
    }


def licence_url(licence: str | None, evidence: dict[str, Any]) -> str | None:
    """Where the terms are: of an SPDX id its text, else the address that the page itself gave."""
    known = licence_classes.url(licence) if licence is not None else None
    said = str(evidence.get("said", ""))
    return known or (said if said.startswith(("https://", "http://")) else None)


def _csv(file: BinaryIO, *, rows: Iterator[Row]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_no_formula(row[name]) for name in COLUMNS])
    # The file below is closed by whoever opened it.
    text.detach()


def _no_formula(value: Any) -> Any:
    """A spreadsheet runs a cell that begins like this; a quote before it makes it text (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _json(file: BinaryIO, *, release: Release, rows: Iterator[Row]) -> None:
    head = json.dumps({"release": release.name, "recipe": release.recipe})
    file.write(f'{head[:-1]}, "documents": ['.encode())
    for place, row in enumerate(rows):
        file.write((",\n" if place else "\n").encode() + json.dumps(row, ensure_ascii=False).encode())
    file.write(b"\n]}\n")


def _write(file: BinaryIO, *, text: str) -> None:
    file.write(text.encode())


def _index(release: Release, counts: list[tuple[str | None, int]], pages: list[str]) -> str:
    lines = "".join(
        f"<tr><td>{_link(licence_url(licence, {}), licence or 'none named')}</td><td>{count:,}</td></tr>"
        for licence, count in counts
    )
    links = "".join(f'<li><a href="{name}">{name}</a></li>' for name in pages)
    total = sum(count for _, count in counts)
    return _framed(
        f"Attribution for release {release.name}",
        f"<p>{total:,} documents of the training stream of recipe {_safe(release.recipe)} ask for attribution. Their "
        "texts were extracted from the pages, and may have been filtered and edited.</p>"
        f"<table><thead><tr><th>Licence</th><th>Documents</th></tr></thead><tbody>{lines}</tbody></table>"
        f"<h2>Documents</h2><ul>{links}</ul><p>The same as data: attribution.csv, attribution.json.</p>",
    )


def _page(file: BinaryIO, *, release: Release, rows: Iterator[Row]) -> None:
    head, tail = _framed(f"Attribution for release {release.name}", "\0").split("\0")
    file.write(f'{head}<p><a href="index.html">All licences</a></p><ol>'.encode())
    for _ in range(PAGE_ROWS):
        row = next(rows, None)
        if row is None:
            break
        file.write(_item(row).encode())
    file.write(f"</ol>{tail}".encode())


def _item(row: Row) -> str:
    title = f"<cite>{_link(row['url'], row['title'] or row['url'])}</cite>"
    author = f", by {_safe(row['author'])}" if row["author"] else ""
    licence = _link(row["licence_url"], row["licence"] or "no licence named")
    asks = f" <small>{_safe(row['obligations'])}; {_safe(row['crawl'])}, {_safe(row['doc_id'])}</small>"
    return f"<li>{title}{author}, {licence}<br><small>{_safe(row['url'])}</small>{asks}</li>\n"


def _link(url: str | None, label: str | None) -> str:
    shown = _safe(label or "unknown")
    if url is None or not url.startswith(("https://", "http://")):
        return shown
    return f'<a href="{_safe(url)}" rel="nofollow noopener noreferrer">{shown}</a>'


def _safe(value: Any) -> str:
    return html.escape(safe("" if value is None else str(value)))


def _framed(title: str, body: str) -> str:
    return _FRAME.replace("$TITLE", _safe(title)).replace("$BODY", body)


_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$TITLE</title>
<style>
body { margin: 0 auto; max-width: 54rem; padding: 2rem 1.5rem; color: #1c2127; font: 15px/1.5 system-ui, sans-serif; }
li, td { overflow-wrap: anywhere; margin: .5rem 0; }
td, th { text-align: left; padding: .2rem 1.5rem .2rem 0; }
td:last-child { text-align: right; font-variant-numeric: tabular-nums; }
a { color: #0b5c7a; }
small { color: #5b6570; }
</style>
</head>
<body>
<h1>$TITLE</h1>
$BODY
</body>
</html>
"""
