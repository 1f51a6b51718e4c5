"""True similarity of pairs whose texts lie in many files: a shuffle through scratch files, part of pairs by part.

A part is a row group of the file of pairs. Of each source the texts that some part wants are copied out in the order of
the parts, so that a part reads of each only its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater import identity
from headwater.buckets import PAIR
from headwater.embedding import made
from headwater.engine import Guard, Task
from headwater.errors import BrokenLake
from headwater.lake import scratch
from headwater.lake.files import read_of, read_where
from headwater.matching import FOUND

# Pairs of a part, rows of texts that a reader of one part cannot leave out, and pairs that are compared in one call.
PAIRS_TOGETHER, TEXTS_TOGETHER, COMPARED_AT_ONCE = 8_192, 128, 1_024
WANTED = pa.schema([("part", pa.int32()), ("high", pa.uint64()), ("low", pa.uint64())])
TEXT = pa.schema([*WANTED, ("text", pa.string())])
_WANTED = """
    with numbered as (
        select *, (file_row_number // {size})::int as part from read_parquet('{pairs}', file_row_number = true)
    ), sides as (
        select source, part, high, low from numbered
        union all select other_source, part, other_high, other_low from numbered
    )
    select distinct source, part, high, low from sides order by all
"""


def wanted(db: duckdb.DuckDBPyConnection, pairs: str) -> Iterator[tuple[int, pa.Table]]:
    """For each source in order, which documents which part wants of it."""
    query = _WANTED.format(size=PAIRS_TOGETHER, pairs=pairs.replace("'", "''"))
    source, waiting = -1, WANTED.empty_table()
    for batch in db.sql(query).to_arrow_reader(1 << 16):
        numbers, starts = np.unique(batch.column("source").to_numpy(), return_index=True)
        rows = pa.Table.from_batches([batch]).select(WANTED.names).cast(WANTED)
        for number, start, stop in zip(numbers, starts, [*starts[1:], batch.num_rows], strict=True):
            if number != source and waiting.num_rows:
                yield source, waiting
                waiting = WANTED.empty_table()
            source, waiting = int(number), pa.concat_tables([waiting, rows.slice(start, stop - start)])
    if waiting.num_rows:
        yield source, waiting


def regrouped(batches: Any, schema: pa.Schema, size: int) -> Iterator[pa.Table]:
    """The rows of batches in tables of exactly so many, the last of fewer."""
    waiting = schema.empty_table()
    for batch in batches:
        waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch]).select(schema.names).cast(schema)])
        while waiting.num_rows >= size:
            yield waiting.slice(0, size).combine_chunks()
            waiting = waiting.slice(size)
    if waiting.num_rows:
        yield waiting.combine_chunks()


def gather_texts(task: Task, guard: Guard) -> None:
    """Copy the texts, or what is compared in their stead, that some part wants out of one source, ordered by part."""
    draft, said = task.arguments["draft"], task.arguments
    with draft.storage.open(scratch.name(draft, f"{said['kind']}-wanted", task.shard)) as file:
        asked = pq.read_table(file)
    names = identity.ids(asked.column("high").to_numpy(), asked.column("low").to_numpy())
    ids = pc.unique(names)
    there = list(read_of(draft.storage, said["file"], ids, [said["reads"]]))
    schema = pa.schema([("doc_id", pa.string()), ("text", pa.string())])
    chosen = pa.Table.from_batches([b.rename_columns(schema.names) for b in there], schema).combine_chunks()
    place = _find(names, chosen.column("doc_id"))
    # Written once and read once: what LZ4 takes more of the disk it gives back in time.
    with scratch.writer(draft, f"{said['kind']}-texts", task.shard, TEXT, compression="lz4") as out:
        for start in range(0, asked.num_rows, TEXTS_TOGETHER):
            texts = chosen.column("text").take(place.slice(start, TEXTS_TOGETHER))
            out.write_table(pa.table([*asked.slice(start, TEXTS_TOGETHER).columns, texts], schema=TEXT))


def _find(keys: pa.Array, among: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Where keys are among others. Raises BrokenLake where one is not."""
    found = pc.index_in(keys, value_set=among)
    if found.null_count:
        raise BrokenLake(
            f"{found.null_count} documents of candidate pairs are not in their shards, one of them "
            f"{_said(keys.filter(pc.is_null(found))[0])}; run headwater verify"
        )
    return found


def _said(key: pa.Scalar) -> str:
    value = key.as_py()
    if isinstance(value, str):
        return value
    high, low = np.frombuffer(value, dtype=np.uint64, offset=4)
    return str(identity.ids(np.array([high]), np.array([low]))[0])


def compare_part(task: Task, guard: Guard) -> None:
    """Compare the pairs of one part."""
    draft, said = task.arguments["draft"], task.arguments
    deduper = made(said["step"])
    with draft.storage.open(scratch.name(draft, said["kind"], "pairs")) as file:
        pairs = pq.ParquetFile(file).read_row_group(said["part"])
    texts, places = _texts(task, pairs)
    left, right = (_find(_side(pairs, side), places) for side in ("", "other_"))
    with scratch.writer(draft, f"{said['kind']}-found", task.shard, FOUND) as out:
        for start in range(0, pairs.num_rows, COMPARED_AT_ONCE):
            sides = [texts.take(side.slice(start, COMPARED_AT_ONCE)).combine_chunks() for side in (left, right)]
            similarity = deduper.similarity(*sides)
            some = pairs.slice(start, COMPARED_AT_ONCE).select(PAIR.names)
            accepted = pa.array(np.asarray(similarity) >= deduper.threshold)
            out.write_table(pa.table([*some.columns, pa.array(similarity, pa.float64()), accepted], schema=FOUND))


def _side(pairs: pa.Table, side: str) -> pa.Array:
    return identity.keys(*(pairs.column(f"{side}{name}").to_numpy() for name in ("source", "high", "low")))


def _texts(task: Task, pairs: pa.Table) -> tuple[pa.ChunkedArray, pa.Array]:
    """The texts of one part, and the document of each."""
    draft, said = task.arguments["draft"], task.arguments
    both = [pairs.column(name).to_numpy() for name in ("source", "other_source")]
    mine: Mapping[str, Any] = {"part": (said["part"], said["part"])}
    found, keys = [], []
    for source in np.unique(np.concatenate(both)).tolist():
        name = scratch.name(draft, f"{said['kind']}-texts", f"{source:07d}")
        for rows in read_where(draft.storage, name, mine, ["high", "low", "text"]):
            halves = (rows.column(half).to_numpy() for half in ("high", "low"))
            keys.append(identity.keys(np.full(rows.num_rows, source, dtype=np.int32), *halves))
            found += rows.column("text").chunks
    none = identity.keys(np.zeros(0, np.int32), np.zeros(0, np.uint64), np.zeros(0, np.uint64))
    texts = pa.table({"text": pa.chunked_array(found, pa.string())}).combine_chunks().column("text")
    return texts, pa.concat_arrays([none, *keys])
