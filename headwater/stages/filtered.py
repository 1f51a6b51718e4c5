"""`filtered`: what a recipe's filters say of every document: the first rule it breaks, the value and the threshold.

Documents without a text keep the outcome and reason they came with, so that every document is in this table.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater import recipe as recipes
from headwater import verdict
from headwater.engine import Guard, Task
from headwater.lake.audit import Conservation
from headwater.lake.files import read_aligned
from headwater.lake.lineage import Partition
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project

VERSION = 1
CARRIED = ("doc_id", "shard", "url", "domain", "language", "chars")


def filtered(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe and crawl: `extracted` and `signals` are read side by side, shard by shard."""
    recipe = project.recipe(partition["recipe"])
    where = {"crawl": partition["crawl"], "extractor": recipe.extractor.name}
    signals = project.lake.input("signals", where)
    # The texts that were measured, also where there are newer ones: those are not measured yet.
    extracted = project.lake.made_from(signals, "extracted")
    files = {f.shard: f.name for f in project.lake.read(extracted)}
    measured = {f.shard: f.name for f in project.lake.read(signals)}
    filters = [(step.name, dict(step.options)) for step in recipe.filters]
    return Plan(
        table="filtered",
        partition=partition,
        inputs=(extracted, signals),
        steps={"stages/filtered": VERSION, **recipes.steps("filters", recipe.filters)},
        options={"filters": filters, "extractor": recipe.extractor.name},
        shards={
            shard: {"extracted": name, "signals": measured[shard], "filters": filters, "extractor": where["extractor"]}
            for shard, name in files.items()
        },
        work=work,
        owed=Conservation(tuple(files.values())),
    )


def work(task: Task, guard: Guard) -> None:
    """Judge the documents of one shard."""
    draft, arguments = task.arguments["draft"], task.arguments
    with draft.writer(task.shard) as writer:
        for text, number in read_aligned(draft.storage, arguments["extracted"], arguments["signals"]):
            writer.write(judged(text, number, arguments["filters"], arguments["extractor"]))


def judged(
    text: pa.RecordBatch, number: pa.RecordBatch, filters: list[tuple[str, dict[str, object]]], extractor: str
) -> pa.Table:
    """Rows of `filtered` for aligned rows of `extracted` and `signals`."""
    columns = {**_columns(number), "url": text.column("url"), "domain": text.column("domain")}
    found = verdict.apply(filters, columns)
    came_kept = pc.equal(text.column("outcome"), "kept")
    dropped = pc.and_(came_kept, pa.array(found.dropped))
    kept = pc.and_(came_kept, pa.array(~found.dropped))
    said = {
        "outcome": pc.if_else(came_kept, pc.if_else(dropped, "dropped", "kept"), text.column("outcome")),
        "rule": pc.if_else(came_kept, found.rule, text.column("rule")),
        "value": pc.if_else(came_kept, found.value, text.column("value")),
        "threshold": pc.if_else(came_kept, found.threshold, text.column("threshold")),
        "text": pc.if_else(kept, text.column("text"), pa.scalar(None, pa.string())),
    }
    carried = {name: text.column(name) for name in CARRIED}
    rows = {**carried, "extractor": pa.array([extractor] * text.num_rows, pa.string()), **said}
    return pa.table(rows).select(table("filtered").file_schema.names)


def _columns(number: pa.RecordBatch) -> dict[str, object]:
    """Numbers as float64 arrays (null: not a number), words as they are."""
    columns: dict[str, object] = {}
    for name, column in zip(number.schema.names, number.columns, strict=True):
        numeric = pa.types.is_floating(column.type) or pa.types.is_integer(column.type)
        columns[name] = np.asarray(column.cast(pa.float64()).fill_null(np.nan)) if numeric else column
    return columns
