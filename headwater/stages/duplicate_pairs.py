"""`duplicate_pairs`: candidates, then proof. Every pair that was compared, with its true similarity. Evidence.

For each deduper of the recipe in turn, on what the one before left over: documents that share a bucket are candidates;
their texts are brought together by a shuffle through scratch files; each pair is compared; and where a document's
partner turned out to be a duplicate itself, the pair with that partner's representative is compared as well.
Order is by (crawl, doc_id), so nothing of a later crawl changes an earlier one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater import matching, registry
from headwater import recipe as recipes
from headwater.engine import Engine, Guard, Task
from headwater.errors import BrokenLake
from headwater.lake import scratch
from headwater.lake.audit import connect, fetch, first, scan, uris
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.store import DataFile, Draft
from headwater.lake.tables import table
from headwater.matching import Numbers
from headwater.pipeline import Plan
from headwater.project import Project

VERSION = 1

# A bucket's documents are compared with this many of its earliest, so a bucket of n costs n pairs, not n squared.
LEADERS = 16
COMPARED_AT_ONCE = 1_024
# Rows of a row group of pairs, and of texts: what a reader of one part cannot leave out.
PAIRS_TOGETHER, TEXTS_TOGETHER = 65_536, 256
PAIR = pa.schema([(n, pa.string()) for n in ("doc_id", "shard", "other", "other_crawl", "other_shard")])
WANTED = pa.schema([(n, pa.string()) for n in ("doc_id", "part")])
TEXT = pa.schema([(n, pa.string()) for n in ("part", "crawl", "doc_id", "text")])
FOUND = table("duplicate_pairs").file_schema

# Documents of earlier crawls that are duplicates stand for their representatives.
_PLACED = """
    with mine as (
        select band, bucket, doc_id, shard from {minhash_index}
        where crawl = $crawl and method = $method and doc_id not in (select doc_id from duplicates)
    ), alive as (
        select crawl, doc_id, shard from {deduped} where outcome = 'kept'
    ), stands as (
        select crawl, doc_id, crawl as by_crawl, doc_id as by_doc, shard as by_shard from alive
        union all
        select d.crawl, d.doc_id, a.crawl, a.doc_id, a.shard
        from {deduped} d join alive a on d.representative = a.doc_id where d.outcome = 'duplicate'
    ), theirs as (
        select distinct i.band, i.bucket, s.by_crawl as crawl, s.by_doc as doc_id, s.by_shard as shard
        from {minhash_index} i join stands s on i.crawl = s.crawl and i.doc_id = s.doc_id
        where i.method = $method and i.crawl <> $crawl and (i.band, i.bucket) in (select (band, bucket) from mine)
    ), everyone as (
        select *, false as mine from theirs
        union all select band, bucket, $crawl, doc_id, shard, true from mine
    )
    select everyone.*, row_number() over (partition by band, bucket order by rank, doc_id) as place
    from everyone join ranks using (crawl)
"""
_CANDIDATES = """
    select distinct d.doc_id, d.shard, l.doc_id as other, l.crawl as other_crawl, l.shard as other_shard
    from placed d join placed l on d.band = l.band and d.bucket = l.bucket and l.place < d.place
    where d.mine and l.place <= $leaders
    order by all
"""
# Which texts of which shard each part is to compare; a part is named as the later documents' shard.
_WANTED = """
    with sides as (
        select $crawl || '~' || shard as source, doc_id, shard as part from pairs
        union all
        select other_crawl || '~' || other_shard, other, shard from pairs
    )
    select distinct source, doc_id, part from sides order by all
"""


def duplicate_pairs(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe and crawl. Reads the index and texts of this crawl and of the earlier ones."""
    recipe, crawl = project.recipe(partition["recipe"]), partition["crawl"]
    earlier = project.compared(recipe, crawl)
    wanted = {"minhash_index": [*earlier, crawl], "filtered": [*earlier, crawl], "deduped": earlier}
    inputs = {t: [project.lake.input(t, {"recipe": recipe.name, "crawl": c}) for c in cs] for t, cs in wanted.items()}
    files = {t: [f for i in read for f in project.lake.read(i)] for t, read in inputs.items()}
    steps = [(step.name, dict(step.options)) for step in recipe.dedup]
    return Plan(
        table="duplicate_pairs",
        partition=partition,
        inputs=tuple(i for read in inputs.values() for i in read),
        steps={"stages/duplicate_pairs": VERSION, **recipes.steps("dedupers", recipe.dedup)},
        options={"dedup": steps, "leaders": LEADERS, "scope": recipe.scope},
        shards={f.shard: {} for f in files["filtered"] if f.partition["crawl"] == crawl},
        work=work,
        prepare=lambda draft, engine: _Search(draft, engine, [*earlier, crawl], files).run(steps),
        finish=scratch.clear,
    )


def work(task: Task, guard: Guard) -> None:
    """Write the compared pairs whose later document is of one shard, in order."""
    draft = task.arguments["draft"]
    with draft.writer(task.shard) as writer:
        for name in task.arguments["found"]:
            with draft.storage.open(name) as file:
                mine = pq.read_table(file, filters=[("shard", "=", task.shard)])
            writer.write(mine.sort_by([("doc_id", "ascending"), ("other_crawl", "ascending"), ("other", "ascending")]))


class _Search:
    """The rounds of one crawl's comparisons. What is costly goes to scratch files, so a killed run finds it again."""

    def __init__(
        self, draft: Draft, engine: Engine, crawls: Sequence[str], files: Mapping[str, list[DataFile]]
    ) -> None:
        self.draft, self.engine, self.crawls, self.files = draft, engine, list(crawls), files
        self.crawl = self.crawls[-1]
        self.oversized = 0

    def run(self, steps: Sequence[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Any]:
        """All rounds of all dedupers."""
        gone, names = pa.array([], pa.string()), []
        for method, options in steps:
            found = self._settled(method, options, self._candidates(method, gone))
            with scratch.writer(self.draft, "found", method, FOUND) as out:
                out.write_table(found)
            names.append(scratch.name(self.draft, "found", method))
            more = matching.duplicates(found, self.crawls, self.crawl, method).column("doc_id").combine_chunks()
            gone = pa.concat_arrays([gone, more])
        return {"found": names, "details": {"oversized_buckets": self.oversized}}

    def _candidates(self, method: str, gone: pa.Array) -> pa.Table:
        with connect(self.draft.storage) as db:
            names = {t: uris(self.draft.storage, [f.name for f in files]) for t, files in self.files.items()}
            views = {t: scan(db, table(t), found) for t, found in names.items()}
            db.register("ranks", pa.table({"crawl": self.crawls, "rank": list(range(len(self.crawls)))}))
            db.register("duplicates", pa.table({"doc_id": gone}))
            db.execute(
                "create temp table placed as " + _PLACED.format(**views), {"method": method, "crawl": self.crawl}
            )
            large = "select count(*) from (select 1 from placed group by band, bucket having count(*) > $leaders)"
            self.oversized += first(db, large, {"leaders": LEADERS})[0]
            return fetch(db, _CANDIDATES, {"leaders": LEADERS}).cast(PAIR)

    def _settled(self, method: str, options: Mapping[str, Any], pairs: pa.Table) -> pa.Table:
        """Candidates compared, then the second proofs that the verdicts ask for, until none is (see clusters)."""
        found, rounds = self._compared(method, options, pairs, 0), 1
        numbers = Numbers.of(found, self.crawls, self.crawl)
        proofs = FOUND.empty_table()
        while True:
            stars = matching.stars(pa.concat_tables([found, proofs]), numbers)
            if not stars.needed_document.size:
                used = set(zip(stars.second.document.tolist(), stars.second.representative.tolist(), strict=True))
                kept = [
                    p in used
                    for p in zip(numbers.later(proofs).tolist(), numbers.earlier(proofs).tolist(), strict=True)
                ]
                return pa.concat_tables([found, proofs.filter(pa.array(kept, pa.bool_()))])
            asked = _asked(numbers, stars.needed_document, stars.needed_representative, pairs)
            proofs = pa.concat_tables([proofs, self._compared(method, options, asked, rounds)])
            rounds += 1

    def _compared(self, method: str, options: Mapping[str, Any], pairs: pa.Table, rounds: int) -> pa.Table:
        """True similarity of pairs: texts gathered by the files they are in, compared by the later document's shard."""
        kind, parts = f"{method}-{rounds}", sorted(pc.unique(pairs.column("shard")).to_pylist())
        with scratch.writer(self.draft, kind, "pairs", PAIR) as out:
            out.write_table(pairs.sort_by("shard"), row_group_size=PAIRS_TOGETHER)
        reads = registry.step("dedupers", method)(**options).reads
        gather = self._gathering(kind, pairs, reads)
        self._phase(gather_texts, f"{kind}-texts", gather)
        texts = [scratch.name(self.draft, f"{kind}-texts", part) for part in sorted(gather)]
        said = {"kind": kind, "texts": texts, "method": method, "options": dict(options), "round": rounds}
        self._phase(compare_part, f"{kind}-found", dict.fromkeys(parts, said))
        found = [scratch.name(self.draft, f"{kind}-found", part) for part in parts]
        batches = [b for name in found for b in read_batches(self.draft.storage, name)]
        return pa.Table.from_batches(batches, FOUND)

    def _phase(self, function: Any, kind: str, parts: Mapping[str, Mapping[str, Any]]) -> None:
        todo = scratch.missing(self.draft, kind, sorted(parts))
        for _ in self.engine.map(function, [Task(p, {"draft": self.draft, **parts[p]}) for p in todo]):
            pass

    def _gathering(self, kind: str, pairs: pa.Table, reads: str) -> dict[str, dict[str, Any]]:
        """For each shard that holds a text of some pair: its file, and the scratch file of what is wanted of it."""
        with connect(self.draft.storage) as db:
            db.register("pairs", pairs)
            wanted = fetch(db, _WANTED, {"crawl": self.crawl})
        files = {f"{f.partition['crawl']}~{f.shard}": f for f in self.files["filtered"]}
        gather, start = {}, 0
        # Ordered by source, so each source's rows are one slice.
        for source, count in _counts(wanted.column("source")):
            with scratch.writer(self.draft, f"{kind}-wanted", source, WANTED) as out:
                out.write_table(wanted.slice(start, count).select(WANTED.names))
            start += count
            file = files[source]
            gather[source] = {"file": file.name, "kind": kind, "crawl": file.partition["crawl"], "reads": reads}
        return gather


def _counts(ordered: pa.ChunkedArray) -> list[tuple[str, int]]:
    """The values of an ordered column in its order, with how often each is there."""
    return [(entry["values"], entry["counts"]) for entry in pc.value_counts(ordered).to_pylist()]


def _asked(numbers: Numbers, documents: Any, representatives: Any, known: pa.Table) -> pa.Table:
    """Second pairs in the form of candidates; where their documents lie is known from the first ones."""
    ids = numbers.documents(np.asarray(documents))[1]
    crawls, others = numbers.documents(np.asarray(representatives))
    mine = _find(ids, known.column("doc_id"))
    theirs = _find(_places(crawls, others), _places(known.column("other_crawl"), known.column("other")))
    columns = [ids, known.column("shard").take(mine), others, crawls, known.column("other_shard").take(theirs)]
    return pa.table(columns, schema=PAIR)


def _places(crawls: Any, documents: Any) -> Any:
    """One key for (crawl, doc_id); no crawl's name has a slash in it."""
    return pc.binary_join_element_wise(crawls, documents, "/")


def _find(keys: Any, among: Any) -> Any:
    """Where keys are among others. Raises BrokenLake where one is not."""
    found = pc.index_in(keys, value_set=among)
    if found.null_count:
        missing = keys.filter(pc.is_null(found))[0].as_py()
        raise BrokenLake(f"document {missing} of a candidate pair is not in its shard; run headwater verify")
    return found


def gather_texts(task: Task, guard: Guard) -> None:
    """Copy the texts, or what is compared in their stead, that some part wants out of one shard, ordered by part."""
    draft, said = task.arguments["draft"], task.arguments
    with draft.storage.open(scratch.name(draft, f"{said['kind']}-wanted", task.shard)) as file:
        wanted = pq.read_table(file).sort_by([("part", "ascending"), ("doc_id", "ascending")])
    ids = pc.unique(wanted.column("doc_id"))
    batches = read_batches(draft.storage, said["file"], ["doc_id", said["reads"]])
    there = [b.filter(pc.is_in(b.column("doc_id"), value_set=ids)) for b in batches]
    schema = pa.schema([TEXT.field("doc_id"), TEXT.field("text")])
    chosen = pa.Table.from_batches([b.rename_columns(schema.names) for b in there], schema)
    place = _find(wanted.column("doc_id"), chosen.column("doc_id"))
    with scratch.writer(draft, f"{said['kind']}-texts", task.shard, TEXT) as out:
        for start in range(0, wanted.num_rows, TEXTS_TOGETHER):
            some = wanted.slice(start, TEXTS_TOGETHER)
            texts = chosen.column("text").take(place.slice(start, TEXTS_TOGETHER))
            crawl = pa.array([said["crawl"]] * some.num_rows, pa.string())
            out.write_table(pa.table([some.column("part"), crawl, some.column("doc_id"), texts], schema=TEXT))


def compare_part(task: Task, guard: Guard) -> None:
    """Compare the pairs of one part."""
    draft, said = task.arguments["draft"], task.arguments
    deduper = registry.step("dedupers", said["method"])(**said["options"])
    with draft.storage.open(scratch.name(draft, said["kind"], "pairs")) as file:
        pairs = pq.read_table(file, filters=[("shard", "=", task.shard)])
    found = [TEXT.empty_table()]
    for name in said["texts"]:
        with draft.storage.open(name) as file:
            found.append(pq.read_table(file, filters=[("part", "=", task.shard)]))
    texts = pa.concat_tables(found)
    places = _places(texts.column("crawl"), texts.column("doc_id"))
    mine = pa.array([draft.partition["crawl"]] * pairs.num_rows, pa.string())
    left = _find(_places(mine, pairs.column("doc_id")), places)
    right = _find(_places(pairs.column("other_crawl"), pairs.column("other")), places)
    with scratch.writer(draft, f"{said['kind']}-found", task.shard, FOUND) as out:
        for start in range(0, pairs.num_rows, COMPARED_AT_ONCE):
            sides = [
                texts.column("text").take(side.slice(start, COMPARED_AT_ONCE)).combine_chunks()
                for side in (left, right)
            ]
            some = pairs.slice(start, COMPARED_AT_ONCE)
            out.write_table(_rows(some, deduper.similarity(*sides), deduper.threshold, said))


def _rows(batch: pa.Table, similarity: Any, threshold: float, said: Mapping[str, Any]) -> pa.Table:
    count = batch.num_rows
    columns = {
        **{name: batch.column(name) for name in ("doc_id", "shard", "other", "other_crawl")},
        "method": pa.array([said["method"]] * count, pa.string()),
        "similarity": pa.array(similarity, pa.float64()),
        "threshold": pa.array([threshold] * count, pa.float64()),
        "accepted": pa.array(np.asarray(similarity) >= threshold),
        "round": pa.array([said["round"]] * count, pa.int32()),
    }
    return pa.table(columns).select(FOUND.names)
