"""`signals`: every number that the signals shelf measures on every extracted text; no recipe has a say in it.

A text on which a signal raises or takes too long is a quarantined row without numbers, rule `signals.NAME`; the others
are measured.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater import registry
from headwater.curation import StepFailed, blaming, one_by_one
from headwater.engine import UNLIMITED, Clock, Fate, Guard, Limited, Task
from headwater.lake.audit import Conservation
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project

VERSION = 3
CARRIED = ("doc_id", "shard", "outcome", "rule", "detail", "language", "language_score", "chars")
Numbers = dict[str, npt.NDArray[np.float64]]


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
        options={"page_timeout_s": project.settings.page_timeout_s},
        shards={f.shard: {"extracted": f.name, "limit_s": project.settings.page_timeout_s} for f in files},
        work=work,
        owed=Conservation(tuple(f.name for f in files)),
    )


def work(task: Task, guard: Guard) -> None:
    """Measure the texts of one shard."""
    draft, clock = task.arguments["draft"], Limited(task, guard, task.arguments["limit_s"])
    wanted = {*CARRIED, "text"}.union(*(registry.reads(name) for name in registry.names("signals")))
    # What a signal does once in a process, such as reading its lists, is no document's time.
    measured(pa.RecordBatch.from_pylist([{"text": "A sentence."}], table("extracted").file_schema))
    with draft.writer(task.shard) as writer:
        for batch in read_batches(draft.storage, task.arguments["extracted"], sorted(wanted)):
            writer.write(measured(batch, clock))


def measured(batch: pa.RecordBatch, clock: Clock = UNLIMITED) -> pa.Table:
    """The carried columns and every signal; null where a document has no text, or was quarantined here."""
    tables = clock.each(
        batch.num_rows,
        lambda start, stop: _measured(batch.slice(start, stop - start), clock),
        lambda place, fate: _lost(batch.slice(place, 1), fate),
    )
    return pa.concat_tables([table("signals").file_schema.empty_table(), *tables])


def _measured(batch: pa.RecordBatch, clock: Clock) -> pa.Table:
    rows = np.flatnonzero(np.asarray(pc.is_valid(batch.column("text"))))
    numbers: Numbers = {}
    failed: dict[int, tuple[str, str]] = {}
    for name in registry.names("signals"):
        clock.at(f"signals.{name}")
        given = [batch.column(column) for column in registry.reads(name)]
        found, raised = _measure(name, given, rows)
        numbers.update(found)
        # Of several signals that raise on a text, the first is the reason.
        failed = {row: (f"signals.{name}", said) for row, said in raised.items()} | failed
    absent = np.ones(batch.num_rows, np.bool_)
    absent[[row for row in rows.tolist() if row not in failed]] = False
    return _rows(batch, {n: pa.array(value, mask=absent, from_pandas=False) for n, value in numbers.items()}, failed)


def _lost(batch: pa.RecordBatch, fate: Fate) -> pa.Table:
    """The row of a document that took too long, or brought its worker down."""
    return _rows(batch, {}, {0: (fate.step or "signals", fate.why)})


def _rows(batch: pa.RecordBatch, numbers: Mapping[str, pa.Array], failed: dict[int, tuple[str, str]]) -> pa.Table:
    schema = table("signals").file_schema
    columns: dict[str, Any] = {f.name: pa.nulls(batch.num_rows, f.type) for f in schema}
    columns |= {name: batch.column(name) for name in CARRIED} | dict(numbers)
    return pa.table(_quarantined(columns, failed)).select(schema.names).cast(schema)


def _measure(name: str, given: list[pa.Array], rows: npt.NDArray[np.int64]) -> tuple[Numbers, dict[int, str]]:
    """One signal of a batch; of the texts, which are at `rows`, those on which it raises, and what it raised."""
    step: Callable[..., Numbers] = registry.step("signals", name)
    columns: tuple[str, ...] = registry.module("signals", name).COLUMNS
    failed: dict[int, str] = {}

    def work(start: int, stop: int) -> Numbers:
        with blaming(f"signals.{name}"):
            return step(*(column.slice(start, stop - start) for column in given))

    def lost(place: int, reason: StepFailed) -> Numbers:
        failed[place] = type(reason.error).__name__  # its message may quote the page
        return {column: np.zeros(1) for column in columns}

    parts = list(one_by_one(len(given[0]), work, lost))
    numbers = {column: np.concatenate([np.zeros(0), *(part[column] for part in parts)]) for column in columns}
    there = set(rows.tolist())
    return numbers, {row: said for row, said in failed.items() if row in there}


def _quarantined(columns: dict[str, Any], failed: dict[int, tuple[str, str]]) -> dict[str, Any]:
    """The columns with the verdict on the documents that a signal raised on."""
    if not failed:
        return columns
    here = np.zeros(len(columns["outcome"]), np.bool_)
    here[list(failed)] = True
    verdicts = [("quarantined", *failed[row]) for row in sorted(failed)]
    for name, values in zip(("outcome", "rule", "detail"), zip(*verdicts, strict=True), strict=True):
        columns[name] = pc.replace_with_mask(columns[name], pa.array(here), pa.array(values, pa.string()))
    return columns
