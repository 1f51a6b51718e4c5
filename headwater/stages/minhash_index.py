"""`minhash_index`: the buckets each kept document falls into, by every deduper of a recipe. Evidence for `deduped`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater import deduplication, registry
from headwater import recipe as recipes
from headwater.engine import Guard, Task
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project

VERSION = 1


def minhash_index(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe and crawl: one output file per shard of `filtered`."""
    recipe = project.recipe(partition["recipe"])
    filtered = project.lake.input("filtered", partition)
    steps = [(method.name, method.options) for method in deduplication.pairs(recipe)]
    return Plan(
        table="minhash_index",
        partition=partition,
        inputs=(filtered,),
        steps={"stages/minhash_index": VERSION, **recipes.steps("dedupers", recipe.dedup)},
        options={"dedup": steps},
        shards={f.shard: {"filtered": f.name, "steps": steps} for f in project.lake.read(filtered)},
        work=work,
    )


def work(task: Task, guard: Guard) -> None:
    """Index the kept documents of one shard."""
    draft = task.arguments["draft"]
    dedupers = [(name, registry.step("dedupers", name)(**options)) for name, options in task.arguments["steps"]]
    columns = ["doc_id", "outcome", *{deduper.reads for _, deduper in dedupers}]
    found = []
    for batch in read_batches(draft.storage, task.arguments["filtered"], columns):
        kept = batch.filter(pc.equal(batch.column("outcome"), "kept"))
        found += [_buckets(kept, name, deduper, task.shard) for name, deduper in dedupers]
    whole = pa.concat_tables(found) if found else table("minhash_index").file_schema.empty_table()
    order = [("method", "ascending"), ("band", "ascending"), ("bucket", "ascending"), ("doc_id", "ascending")]
    with draft.writer(task.shard) as writer:
        writer.write(whole.sort_by(order))


def _buckets(kept: pa.RecordBatch, name: str, deduper: Any, shard: str) -> pa.Table:
    keys, valid = deduper.keys(kept.column(deduper.reads))
    rows, bands = keys.shape
    chosen = np.repeat(np.asarray(valid), bands)
    ids = kept.column("doc_id").take(pa.array(np.repeat(np.arange(rows), bands)[chosen]))
    columns: Mapping[str, Any] = {
        "doc_id": ids,
        "shard": pa.array([shard] * len(ids), pa.string()),
        "method": pa.array([name] * len(ids), pa.string()),
        "band": pa.array(np.tile(np.arange(bands, dtype=np.int32), rows)[chosen]),
        "bucket": pa.array(keys.reshape(-1)[chosen]),
    }
    return pa.table(columns).select(table("minhash_index").file_schema.names)
