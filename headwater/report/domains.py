"""Domains as CSV: the list that Article 53(1)(d) asks for, and every domain of the release."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

import duckdb

from headwater.report import markup, queries
from headwater.report.numbers import Facts, Value, plain

FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("domain", "bytes", "tokens", "documents", "first", "last")


def listed(facts: Facts) -> bytes:
    """The domains that the provider must name, with bytes, tokens, documents, first and last fetch."""
    listing = facts.listings["domains.listed"]
    out = io.BytesIO()
    _write(out, listing.columns, listing.rows)
    return out.getvalue()


def every(db: duckdb.DuckDBPyConnection) -> Callable[[BinaryIO], None]:
    """Writes every domain, as many rows as there are, without holding them."""

    def write(file: BinaryIO) -> None:
        answer = db.execute(queries.ALL_DOMAINS.sql)
        rows = iter(lambda: answer.fetchmany(10_000), [])
        _write(file, COLUMNS, ([plain(value) for value in row] for many in rows for row in many))

    return write


def _write(file: BinaryIO, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\n")
    for row in [columns], rows:
        for each in row:
            writer.writerow([guarded(value) for value in each])
            file.write(line.getvalue().encode())
            line.seek(0)
            line.truncate()


def guarded(value: Value) -> Value:
    """A word that a spreadsheet would run as a formula gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    text = markup.safe(value)
    return f"'{text}" if text.startswith(FORMULA) else text
