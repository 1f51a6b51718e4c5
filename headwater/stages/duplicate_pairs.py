"""`duplicate_pairs`: candidates, then proof. The pairs that were compared, each with its true similarity. Evidence.

For each deduper of the recipe in turn, on what the one before left over: documents that share a bucket are candidates,
found range by range; their texts are brought together by a shuffle through scratch files; each pair is compared; and
where a document's partner turned out to be a duplicate itself, the pair with that partner's representative is compared
as well. The pair that makes a document a duplicate is `chosen`. Order is by (crawl, doc_id), so nothing of a later
crawl changes an earlier one, and a crawl's pairs are those that one run over all crawls would find.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater import deduplication, identity, searching
from headwater.buckets import LEADERS, Sources
from headwater.embedding import versions
from headwater.engine import Guard, Task
from headwater.lake import reading, scratch
from headwater.lake.files import read_where
from headwater.lake.lineage import Partition
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.matching import FOUND
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.searching import Search
from headwater.stages import minhash_index

VERSION = 2  # exactly what one run over all crawls finds; sub-buckets; `other_shard`, `chosen`; the nearest misses

# Of each document's rejected pairs, those that came nearest are kept; how many there were is in the commit.
REJECTED = 4
ROWS = table("duplicate_pairs").file_schema


def duplicate_pairs(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe and crawl. Reads the index and texts of this crawl and of the earlier ones in scope."""
    recipe, crawl = project.recipe(partition["recipe"]), partition["crawl"]
    earlier = project.compared(recipe, crawl)
    wanted = {"minhash_index": [*earlier, crawl], "filtered": [*earlier, crawl], "duplicate_pairs": earlier}
    places = {t: [{"recipe": recipe.name, "crawl": c} for c in cs] for t, cs in wanted.items()}
    versions_read = {"minhash_index": minhash_index.VERSION, "duplicate_pairs": VERSION}
    read = {t: reading.inputs(project.lake, t, found, made_by=versions_read.get(t)) for t, found in places.items()}
    files = {t: [file for _, held in found for file in held] for t, found in read.items()}
    steps = [(method.name, method.options) for method in deduplication.pairs(recipe)]
    return Plan(
        table="duplicate_pairs",
        partition=partition,
        inputs=tuple(i for found in read.values() for i, _ in found),
        steps={"stages/duplicate_pairs": VERSION, **versions(recipe.dedup)},
        options={"dedup": steps, "leaders": LEADERS, "scope": recipe.scope},
        shards={f.shard: {} for f in files["filtered"] if f.partition["crawl"] == crawl},
        work=work,
        prepare=lambda draft, engine: Search(draft, engine, [*earlier, crawl], files, steps).run(),
        finish=scratch.clear,
    )


def work(task: Task, guard: Guard) -> None:
    """Write the compared pairs whose later document is of one shard, in order."""
    draft = task.arguments["draft"]
    sources = searching.sources(draft)
    own = pa.array([task.shard], pa.string())
    source = int(sources.of_crawl(draft.partition["crawl"], own)[0])
    with draft.writer(task.shard) as writer:
        for method, threshold in task.arguments["thresholds"]:
            found, proofs, decided = _of_source(draft, method, source)
            kept = _kept(_marked(pa.concat_tables([found, proofs]), decided))
            writer.write(_rows(kept, sources, method, threshold))


def _of_source(draft: Draft, method: str, source: int) -> tuple[pa.Table, pa.Table, pa.Table]:
    """The candidates of one shard as compared, the second proofs, and the verdicts."""
    within = {"source": (source, source)}
    name = scratch.name(draft, f"{method}-0", "pairs")
    with draft.storage.open(name) as file:
        metadata = pq.ParquetFile(file).metadata
    ends = [metadata.row_group(part).column(0).statistics for part in range(metadata.num_row_groups)]
    parts = [searching.part(number) for number, held in enumerate(ends) if held.min <= source <= held.max]
    names = [scratch.name(draft, f"{method}-0-found", part) for part in parts]
    found = [rows for name in names for rows in read_where(draft.storage, name, within, FOUND.names)]
    proofs = read_where(draft.storage, scratch.name(draft, f"{method}-proofs", "all"), within, FOUND.names)
    stars = ["high", "low", "star_source", "star_high", "star_low"]
    decided = list(read_where(draft.storage, scratch.name(draft, f"{method}-decided", "all"), within, stars))
    nothing = FOUND.empty_table()
    none = pa.table({name: nothing.column(name.replace("star", "other")) for name in stars})
    return (
        _round(pa.concat_tables([nothing, *found]), 0), _round(pa.concat_tables([nothing, *proofs]), 1),
        pa.concat_tables([none, *decided]),
    )  # fmt: skip


def _round(rows: pa.Table, number: int) -> pa.Table:
    return rows.append_column("round", pa.array(np.full(rows.num_rows, number, dtype=np.int32)))


def _marked(rows: pa.Table, decided: pa.Table) -> pa.Table:
    """Rows with `chosen`: whether the pair is the verdict on its document."""
    mine = identity.keys(np.zeros(rows.num_rows, np.int32), *(rows.column(n).to_numpy() for n in ("high", "low")))
    known = (decided.column(n).to_numpy() for n in ("high", "low"))
    place = pc.index_in(mine, value_set=identity.keys(np.zeros(decided.num_rows, np.int32), *known))
    chosen = rows.column("accepted")
    for side in ("source", "high", "low"):
        same = pc.equal(rows.column(f"other_{side}"), decided.column(f"star_{side}").take(place))
        chosen = pc.and_(chosen, pc.fill_null(same, False))
    return rows.append_column("chosen", chosen)


def _kept(rows: pa.Table) -> pa.Table:
    """Accepted pairs and each document's nearest misses, in order of the documents."""
    columns = {name: rows.column(name).to_numpy() for name in rows.column_names}
    other = [columns[name] for name in ("other_low", "other_high", "other_source")]
    nearest = np.lexsort((*other, -columns["similarity"], columns["accepted"], columns["low"], columns["high"]))
    high, low, missed = columns["high"][nearest], columns["low"][nearest], ~columns["accepted"][nearest]
    new = np.ones(nearest.size, dtype=np.bool_)
    new[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    first = np.maximum.accumulate(np.where(new, np.arange(nearest.size), 0))
    kept = nearest[~missed | (np.arange(nearest.size) - first < REJECTED)]
    names = ("round", "other_low", "other_high", "other_source", "low", "high")
    order = np.lexsort([columns[name][kept] for name in names])
    return rows.take(pa.array(kept[order]))


def _rows(rows: pa.Table, sources: Sources, method: str, threshold: float) -> pa.Table:
    count = rows.num_rows
    halves = [[rows.column(f"{side}{half}").to_numpy() for half in ("high", "low")] for side in ("", "other_")]
    columns = {
        "doc_id": identity.ids(*halves[0]),
        "shard": sources.shard.take(rows.column("source").combine_chunks()),
        "other": identity.ids(*halves[1]),
        "other_crawl": sources.crawl.take(rows.column("other_source").combine_chunks()),
        "other_shard": sources.shard.take(rows.column("other_source").combine_chunks()),
        "method": pa.array([method] * count, pa.string()),
        "threshold": pa.array(np.full(count, threshold)),
        **{name: rows.column(name) for name in ("similarity", "accepted", "round", "chosen")},
    }
    return pa.table(columns).select(ROWS.names)
