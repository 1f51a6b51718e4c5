"""`deduped`: every document a recipe kept so far, kept or a duplicate of a named representative. Nothing is deleted."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headwater import decisions, deduplication, removal
from headwater import recipe as recipes
from headwater.engine import Guard, Task
from headwater.lake.audit import Conservation
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.storage import Storage
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project

VERSION = 2  # stretches removed; a duplicate is what a chosen pair says
SPANS = pa.schema([
    ("doc_id", pa.string()), ("method", pa.string()), ("value", pa.float64()), ("threshold", pa.float64()),
    table("deduped").file_schema.field("edits"),
])  # fmt: skip


def deduped(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe and crawl: one output file per shard of `filtered`."""
    recipe = project.recipe(partition["recipe"])
    crawls = [*project.compared(recipe, partition["crawl"]), partition["crawl"]]
    inputs = [project.lake.input(name, partition) for name in ("filtered", "duplicate_pairs", "repeated_spans")]
    files, pairs, spans = map(project.lake.read, inputs)
    compared, found = ({f.shard: f.name for f in evidence} for evidence in (pairs, spans))
    return Plan(
        table="deduped",
        partition=partition,
        inputs=tuple(inputs),
        steps={"stages/deduped": VERSION, **recipes.steps("dedupers", recipe.dedup)},
        options={"dedup": [step.name for step in recipe.dedup]},
        shards={f.shard: {"filtered": f.name, "pairs": compared[f.shard], "spans": found.get(f.shard)} for f in files},
        work=work,
        owed=Conservation(tuple(f.name for f in files), where="outcome in ('kept', 'removed')"),
        measure=lambda storage, draft: removal.facts(
            storage,
            draft,
            [f.name for f in files],
            recipe.audit,
            alone=len(crawls) == 1,
            by_spans=[method.name for method in deduplication.spans(recipe)],
        ),
    )


def work(task: Task, guard: Guard) -> None:
    """Write the verdicts on one shard's documents, in its order."""
    draft, said = task.arguments["draft"], task.arguments
    decided = decisions.of_files(draft.storage, [said["pairs"]])
    spans = _spans(draft.storage, said["spans"])
    with draft.writer(task.shard) as writer:
        for batch in read_batches(draft.storage, said["filtered"], ["doc_id", "shard", "outcome", "rule"]):
            here = batch.filter(pc.is_in(batch.column("outcome"), value_set=pa.array(["kept", "removed"])))
            writer.write(verdicts(here, decided, spans))


def _spans(storage: Storage, name: str | None) -> pa.Table:
    """doc_id, edits, and of dropped documents method, value and threshold, of all methods that removed stretches."""
    found: dict[str, dict[str, Any]] = {}
    batches = () if name is None else read_batches(storage, name)
    for row in (row for batch in batches for row in batch.select([*SPANS.names, "dropped"]).to_pylist()):
        of = found.setdefault(row["doc_id"], {"doc_id": row["doc_id"], "edits": []})
        of["edits"] += row["edits"]
        if row["dropped"]:
            of |= {column: row[column] for column in ("method", "value", "threshold")}
    return pa.Table.from_pylist(list(found.values()), SPANS)


def verdicts(here: pa.RecordBatch, decided: pa.Table, spans: pa.Table) -> pa.Table:
    """Rows of `deduped` for kept and removed rows of `filtered`; what is removed is in no cluster.

    A document that is dropped for its stretches has no representative: it may have come from many.
    """
    ids = here.column("doc_id")
    removed = pc.equal(here.column("outcome"), "removed")
    found = _taken(decided, ids)
    of_spans = _taken(spans, ids)
    method = pc.coalesce(found["method"], of_spans["method"])
    duplicate = pc.is_valid(method)
    nobody = pa.scalar(None, pa.string())
    alone = pc.if_else(pc.or_(removed, pc.is_valid(of_spans["method"])), nobody, ids)
    representative = pc.coalesce(found["representative"], alone)
    value, threshold = (pc.coalesce(found[a], of_spans[b]) for a, b in (("similarity", "value"), ("threshold",) * 2))
    columns = {
        "doc_id": ids,
        "shard": here.column("shard"),
        "outcome": pc.if_else(removed, "removed", pc.if_else(duplicate, "duplicate", "kept")),
        "rule": pc.if_else(removed, here.column("rule"), method),
        "value": pc.if_else(duplicate, value, pa.scalar(None, pa.float64())),
        "threshold": pc.if_else(duplicate, threshold, pa.scalar(None, pa.float64())),
        "cluster": representative,
        "representative": representative,
        "similarity": pc.if_else(duplicate, value, pa.scalar(None, pa.float64())),
        "method": method,
        "edits": of_spans["edits"],
    }
    return pa.table(columns).select(table("deduped").file_schema.names)


def _taken(rows: pa.Table, ids: pa.Array) -> dict[str, pa.Array]:
    """Columns of the rows of these documents, null where there are none."""
    found = rows.take(pc.index_in(ids, value_set=rows.column("doc_id"))).combine_chunks()
    return {name: found.column(name).combine_chunks() for name in found.column_names}
