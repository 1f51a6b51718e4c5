"""`deduped`: every document a recipe kept so far, kept or a duplicate of a named representative. Nothing is deleted."""

import pyarrow as pa
import pyarrow.compute as pc

from headwater import recipe as recipes
from headwater.engine import Guard, Task
from headwater.lake.audit import Conservation
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project

VERSION = 2  # a duplicate is what a chosen pair says
DECISION = pa.schema([
    ("doc_id", pa.string()), ("representative", pa.string()), ("similarity", pa.float64()), ("threshold", pa.float64()),
    ("method", pa.string()),
])  # fmt: skip


def deduped(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe and crawl: one output file per shard of `filtered`."""
    recipe = project.recipe(partition["recipe"])
    filtered, pairs = (project.lake.input(name, partition) for name in ("filtered", "duplicate_pairs"))
    files = project.lake.read(filtered)
    compared = {f.shard: f.name for f in project.lake.read(pairs)}
    return Plan(
        table="deduped",
        partition=partition,
        inputs=(filtered, pairs),
        steps={"stages/deduped": VERSION, **recipes.steps("dedupers", recipe.dedup)},
        options={"dedup": [step.name for step in recipe.dedup]},
        shards={f.shard: {"filtered": f.name, "pairs": compared[f.shard]} for f in files},
        work=work,
        owed=Conservation(tuple(f.name for f in files), where="outcome in ('kept', 'removed')"),
    )


def work(task: Task, guard: Guard) -> None:
    """Write the verdicts on one shard's documents, in its order."""
    draft, said = task.arguments["draft"], task.arguments
    decided = decisions(draft, said["pairs"])
    with draft.writer(task.shard) as writer:
        for batch in read_batches(draft.storage, said["filtered"], ["doc_id", "shard", "outcome", "rule"]):
            here = batch.filter(pc.is_in(batch.column("outcome"), value_set=pa.array(["kept", "removed"])))
            writer.write(verdicts(here, decided))


def decisions(draft: Draft, pairs: str) -> pa.Table:
    """The pairs of one shard that make a document a duplicate."""
    columns = ["doc_id", "other", "similarity", "threshold", "method", "chosen"]
    batches = [b.filter(b.column("chosen")) for b in read_batches(draft.storage, pairs, columns, 1 << 14)]
    found = pa.Table.from_batches(batches) if batches else table("duplicate_pairs").file_schema.empty_table()
    return found.select(columns[: len(DECISION)]).rename_columns(DECISION.names).cast(DECISION)


def verdicts(here: pa.RecordBatch, decided: pa.Table) -> pa.Table:
    """Rows of `deduped` for kept and removed rows of `filtered`; what is removed is in no cluster."""
    ids = here.column("doc_id")
    removed = pc.equal(here.column("outcome"), "removed")
    place = pc.index_in(ids, value_set=decided.column("doc_id"))
    found = decided.take(place)
    duplicate = pc.is_valid(place)
    method = found.column("method").combine_chunks()
    nobody = pa.scalar(None, pa.string())
    alone = pc.if_else(removed, nobody, ids)
    representative = pc.coalesce(found.column("representative").combine_chunks(), alone)
    columns = {
        "doc_id": ids,
        "shard": here.column("shard"),
        "outcome": pc.if_else(removed, "removed", pc.if_else(duplicate, "duplicate", "kept")),
        "rule": pc.if_else(removed, here.column("rule"), method),
        "value": found.column("similarity"),
        "threshold": found.column("threshold"),
        "cluster": representative,
        "representative": representative,
        "similarity": found.column("similarity"),
        "method": method,
    }
    return pa.table(columns).select(table("deduped").file_schema.names)
