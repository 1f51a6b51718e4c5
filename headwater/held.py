"""Which releases hold documents, and which exports were made of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headwater.lake.files import read_batches, shard_of
from headwater.lake.snapshot import Snapshot
from headwater.lake.storage import Storage

Row = dict[str, Any]


@dataclass(frozen=True)
class Pins:
    """What one release holds: files by table and partition, versions, and the takedowns that cleaned it."""

    release: str
    recipe: str
    rows: tuple[Row, ...]

    def files(self, name: str, near: str | None = None, **partition: str) -> list[str]:
        """Files of a table, of a shard, of those partitions that match."""
        wanted = partition.items()
        chosen = (row for row in self.rows if row["table"] == name and wanted <= row["partition"].items())
        return [f for row in chosen for f in row["files"] if near is None or shard_of(f) == near]

    @property
    def amended_by(self) -> list[str]:
        """The takedowns that took documents out of it."""
        return sorted({takedown for row in self.rows for takedown in row["amended_by"]})


def releases(look: Snapshot) -> Iterator[Pins]:
    """Every release, by name."""
    for file in look.files("releases"):
        rows = [row for batch in read_batches(look.storage, file.name) for row in batch.to_pylist()]
        if rows:
            parsed = ("files", "amended_by")
            pins = tuple(
                {**row, "partition": json.loads(row["place"]), **{n: json.loads(row[n]) for n in parsed}}
                for row in rows
            )
            yield Pins(file.partition["release"], rows[0]["recipe"], pins)


def exports(storage: Storage, release: str) -> list[Row]:
    """What was exported of a release: release, kind, folder, files."""
    folder = f"exports/{release}"
    found = []
    for kind in storage.names(folder):
        name = f"{folder}/{kind}/export.json"
        if storage.exists(name):
            said = json.loads(storage.read(name))
            found.append(
                {"release": release, "kind": said["kind"], "folder": f"{folder}/{kind}", "files": len(said["files"])}
            )
    return found
