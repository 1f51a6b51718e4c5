"""What is left of removed documents: hashes of their addresses and texts, so that a later crawl cannot bring them back.

They are rows of kind `tombstone` of the table `takedowns`. A page is matched by its URL, by its host or any domain
above it, and, where near-duplicates were removed too, by the SHA-256 of its text.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from headwater.address import address
from headwater.lake.files import read_batches
from headwater.lake.storage import Storage
from headwater.lake.store import Lake

TABLE = "takedowns"
REMOVED = "removed"


def rule(takedown: str) -> str:
    """What a removed row says under `rule`."""
    return f"takedown.{takedown}"


def of(kind: str, value: str) -> str:
    """The tombstone of a value: SHA-256 over its kind (`url`, `domain`, `text`) and itself."""
    return hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Tombstones:
    """Hash -> takedown, of all takedowns that were resolved."""

    takedown: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.takedown)

    def of_page(self, url: str | None, host: str | None) -> str | None:
        """The takedown that a page falls under, by its address; None where there is none."""
        found = self.takedown.get(of("url", address(url))) if url else None
        labels = host.split(".") if host else []
        above = (".".join(labels[place:]) for place in range(len(labels)))
        return found or next((t for t in (self.takedown.get(of("domain", name)) for name in above) if t), None)

    def of_text(self, text: str) -> str | None:
        """The takedown that a text falls under."""
        return self.takedown.get(of("text", text))

    def mark(self, rows: pa.Table) -> pa.Table:
        """Rows of `raw` with the outcome `removed` where a kept page falls under a takedown."""
        if not self or rows.num_rows == 0:
            return rows
        columns = (rows.column(name).to_pylist() for name in ("outcome", "url", "host"))
        found = [
            self.of_page(url, host) if outcome == "kept" else None for outcome, url, host in zip(*columns, strict=True)
        ]
        gone = pa.array([takedown is not None for takedown in found])
        rules = pa.array([None if takedown is None else rule(takedown) for takedown in found], pa.string())
        return marked(rows, gone, rules)


def marked(rows: pa.Table, gone: pa.Array, rules: pa.Array | pa.Scalar) -> pa.Table:
    """Rows whose outcome is `removed` where `gone`; no number or word of the verdict before stays."""
    said = {"outcome": pa.scalar(REMOVED), "rule": rules, "value": None, "threshold": None, "detail": None}
    for name, value in said.items():
        if name in rows.column_names:
            place = rows.column_names.index(name)
            kind = rows.schema.field(name).type
            new = pa.scalar(None, kind) if value is None else value
            rows = rows.set_column(place, rows.schema.field(name), pc.if_else(gone, new, rows.column(name)))
    return rows


def resolved(lake: Lake) -> int:
    """How many takedowns of this lake have been resolved, so that their tombstones hold."""
    return len(_partitions(lake))


def names(lake: Lake) -> tuple[str, ...]:
    """The files that hold tombstones, for a worker to load."""
    return tuple(f.name for t in _partitions(lake) for f in lake.files(TABLE, {"takedown": t}))


def _partitions(lake: Lake) -> list[str]:
    found = {
        commit.provenance.partition["takedown"]
        for commit in lake.log(TABLE)
        if commit.provenance is not None and commit.provenance.details.get("tombstones")
    }
    return sorted(found)


def load(storage: Storage, files: Sequence[str]) -> Tombstones:
    """The tombstones of these files; none where there are no files."""
    return _loaded(storage.root, tuple(sorted(storage.options.items())), tuple(files))


@lru_cache(maxsize=4)
def _loaded(root: str, options: tuple[tuple[str, str], ...], files: tuple[str, ...]) -> Tombstones:
    storage = Storage(root, dict(options))
    found: dict[str, str] = {}
    for name in files:
        takedown = name.split("takedown=", 1)[1].split("/", 1)[0]
        for batch in read_batches(storage, name, ["kind", "value"]):
            for row in batch.filter(pc.equal(batch.column("kind"), "tombstone")).to_pylist():
                found[row["value"]] = min(takedown, found.get(row["value"], takedown))
    return Tombstones(found)
