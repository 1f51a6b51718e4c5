"""`signals`: every number that the signals shelf measures on every extracted text; no recipe has a say in it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater import registry
from headwater.engine import Guard, Task
from headwater.lake.audit import Conservation
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project

VERSION = 1
CARRIED = ("doc_id", "shard", "outcome", "language", "language_score", "chars")


def signals(project: Project, partition: Partition) -> Plan:
    """Plan for one crawl and extractor: one output file per file of `extracted`, row by row the same documents."""
    extracted = project.lake.input("extracted", partition)
    files = project.lake.read(extracted)
    steps = {f"signals/{name}": registry.version("signals", name) for name in registry.names("signals")}
    return Plan(
        table="signals",
        partition=partition,
        inputs=(extracted,),
        steps={"stages/signals": VERSION, **steps},
        options={},
        shards={f.shard: {"extracted": f.name} for f in files},
        work=work,
        owed=Conservation(tuple(f.name for f in files)),
    )


def work(task: Task, guard: Guard) -> None:
    """Measure the texts of one shard."""
    draft = task.arguments["draft"]
    with draft.writer(task.shard) as writer:
        for batch in read_batches(draft.storage, task.arguments["extracted"], [*CARRIED, "text"]):
            writer.write(measured(batch))


def measured(batch: pa.RecordBatch) -> pa.Table:
    """The carried columns and every signal; null where a document has no text."""
    there = pc.is_valid(batch.column("text"))
    columns: dict[str, Any] = {name: batch.column(name) for name in CARRIED}
    for values in (step(batch.column("text")) for step in registry.discover("signals").values()):
        columns.update(_null_where_no_text(values, there))
    return pa.table(columns).select(table("signals").file_schema.names)


def _null_where_no_text(values: Mapping[str, Any], there: pa.Array) -> dict[str, pa.Array]:
    absent = ~np.asarray(there)
    return {name: pa.array(value, mask=absent, from_pandas=False) for name, value in values.items()}
