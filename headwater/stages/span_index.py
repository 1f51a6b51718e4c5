"""`span_index`: what the next crawl has to know of a crawl's texts to find repeated stretches. Evidence for `deduped`.

Of lines and sentences the digests, of windows of words the seeds with their documents, both only of what came nowhere
before; of n-grams the Bloom filter in pages of 64 KiB, with all of the crawls that it is compared with.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater import decisions, deduplication, spans
from headwater import recipe as recipes
from headwater.deduplication import Method
from headwater.engine import Engine, Guard, Task
from headwater.lake import scratch
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.store import DataFile, Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.spans import filters, pages
from headwater.spans.texts import Source
from headwater.stages.repeated_spans import sources

VERSION = 1
# Keys of a row group: whoever looks for a range of keys reads no more than the groups that have some.
KEYS_TOGETHER = 1 << 14
SCHEMA = table("span_index").file_schema


def span_index(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe and crawl: a file per shard of `filtered`, and files of pages for each Bloom filter."""
    recipe, crawl = project.recipe(partition["recipe"]), partition["crawl"]
    methods, compared = deduplication.spans(recipe), project.compared(recipe, crawl)
    # In a window a crawl leaves it one day, so each keeps what is its own; else the last one has all.
    earlier = compared[-1:] if recipe.window is None else []
    wanted = {"filtered": [crawl], "duplicate_pairs": [crawl], "repeated_spans": [crawl]}
    if not all(map(spans.by_shard, methods)):
        wanted["span_index"] = earlier
    inputs = {t: [project.lake.input(t, {"recipe": recipe.name, "crawl": c}) for c in cs] for t, cs in wanted.items()}
    files = {t: [f for i in read for f in project.lake.read(i)] for t, read in inputs.items()}
    decided = files["duplicate_pairs"]
    return Plan(
        table="span_index",
        partition=partition,
        inputs=tuple(i for read in inputs.values() for i in read),
        steps={"stages/span_index": VERSION, "spans": spans.VERSION, **recipes.steps("dedupers", recipe.dedup)},
        options={"dedup": [(m.name, m.options) for m in deduplication.methods(recipe)], "scope": recipe.scope},
        shards={**_of_shards(methods, files["filtered"]), **_of_filters(methods)},
        work=work,
        prepare=lambda draft, engine: _remember(draft, engine, methods, decided, files),
        finish=scratch.clear,
    )


def _of_shards(methods: Sequence[Method], filtered: Sequence[DataFile]) -> dict[str, dict[str, Any]]:
    mine = [method for method in methods if spans.by_shard(method)]
    return {f.shard: {"methods": mine} for f in filtered} if mine else {}


def _of_filters(methods: Sequence[Method]) -> dict[str, dict[str, Any]]:
    """Files of pages: as many for a method as its filter takes."""
    found = {}
    for method in (m for m in methods if not spans.by_shard(m)):
        for first in range(0, pages.count(method.made().words), filters.PAGES_TOGETHER):
            found[f"{method.place}-pages-{first:08d}"] = {"filter": method, "first": first}
    return found


def _remember(
    draft: Draft,
    engine: Engine,
    methods: Sequence[Method],
    decided: Sequence[DataFile],
    files: Mapping[str, Sequence[DataFile]],
) -> Mapping[str, Any]:
    if not methods:
        return {}
    mine = sources(files, draft.partition["crawl"], decisions.write(draft, decided))
    said = {f.shard: f.name for f in files["repeated_spans"]}
    details = {}
    for method in (m for m in methods if not spans.by_shard(m)):
        earlier = [f.name for f in files["span_index"]]
        details[f"{method.place}-{method.name}"] = _write_filter(draft, engine, method, mine, said, earlier)
    return {"sources": mine, "said": said, "details": {"filters": details} if details else {}}


def _write_filter(
    draft: Draft,
    engine: Engine,
    method: Method,
    mine: Mapping[str, Source],
    said: Mapping[str, str],
    earlier: Sequence[str],
) -> Mapping[str, Any]:
    """The whole filter as scratch files of pages; what the commit says of it."""
    made = method.made()
    bits = filters.remember(draft, engine, method, mine, said, filters.state(draft, method, made, earlier))
    for first in range(0, pages.count(len(bits)), filters.PAGES_TOGETHER):
        with scratch.writer(draft, f"{method.place}-pages", f"{first:08d}", pages.SCHEMA) as out:
            out.write_table(pages.to_pages(bits, first=first, stop=first + filters.PAGES_TOGETHER))
    return filters.fullness(made, bits)


def work(task: Task, guard: Guard) -> None:
    """Write what is remembered of one shard, or one file of a filter's pages."""
    draft, said = task.arguments["draft"], task.arguments
    with draft.writer(task.shard) as writer:
        if "filter" in said:
            method = said["filter"]
            name = scratch.name(draft, f"{method.place}-pages", f"{said['first']:08d}")
            for batch in read_batches(draft.storage, name, rows=64):
                writer.write(_rows(method, task.shard, batch.column("key"), bits=batch.column("bits")))
            return
        source = said["sources"][task.shard]
        for method in said["methods"]:
            with draft.storage.open(said["said"][task.shard]) as file:
                mine = pq.read_table(file, filters=[("step", "=", method.place)])
            found = spans.kind(method).remember(draft, method, source, mine)
            for start in range(0, found.num_rows, KEYS_TOGETHER):
                some = found.slice(start, KEYS_TOGETHER)
                writer.write(_rows(method, task.shard, some.column("key"), some.column("doc_id")))


def _rows(method: Method, shard: str, key: Any, doc_id: Any = None, bits: Any = None) -> pa.Table:
    count = len(key)
    columns = {
        "step": pa.array([method.place] * count, pa.int64()),
        "method": pa.array([method.name] * count, pa.string()),
        "key": key,
        "doc_id": pa.nulls(count, pa.string()) if doc_id is None else doc_id,
        "shard": pa.array([shard] * count, pa.string()),
        "bits": pa.nulls(count, pa.binary()) if bits is None else pc.cast(bits, pa.binary()),
    }
    return pa.table(columns).select(SCHEMA.names)
