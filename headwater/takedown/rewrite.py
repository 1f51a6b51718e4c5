"""New files in the place of those that hold removed documents: same rows in the same order, without what they said.

Each function here writes one file and is run by the engine. What it writes for `raw` to `deduped` is what the stage
itself would write from its rewritten input, so that these tables stay current.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater import decisions
from headwater.engine import Guard, Task
from headwater.lake.files import READ_ROWS, ShardWriter, read_batches, read_footer, read_grown
from headwater.lake.storage import Storage
from headwater.lake.tables import table
from headwater.lake.tombstones import REMOVED, marked, rule
from headwater.stages import deduped

# What a removed row still says, besides its outcome and the takedown. Nothing here is measured on or taken from a text.
STAYS: Mapping[str, tuple[str, ...]] = {
    "raw": tuple(table("raw").file_schema.names),
    "extracted": ("doc_id", "shard", "url", "domain"),
    "signals": ("doc_id", "shard"),
    "filtered": ("doc_id", "shard", "url", "domain"),
    "deduped": ("doc_id", "shard"),
    "mixed": ("doc_id", "shard", "crawl", "group", "order_key"),
}
TEXTS = 256


def work(task: Task, guard: Guard) -> bool:
    """Write the new file of one old one; gives False where nothing in the old one has to go."""
    said = task.arguments
    storage, name, gone = said["storage"], said["table"], _Gone(said["takedown"], said["crawl"], said["gone"])
    if not _concerned(storage, name, said["old"], gone, bool(said["rebuild"])):
        return False
    details = read_footer(storage, said["old"]).details
    with ShardWriter(storage, name, said["new"], shard=said["shard"], key=said["key"]) as writer:
        tokens = 0
        for rows in _rows(storage, name, said["old"], gone, said["rebuild"]):
            writer.write(rows.select(table(name).file_schema.names))
            if name == "tokenized":
                tokens += pc.sum(pc.list_value_length(rows.column("tokens")), min_count=0).as_py()
        writer.details = {**details, "tokens": tokens} if name == "tokenized" else dict(details)
    return True


class _Gone:
    """The documents to remove: doc_ids by crawl. `crawl` is that of a file whose rows do not say theirs."""

    def __init__(self, takedown: str, crawl: str | None, ids: Mapping[str, list[str]]) -> None:
        self.rule, self.crawl = rule(takedown), crawl
        self.ids = {name: pa.array(sorted(set(found)), pa.string()) for name, found in ids.items()}

    def where(self, rows: pa.RecordBatch | pa.Table, doc_id: str = "doc_id", crawl: str | None = "crawl") -> pa.Array:
        """Which rows are of a document to remove."""
        columns = rows.column_names if isinstance(rows, pa.Table) else rows.schema.names
        if crawl is None or crawl not in columns:
            return pc.is_in(rows.column(doc_id), value_set=self.ids.get(self.crawl or "", pa.array([], pa.string())))
        found = pa.array(np.zeros(rows.num_rows, dtype=np.bool_))
        for name, ids in self.ids.items():
            here = pc.and_(pc.equal(rows.column(crawl), name), pc.is_in(rows.column(doc_id), value_set=ids))
            found = pc.or_(found, here)
        return found


def _concerned(storage: Storage, name: str, old: str, gone: _Gone, rebuilt: bool) -> bool:
    """Whether a file holds what has to go; looked up by ids and outcomes alone, before any text is read."""
    if rebuilt:
        return True
    wanted = ("doc_id", "crawl", "other", "other_crawl", "outcome")
    columns = [column for column in table(name).file_schema.names if column in wanted]
    return any(pc.any(_to_go(name, batch, gone)).as_py() for batch in read_batches(storage, old, columns, 65_536))


def holds(storage: Storage, name: str, file: str, crawl: str | None, ids: Mapping[str, list[str]]) -> bool:
    """Whether a file has rows of the documents that are not removed."""
    return _concerned(storage, name, file, _Gone("", crawl, ids), rebuilt=False)


def _to_go(name: str, rows: pa.RecordBatch, gone: _Gone) -> pa.Array:
    here = gone.where(rows)
    if name == "duplicate_pairs":
        return pc.or_(here, gone.where(rows, "other", "other_crawl"))
    if name == "raw":
        return pc.and_(here, pc.equal(rows.column("outcome"), "kept"))
    return pc.and_(here, pc.not_equal(rows.column("outcome"), REMOVED)) if "outcome" in rows.schema.names else here


def _rows(storage: Storage, name: str, old: str, gone: _Gone, rebuild: str | None) -> Iterator[pa.Table]:
    if name == "deduped" and rebuild is not None:
        yield from _deduped(storage, old, rebuild)
    elif name == "mixed" and rebuild is not None:
        yield from _mixed(storage, old, rebuild, str(gone.crawl))
    elif name == "tokenized":
        yield from _tokenized(storage, old, gone)
    else:
        many = 65_536 if "text" not in table(name).file_schema.names else READ_ROWS
        for batch in read_grown(storage, name, old, rows=many):
            found = _to_go(name, batch, gone)
            rows = pa.Table.from_batches([batch])
            # Evidence about a document is not a document: its rows go altogether.
            yield blank(name, rows, found, gone.rule) if name in STAYS else rows.filter(pc.invert(found))


def blank(name: str, rows: pa.Table, gone: pa.Array, said: str) -> pa.Table:
    """Rows that say no more than that they were removed, where `gone`."""
    for place, column in enumerate(rows.schema):
        if column.name not in STAYS[name] and column.name not in ("outcome", "rule"):
            nothing = pa.scalar(0 if column.name in ("copies", "tokens_estimate") else None, column.type)
            rows = rows.set_column(place, column, pc.if_else(gone, nothing, rows.column(place)))
    return marked(rows, gone, pa.scalar(said))


def _deduped(storage: Storage, old: str, filtered: str) -> Iterator[pa.Table]:
    """The rows that the stage would write for the rewritten `filtered`, from the decisions it made before."""
    before = pa.Table.from_batches(list(read_grown(storage, "deduped", old)), table("deduped").file_schema)
    duplicate = pc.equal(before.column("outcome"), "duplicate")
    proven = pc.and_(duplicate, pc.is_valid(before.column("representative")))
    decided = before.filter(proven).select(decisions.SCHEMA.names)
    cut = pc.and_(pc.invert(proven), pc.or_(duplicate, pc.is_valid(before.column("edits"))))
    spans = before.filter(cut).select(deduped.SPANS.names)
    for batch in read_batches(storage, filtered, ["doc_id", "shard", "outcome", "rule"]):
        here = batch.filter(pc.is_in(batch.column("outcome"), value_set=pa.array(["kept", REMOVED])))
        still = (rows.filter(pc.is_in(rows.column("doc_id"), value_set=_kept(here))) for rows in (decided, spans))
        yield deduped.verdicts(here, *still)


def _kept(rows: pa.RecordBatch) -> pa.Array:
    return rows.column("doc_id").filter(pc.equal(rows.column("outcome"), "kept"))


def _mixed(storage: Storage, old: str, decided: str, crawl: str) -> Iterator[pa.Table]:
    """Rows of `mixed` for the rewritten `deduped`: those of before, and one that says `removed` for each that went."""
    schema = table("mixed").file_schema
    before = pa.Table.from_batches(list(read_grown(storage, "mixed", old)), schema)
    for batch in read_batches(storage, decided, ["doc_id", "shard", "outcome", "rule"]):
        here = batch.filter(pc.is_in(batch.column("outcome"), value_set=pa.array(["kept", REMOVED])))
        gone = pc.equal(here.column("outcome"), REMOVED)
        rows = before.take(pc.index_in(here.column("doc_id"), value_set=before.column("doc_id")))
        names = {
            "doc_id": here.column("doc_id"),
            "shard": here.column("shard"),
            "crawl": pa.array([crawl] * here.num_rows, pa.string()),
            "outcome": pc.if_else(gone, REMOVED, rows.column("outcome").combine_chunks()),
        }
        for name, column in names.items():
            rows = rows.set_column(schema.names.index(name), schema.field(name), column)
        rows = blank("mixed", rows, gone, "")
        said = pc.if_else(gone, here.column("rule"), rows.column("rule").combine_chunks())
        yield rows.set_column(schema.names.index("rule"), schema.field("rule"), said)


def _tokenized(storage: Storage, old: str, gone: _Gone) -> Iterator[pa.Table]:
    """The stream without the removed documents: the rest moves up, so that it has no gaps."""
    schema, position, token = table("tokenized").file_schema, 0, 0
    for batch in read_batches(storage, old, rows=TEXTS):
        rows = pa.Table.from_batches([batch]).filter(pc.invert(gone.where(batch)))
        lengths = pc.list_value_length(rows.column("tokens")).to_numpy().astype(np.int64)
        new = {
            "position": pa.array(np.arange(position, position + rows.num_rows, dtype=np.int64)),
            "first_token": pa.array(token + np.cumsum(lengths) - lengths, pa.int64()),
        }
        for name, column in new.items():
            rows = rows.set_column(schema.names.index(name), schema.field(name), column)
        position, token = position + rows.num_rows, token + int(lengths.sum())
        yield rows
