"""Licences of a text's copies, for policies under which the strictest of them counts.

Each shard lists the licences of its duplicates, one join brings them to the places of their representatives, where the
documents are judged.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from headwater import survivors
from headwater.engine import Engine, Guard, Task
from headwater.lake import scratch
from headwater.lake.audit import connect, parquet, uris
from headwater.lake.files import read_batches
from headwater.lake.store import Draft
from headwater.rights import judging, pages
from headwater.rights.judging import Finding
from headwater.rights.licence_classes import OBLIGATIONS

COPY = pa.schema([
    ("representative", pa.string()), ("use", pa.string()), ("licence", pa.string()), ("obligations", pa.string()),
    ("evidence", pa.string()), ("preference", pa.int32()),
])  # fmt: skip
STRICTER = pa.schema([("place", pa.string()), *COPY])
BATCH = 4_096

# A record id can occur in two crawls: then the licence of a copy counts at both places of its survivor.
_TO_THEIR_PLACES = """
    with stands as ({stands})
    select kept.crawl || '~' || kept.shard as place, copies.* replace (stands.survivor as representative)
    from {copies} as copies join stands on stands.named = copies.representative
    join {deduped} as kept on kept.doc_id = stands.survivor
    where kept.outcome = 'kept'
    order by place, stands.survivor, evidence
"""


def gather(draft: Draft, engine: Engine, shards: Mapping[str, Mapping[str, Any]]) -> str:
    """Findings on all duplicates, by the place of their representatives; gives the name of the scratch file."""
    names = sorted(shards)
    todo = scratch.missing(draft, "copies", names)
    for _ in engine.map(list_copies, [Task(shard, {"draft": draft, **shards[shard]}) for shard in todo]):
        pass
    found = parquet([scratch.uri(draft, "copies", shard) for shard in names])
    deduped = parquet(uris(draft.storage, [shards[shard]["deduped"] for shard in names]))
    with scratch.writer(draft, "stricter", "all", STRICTER) as out, connect(draft.storage) as db:
        if names:
            # Sorted and in small row groups, so that a shard reads its own by their statistics.
            reader = db.sql(
                _TO_THEIR_PLACES.format(copies=found, deduped=deduped, stands=survivors.stands(deduped))
            ).to_arrow_reader(BATCH)
            for batch in reader:
                out.write_batch(batch.select(STRICTER.names).cast(STRICTER))
    return scratch.name(draft, "stricter", "all")


def list_copies(task: Task, guard: Guard) -> None:
    """What one shard's duplicates say of their licence; those that say nothing are left out."""
    draft, said = task.arguments["draft"], task.arguments
    columns = ["doc_id", "outcome", "representative"]
    of = {
        row["doc_id"]: row["representative"]
        for batch in read_batches(draft.storage, said["deduped"], columns)
        for row in batch.to_pylist()
        if row["outcome"] == "duplicate"
    }
    rows = [
        _row(of[doc], judging.without_words(finding, doc, said["crawl"]))
        for doc, licence in pages.licences(draft.storage, said["policy"], said["evidence"], set(of))
        for finding in licence.findings
    ]
    with scratch.writer(draft, "copies", task.shard, COPY) as out:
        out.write_table(pa.Table.from_pylist(rows, COPY))


def _row(representative: str, finding: Finding) -> dict[str, Any]:
    asks = ",".join(o for o in OBLIGATIONS if o in finding.obligations)
    return {"representative": representative, **finding._asdict(), "obligations": asks}


def of_shard(draft: Draft, stricter: str | None, place: str) -> dict[str, list[Finding]]:
    """Findings on the copies of one shard's documents; none where the policy does not ask for them."""
    found: dict[str, list[Finding]] = {}
    if stricter is None:
        return found
    with draft.storage.open(stricter) as file:
        rows = pq.read_table(file, filters=[("place", "==", place)], columns=COPY.names).to_pylist()
    for row in rows:
        asks = frozenset(row.pop("obligations").split(",")) - {""}
        found.setdefault(row.pop("representative"), []).append(Finding(obligations=asks, **row))
    return found
