"""`repeated_spans`: the stretches of each text that earlier documents have, by every method of a recipe that removes
such. Evidence for `deduped`.

Each method works on what the ones before left, documents by order of crawl and doc_id; of this crawl it reads texts, of
earlier ones what `span_index` remembers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headwater import decisions, deduplication, spans
from headwater import recipe as recipes
from headwater.deduplication import Method
from headwater.engine import Engine, Guard, Task
from headwater.lake import scratch
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.store import DataFile, Draft
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.spans.texts import Source

VERSION = 1


def repeated_spans(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe and crawl: one output file per shard of `filtered`."""
    recipe, crawl = project.recipe(partition["recipe"]), partition["crawl"]
    methods, earlier = deduplication.spans(recipe), project.compared(recipe, crawl)
    wanted = {"filtered": [crawl], "duplicate_pairs": [crawl], "span_index": earlier if methods else []}
    if any(spans.reads_earlier_texts(method) for method in methods):
        wanted |= {"filtered": [*earlier, crawl], "repeated_spans": earlier}
    inputs = {t: [project.lake.input(t, {"recipe": recipe.name, "crawl": c}) for c in cs] for t, cs in wanted.items()}
    files = {t: [f for i in read for f in project.lake.read(i)] for t, read in inputs.items()}
    return Plan(
        table="repeated_spans",
        partition=partition,
        inputs=tuple(i for read in inputs.values() for i in read),
        steps={"stages/repeated_spans": VERSION, "spans": spans.VERSION, **recipes.steps("dedupers", recipe.dedup)},
        options={"dedup": [(m.name, m.options) for m in deduplication.methods(recipe)], "scope": recipe.scope},
        shards={f.shard: {} for f in files["filtered"] if methods and f.partition["crawl"] == crawl},
        work=work,
        prepare=lambda draft, engine: _search(draft, engine, methods, earlier, files, together=recipe.window is None),
        finish=scratch.clear,
    )


def sources(
    files: Mapping[str, Sequence[DataFile]], crawl: str, gone: Mapping[str, str] | None = None
) -> dict[str, Source]:
    """The texts of a crawl by shard, with what `repeated_spans` in these files says of them, less those in `gone`."""
    said = {f.shard: f.name for f in files.get("repeated_spans", ()) if f.partition["crawl"] == crawl}
    texts = {f.shard: f.name for f in files["filtered"] if f.partition["crawl"] == crawl}
    out = gone or {}
    return {s: Source(n, *((of[s],) if s in of else () for of in (out, said))) for s, n in texts.items()}


def _search(
    draft: Draft,
    engine: Engine,
    methods: Sequence[Method],
    crawls: Sequence[str],
    files: Mapping[str, Sequence[DataFile]],
    *,
    together: bool,
) -> Mapping[str, Any]:
    if not methods:
        return {}
    crawl, known = draft.partition["crawl"], files["span_index"]
    mine = sources({"filtered": files["filtered"]}, crawl, decisions.write(draft, files["duplicate_pairs"]))
    earlier = {c: sources(files, c) for c in crawls} if "repeated_spans" in files else {}
    found: dict[str, list[str]] = {shard: [] for shard in mine}
    # Where no crawl leaves the scope, the filter of the last one has those before in it.
    last = [f for f in known if f.partition["crawl"] in crawls[-1:]] if together else known
    for method in methods:
        of_method = spans.search(draft, engine, method, mine, known if spans.by_shard(method) else last, earlier)
        mine = {shard: source.plus(of_method[shard]) for shard, source in mine.items()}
        for shard, name in of_method.items():
            found[shard].append(name)
    return {"found": found}


def work(task: Task, guard: Guard) -> None:
    """Write what the methods found in one shard's texts, in order."""
    draft = task.arguments["draft"]
    with draft.writer(task.shard) as writer:
        for name in task.arguments["found"][task.shard]:
            batches = list(read_batches(draft.storage, name))
            if batches:
                writer.write(pa.Table.from_batches(batches).sort_by("doc_id"))
        writer.details["removed_documents"] = _dropped(draft, task.arguments["found"][task.shard])


def _dropped(draft: Draft, names: Sequence[str]) -> int:
    found = (b.column("dropped") for name in names for b in read_batches(draft.storage, name, ["dropped"]))
    return sum(pc.sum(column, min_count=0).as_py() for column in found)
