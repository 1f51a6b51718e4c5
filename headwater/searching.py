"""The search for one crawl's duplicates, method by method.

What is costly goes to scratch files, phase by phase, so that a killed run finds it again; what is cut into tasks is cut
by the input alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater import buckets, comparing, identity, matching
from headwater.buckets import KNOWN, PAIR, STAR, Proposed, Rows, Sources
from headwater.embedding import made
from headwater.engine import Engine, Guard, Task
from headwater.lake import scratch
from headwater.lake.audit import fetch
from headwater.lake.files import read_batches
from headwater.lake.store import DataFile, Draft
from headwater.matching import FOUND, Matching

KNOWN_TOGETHER = 1 << 16
SOURCES = pa.schema([("crawl", pa.string()), ("shard", pa.string()), ("file", pa.string())])
LEFT = pa.schema(list(PAIR)[:3])
COUNTED = pa.schema([(name, pa.int64()) for name in ("buckets", "oversized", "largest")])

_ONCE = "select distinct * from proposed order by source, high, low, other_source, other_high, other_low"
# What a duplicate names can be a duplicate itself, by a later method, of a document out of scope: then neither counts.
_IN_SCOPE = """
    with recursive forgotten as (
        select source, high, low from said where star_source < 0
        union
        select said.source, said.high, said.low from said join forgotten
            on said.star_source = forgotten.source and said.star_high = forgotten.high
            and said.star_low = forgotten.low
    )
    select said.* replace (if(forgotten.source is null, said.star_source, -1) as star_source)
    from said left join forgotten using (source, high, low) order by source, high, low
"""


class Search:
    """The rounds of one crawl's comparisons; `crawls` are those in scope in order, its own last."""

    def __init__(
        self, draft: Draft, engine: Engine, crawls: Sequence[str], files: Mapping[str, list[DataFile]],
        steps: Sequence[tuple[str, Mapping[str, Any]]],
    ) -> None:  # fmt: skip
        self.draft, self.engine, self.crawls, self.files, self.steps = draft, engine, list(crawls), files, steps
        self.methods = [name for name, _ in steps]

    def run(self) -> Mapping[str, Any]:
        """All rounds of all dedupers; the counts of each are details of the commit."""
        self._note_sources()
        self._note_known()
        counted = {}
        for number, (method, _) in enumerate(self.steps):
            self._propose(number, method)
            self._once(method)
            self._compare(number, f"{method}-0")
            duplicates = self._settle(number, method)
            counted[method] = {**self._counted(method), "duplicates": duplicates}
        thresholds = [(step[0], made(step).threshold) for step in self.steps]
        return {"thresholds": thresholds, "details": {"dedup": counted}}

    def _note_sources(self) -> None:
        files = sorted(self.files["filtered"], key=lambda f: (self.crawls.index(f.partition["crawl"]), f.shard))
        rows = [{"crawl": f.partition["crawl"], "shard": f.shard, "file": f.name} for f in files]
        with scratch.writer(self.draft, "sources", "all", SOURCES) as out:
            out.write_table(pa.Table.from_pylist(rows, SOURCES))
        self.names = [f.name for f in files]
        self.sources = sources(self.draft)
        own = np.flatnonzero(self.sources.order == self.sources.order.max(initial=0))
        mine = any(f.partition["crawl"] == self.crawls[-1] for f in files)
        self.first_source = int(own[0]) if mine else len(files)

    def _note_known(self) -> None:
        """What became of the documents of earlier crawls: their own verdicts, which nothing changes any more."""
        if not scratch.missing(self.draft, "known", ["earlier"]):
            return
        columns = ["doc_id", "shard", "other", "other_crawl", "other_shard", "method", "similarity", "chosen"]
        with scratch.writer(self.draft, "said", "earlier", KNOWN) as out:
            for file in self.files["duplicate_pairs"]:
                for batch in read_batches(self.draft.storage, file.name, columns, KNOWN_TOGETHER):
                    out.write_table(self._known(batch.filter(batch.column("chosen")), file.partition["crawl"]))
        with matching.spilling(self.draft.storage) as db:
            matching.view(db, "said", [scratch.uri(self.draft, "said", "earlier")], KNOWN)
            with scratch.writer(self.draft, "known", "earlier", KNOWN) as out:
                for batch in db.sql(_IN_SCOPE).to_arrow_reader(KNOWN_TOGETHER):
                    out.write_table(pa.Table.from_batches([batch]).select(KNOWN.names).cast(KNOWN))

    def _known(self, rows: pa.RecordBatch, crawl: str) -> pa.Table:
        star = np.full(rows.num_rows, -1, dtype=np.int32)  # of a crawl out of scope: it counts no more
        others = rows.column("other_crawl")
        for name in pc.unique(others).to_pylist():
            if name in self.crawls:
                here = pc.equal(others, name).to_numpy(zero_copy_only=False)
                star[here] = self.sources.of_crawl(name, rows.column("other_shard").filter(pa.array(here)))
        method = pc.index_in(rows.column("method"), value_set=pa.array(self.methods, pa.string()))
        source = self.sources.of_crawl(crawl, rows.column("shard"))
        columns = [source, *identity.halves(rows.column("doc_id")), method.cast(pa.int16())]
        return pa.table(
            [*columns, star, *identity.halves(rows.column("other")), rows.column("similarity")], schema=KNOWN
        )

    def _propose(self, number: int, method: str) -> None:
        """Candidates, one task for each range of this crawl's index."""
        mine = sorted((f for f in self._index(self.crawls[-1])), key=lambda f: f.shard)
        theirs = {crawl: sorted(self._index(crawl), key=lambda f: f.shard) for crawl in self.crawls[:-1]}
        known = [scratch.name(self.draft, "known", "earlier")]
        known += [scratch.name(self.draft, f"{m}-decided", "all") for m in self.methods[:number]]
        tasks = {}
        for file, (low, high) in zip(mine, identity.ranges(len(mine)), strict=True):
            beside = {crawl: _overlapping(files, low, high) for crawl, files in theirs.items()}
            tasks[file.shard] = {
                "mine": file.name, "theirs": beside, "low": low, "high": high, "known": known, "method": method,
                "number": number, "crawls": self.crawls,
            }  # fmt: skip
        self._phase(propose_range, f"{method}-proposed", tasks)

    def _index(self, crawl: str) -> list[DataFile]:
        return [f for f in self.files["minhash_index"] if f.partition["crawl"] == crawl]

    def _once(self, method: str) -> None:
        """The candidates of all ranges, each once, in order of the later document, in groups of one part each."""
        if scratch.missing(self.draft, f"{method}-0", ["pairs"]):
            with matching.spilling(self.draft.storage) as db:
                matching.view(db, "proposed", self._made(f"{method}-proposed"), PAIR)
                rows = db.sql(_ONCE).to_arrow_reader(comparing.PAIRS_TOGETHER)
                with scratch.writer(self.draft, f"{method}-0", "pairs", PAIR) as out:
                    for group in comparing.regrouped(rows, PAIR, comparing.PAIRS_TOGETHER):
                        out.write_table(group, row_group_size=comparing.PAIRS_TOGETHER)

    def _made(self, kind: str) -> list[str]:
        """Full paths of the scratch files of a finished phase."""
        names = self.draft.storage.names(f"{scratch.folder(self.draft)}/{kind}")
        return [scratch.uri(self.draft, kind, n.removesuffix(".parquet")) for n in sorted(names) if n[0] != "."]

    def _compare(self, number: int, kind: str) -> list[str]:
        """True similarity of the pairs of one round: texts gathered by the files they are in, compared by part."""
        step = self.steps[number]
        gather = {}
        for source in self._note_wanted(kind):
            gather[part(source)] = {"file": self.names[source], "kind": kind, "reads": made(step).reads}
        self._phase(comparing.gather_texts, f"{kind}-texts", gather)
        with self.draft.storage.open(scratch.name(self.draft, kind, "pairs")) as file:
            count = pq.ParquetFile(file).num_row_groups
        said = {"kind": kind, "step": step}
        self._phase(comparing.compare_part, f"{kind}-found", {part(p): {**said, "part": p} for p in range(count)})
        return [scratch.name(self.draft, f"{kind}-found", part(p)) for p in range(count)]

    def _note_wanted(self, kind: str) -> list[int]:
        """For each source that holds a text of some pair, a scratch file of what is wanted of it; the sources."""
        found = []
        with matching.spilling(self.draft.storage) as db:
            pairs = scratch.uri(self.draft, kind, "pairs")
            for source, rows in comparing.wanted(db, pairs):
                with scratch.writer(self.draft, f"{kind}-wanted", part(source), comparing.WANTED) as out:
                    out.write_table(rows)
                found.append(source)
        return found

    def _settle(self, number: int, method: str) -> int:
        """The verdicts on this crawl's documents by one method, written down; how many duplicates there are."""

        def compare(pairs: pa.Table, rounds: int) -> tuple[Any, Any]:
            kind = f"{method}-{rounds}"
            with scratch.writer(self.draft, kind, "pairs", PAIR) as out:
                for start in range(0, pairs.num_rows, comparing.PAIRS_TOGETHER):
                    out.write_table(pairs.slice(start, comparing.PAIRS_TOGETHER))
            names = self._compare(number, kind)
            found = [b for n in names for b in read_batches(self.draft.storage, n, ["similarity", "accepted"])]
            rows = pa.Table.from_batches(found)
            return rows.column("similarity").to_numpy(), rows.column("accepted").to_numpy()

        with matching.spilling(self.draft.storage) as db:
            matching.view(db, "found", self._made(f"{method}-0-found"), FOUND)
            matching.view(db, "stars", self._made(f"{method}-stars"), STAR)
            order = self.sources.order
            db.register("sources", pa.table({"source": np.arange(len(order), dtype=np.int32), "crawl": order}))
            pairs = Matching.of(db)
            decided = pairs.decided(pairs.settle(compare), self.first_source, number)
        for kind, rows in (("proofs", decided.proofs), ("decided", decided.duplicates)):
            with scratch.writer(self.draft, f"{method}-{kind}", "all", rows.schema) as out:
                out.write_table(rows, row_group_size=KNOWN_TOGETHER)
        return int(decided.duplicates.num_rows)

    def _counted(self, method: str) -> dict[str, int]:
        """What an auditor may ask: buckets, how many were split, and whose earlier partners were left out."""
        with matching.spilling(self.draft.storage) as db:
            matching.view(db, "counted", self._made(f"{method}-counted"), COUNTED)
            matching.view(db, "left_out", self._made(f"{method}-left"), LEFT)
            matching.view(db, "found", self._made(f"{method}-0-found"), FOUND)
            query = """
                select coalesce(sum(buckets), 0)::bigint as buckets, coalesce(sum(oversized), 0)::bigint as oversized,
                    coalesce(max(largest), 0)::bigint as largest,
                    (select count(*) from (select distinct * from left_out)) as partners_left_out,
                    (select count(*) from found) as compared,
                    (select count(*) from found where accepted) as accepted,
                    (select count(*) from found where not accepted) as rejected
                from counted
            """
            return dict(fetch(db, query).to_pylist()[0])

    def _phase(self, function: Any, kind: str, parts: Mapping[str, Mapping[str, Any]]) -> None:
        todo = scratch.missing(self.draft, kind, sorted(parts))
        for _ in self.engine.map(function, [Task(p, {"draft": self.draft, **parts[p]}) for p in todo]):
            pass


def part(number: int) -> str:
    """The name of a numbered part of a phase."""
    return f"{number:07d}"


def sources(draft: Draft) -> Sources:
    """The shards of all crawls in scope."""
    with draft.storage.open(scratch.name(draft, "sources", "all")) as file:
        return Sources.of(pq.read_table(file))


def _overlapping(files: Sequence[DataFile], low: int, high: int) -> list[str]:
    """The files of one crawl's index that may hold buckets of a range."""
    held = zip(files, identity.ranges(len(files)), strict=True) if files else ()
    return [file.name for file, (lowest, highest) in held if lowest <= high and highest >= low]


def propose_range(task: Task, guard: Guard) -> None:
    """The candidates of one range of buckets."""
    draft, said = task.arguments["draft"], task.arguments
    known = sources(draft)
    bounds = (said["method"], said["low"], said["high"])
    mine = buckets.read(draft.storage, [said["mine"]], said["crawls"][-1], known, *bounds)
    wanted = np.unique(mine.key)
    theirs = [
        buckets.read(draft.storage, files, crawl, known, *bounds, wanted) for crawl, files in said["theirs"].items()
    ]
    rows = buckets.joined([mine, *theirs])
    own = int(known.order.max(initial=0))
    rows = rows.take(buckets.shared(rows, known.order[rows.source] == own))
    rows, stars = _at_hand(draft, said, rows)
    rows = rows.take(buckets.shared(rows, known.order[rows.source] == own))
    found = buckets.proposed(rows, known, own)
    for kind, table in _written(found, stars).items():
        with scratch.writer(draft, f"{said['method']}-{kind}", task.shard, table.schema) as out:
            out.write_table(table)


def _at_hand(draft: Draft, said: Mapping[str, Any], rows: Rows) -> tuple[Rows, pa.Table]:
    """The rows of documents that no earlier method took, and whose duplicates the others are by this one."""
    asked = identity.keys(rows.source, rows.high, rows.low)
    high = np.unique(rows.high)
    found = [KNOWN.empty_table()]
    for name in said["known"]:
        for batch in read_batches(draft.storage, name, rows=KNOWN_TOGETHER):
            here = identity.among(batch.column("high").to_numpy(), high)
            found.append(pa.Table.from_batches([batch]).filter(pa.array(here)))
    verdicts = pa.concat_tables(found)
    columns = [verdicts.column(name).to_numpy() for name in ("source", "high", "low")]
    before = (verdicts.column("method").to_numpy() < said["number"]) | (verdicts.column("star_source").to_numpy() < 0)
    same = (verdicts.column("method").to_numpy() == said["number"]) & ~before
    keys = identity.keys(*columns)
    gone = pc.is_in(asked, value_set=keys.filter(pa.array(before))).to_numpy(zero_copy_only=False)
    stars = verdicts.filter(pa.array(same))
    place = pc.index_in(keys.filter(pa.array(same)), value_set=asked)
    here = pc.is_valid(place)
    return rows.take(~gone), _stars(stars.filter(here), rows, place.filter(here))


def _stars(verdicts: pa.Table, rows: Rows, place: pa.Array) -> pa.Table:
    ranks = pa.array(rows.rank).take(place)
    columns = [verdicts.column(name) for name in KNOWN.names if name != "method"]
    return pa.table([*columns[:3], ranks, *columns[3:]], schema=STAR)


def _written(found: Proposed, stars: pa.Table) -> dict[str, pa.Table]:
    """The scratch files of a range; that of the candidates last, because it says that the range is done."""
    left = found.documents.take(found.left_out)
    counted = pa.table({name: pa.array([value], pa.int64()) for name, value in found.counted.items()}, COUNTED)
    return {
        "stars": stars, "counted": counted, "left": pa.table([left.source, left.high, left.low], schema=LEFT),
        "proposed": buckets.pairs(found),
    }  # fmt: skip
