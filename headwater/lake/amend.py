"""Replace some files of a partition in one Delta commit: what a takedown does, whatever the size of the rest.

delta-rs replaces a partition only as a whole, and would name each of its files in the log. So this one kind of commit
is written to the log by us, by the Delta protocol (github.com/delta-io/delta, PROTOCOL.md: actions `commitInfo`,
`remove`, `add`, `txn`; a version belongs to whoever creates its file first).
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headwater.errors import BrokenLake, ConcurrentCommit
from headwater.lake import journal
from headwater.lake.files import Footer, delta_statistics
from headwater.lake.lineage import Partition, Provenance
from headwater.lake.store import METADATA, DataFile, Lake, application
from headwater.lake.tables import table


@dataclass(frozen=True)
class Replaced:
    """One live file, and the file that takes its place: `name` is relative to the lake root."""

    old: DataFile
    name: str
    footer: Footer


def amend(lake: Lake, partition: Partition, replaced: Sequence[Replaced], said: Provenance) -> int:
    """Commit new files in the place of old ones, or only a new lineage record; gives the version.

    Raises ConcurrentCommit when another commit came between.
    """
    found = lake.delta(said.table)
    if found is None:
        raise BrokenLake(f"table {said.table} is gone from {lake.storage.root}; run headwater verify")
    transaction = application(said.table, partition)
    seen = found.transaction_version(transaction)
    version = found.version() + 1
    lines = "\n".join(json.dumps(action) for action in _actions(transaction, seen, partition, replaced, said))
    if not lake.storage.claim(f"{said.table}/_delta_log/{version:020d}.json", lines.encode()):
        raise ConcurrentCommit(lake.met(said.table, partition))
    journal.record(lake, [said.table])
    return version


def _actions(
    transaction: str, seen: int | None, partition: Partition, replaced: Sequence[Replaced], said: Provenance
) -> Iterator[dict[str, object]]:
    now = time.time_ns() // 1_000_000
    yield {
        "commitInfo": {
            "timestamp": now,
            "operation": "REMOVE DOCUMENTS",
            "operationParameters": {"takedown": str(said.details.get("takedown", ""))},
            METADATA: said.to_json(),
        }
    }
    yield {"txn": {"appId": transaction, "version": 0 if seen is None else seen + 1, "lastUpdated": now}}
    place = {column: partition[column] for column in table(said.table).partitions}
    for entry in replaced:
        old, new = (name.removeprefix(f"{said.table}/") for name in (entry.old.name, entry.name))
        yield {"remove": {"path": old, "deletionTimestamp": now, "dataChange": True, "partitionValues": place}}
        yield {
            "add": {
                "path": new,
                "partitionValues": place,
                "size": entry.footer.size,
                "modificationTime": 0,
                "dataChange": True,
                "stats": delta_statistics(entry.footer),
            }
        }
