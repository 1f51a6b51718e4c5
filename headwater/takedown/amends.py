"""Partition by partition in the order of the chain: new files, new inputs, one commit each.

A partition that only reads an amended one gets a commit without files: its inputs are now the amended versions, so that
nothing is made anew for the sake of documents that are gone. What a recompute would change beyond that - a duplicate
whose representative went, shares of a mix - is left stale on purpose: its key names the takedown as an input.
"""

import hashlib
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from headwater import freshness
from headwater.engine import Task
from headwater.errors import BrokenLake
from headwater.lake import lineage
from headwater.lake.amend import Replaced, amend
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.files import Footer, read_batches, read_footer
from headwater.lake.lineage import Input, Provenance, Shard, code_version
from headwater.lake.store import DataFile
from headwater.lake.tombstones import REMOVED, TABLE
from headwater.project import Project
from headwater.takedown import rewrite
from headwater.takedown.resolve import Document

# Rows of these are documents or evidence about them, by the shard of their crawl.
BY_SHARD = ("raw", "extracted", "signals", "filtered", "repeated_spans", "span_index", "deduped")
# Files of these are ranges of keys: which of them hold a document, only their rows say.
BY_CONTENT = ("minhash_index", "tokenized")
# Evidence, and what is decided by it: where one was left stale, the next one is.
EVIDENCE = ("duplicate_pairs", "repeated_spans", "span_index")
DECIDES = (*EVIDENCE, "deduped")
# A model cannot forget: it is marked, and what was measured on it stays what it is.
NEVER = ("sources", "proxy_model", "eval_scores")
READERS = 16


@dataclass(frozen=True)
class Amended:
    """What was done to one partition: the version that holds it now, and how many files were written anew."""

    table: str
    partition: Mapping[str, str]
    version: int
    files: int


@dataclass(frozen=True)
class Removal:
    """One takedown at work. `documents` are all that it means, also those that an interrupted run has done."""

    project: Project
    takedown: str
    documents: Sequence[Document]

    @property
    def key(self) -> str:
        """What the footers of its files say."""
        return hashlib.sha256(f"takedown {self.takedown}".encode()).hexdigest()

    def gone(self) -> dict[str, list[str]]:
        """doc_ids by crawl."""
        found: dict[str, list[str]] = {}
        for document in self.documents:
            found.setdefault(document.crawl, []).append(document.doc_id)
        return found

    def new_name(self, old: str) -> str:
        """The file that takes the place of another: the same name in every run, so that a killed one is taken up."""
        folder, _, file = old.rpartition("/")
        shard = file.rsplit("-", 1)[0]
        return f"{folder}/{shard}-{hashlib.sha256(f'{self.takedown} {old}'.encode()).hexdigest()[:16]}.parquet"


def run(removal: Removal) -> Iterator[Amended]:
    """Amend every partition of the lake that holds the documents or reads one that did."""
    project = removal.project
    order = {crawl: place for place, crawl in enumerate(project.started_in_lake)}
    for name, partition in _places(project, order):
        found = _amend(removal, name, partition)
        if found is not None:
            yield found


def _places(project: Project, order: Mapping[str, int]) -> Iterator[tuple[str, dict[str, str]]]:
    """Live partitions such that each comes after what it reads: by crawl, in their order, then by recipe."""

    def crawl(place: tuple[str, dict[str, str]]) -> tuple[int, int]:
        name, partition = place
        return order.get(partition.get("crawl", ""), len(order)), freshness.ORDER.index(name)

    for group in (freshness.BY_CRAWL, freshness.BY_BOTH, freshness.BY_RECIPE):
        here = [(n, p) for n in group if n not in NEVER for p in project.lake.partitions(n)]
        yield from sorted(here, key=crawl)


def _amend(removal: Removal, name: str, partition: dict[str, str]) -> Amended | None:
    lake = removal.project.lake
    commit = lake.published(name, partition)
    if commit is None or commit.provenance is None:
        raise BrokenLake(f"{name} {' '.join(partition.values())} has no lineage record; run headwater verify")
    inputs = tuple(_now(removal, read) for read in commit.provenance.inputs)
    live = {file.name: file for file in lake.files(name, partition)}
    pairs = _pairs(removal, list(live.values())) if name == "duplicate_pairs" else []
    anew = {
        (new.table, new.partition.get("crawl"))
        for old, new in zip(commit.provenance.inputs, inputs, strict=True)
        if old != new
    }
    replaced = rewritten(removal, list(_jobs(removal, name, live.values(), anew, {row["shard"] for row in pairs})))
    if not replaced and inputs == commit.provenance.inputs:
        return None
    fewer = name in ("mixed", "tokenized") and bool(replaced)
    stale = _bereft(removal, partition, pairs) or fewer or _found_beside(removal, name, partition)
    stale = stale or (name in DECIDES and _reads_stale(removal, inputs))
    said = _record(removal, commit.provenance, inputs, live, replaced, stale=stale)
    version = amend(lake, partition, replaced, said)
    return Amended(name, partition, version, len(replaced))


def _now(removal: Removal, read: Input) -> Input:
    """An input as this takedown left it: its new version where it held the rows that were read."""
    live = None if read.version is None else removal.project.lake.published(read.table, read.partition)
    if live is None or live.provenance is None or live.provenance.details.get("takedown") != removal.takedown:
        return read
    if read.digest not in live.provenance.details["amended_from"]:
        return read
    return Input(read.table, read.partition, live.version, live.provenance.digest)


def _reads_stale(removal: Removal, inputs: Iterable[Input]) -> bool:
    """Whether evidence that it reads was left stale, by this takedown or an earlier one."""
    for read in inputs:
        live = None if read.version is None else removal.project.lake.published(read.table, read.partition)
        said = None if live is None else live.provenance
        if said is not None and said.table in EVIDENCE and any(i.table == TABLE for i in said.inputs):
            return True
    return False


def _bereft(removal: Removal, partition: Mapping[str, str], pairs: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a document that stays was proven to be a duplicate of one that goes: a recompute would decide anew."""
    gone = {d.identity for d in removal.documents}
    return any(row["accepted"] and (partition["crawl"], row["doc_id"]) not in gone for row in pairs)


def _found_beside(removal: Removal, name: str, partition: Mapping[str, str]) -> bool:
    """Whether stretches of documents that stay may have been found in one that goes: a recompute would look again.

    No row says in which document a stretch was found, and a Bloom filter does not forget. Only documents that took part
    count, and `deduped`, which is amended after its evidence, still says which did.
    """
    if name != "repeated_spans" or not removal.project.lake.files(name, partition):
        return False  # without a method that removes stretches there are no files
    gone = {d.identity for d in removal.documents if d.crawl == partition["crawl"]}
    columns = ["doc_id", "outcome", "representative"]
    for file in removal.project.lake.files("deduped", partition) if gone else ():
        for batch in read_batches(removal.project.lake.storage, file.name, columns):
            for row in batch.to_pylist():
                here = (partition["crawl"], row["doc_id"]) in gone
                if here and row["outcome"] != REMOVED and row["representative"] in (None, row["doc_id"]):
                    return True
    return False


def _pairs(removal: Removal, files: Sequence[DataFile]) -> list[dict[str, Any]]:
    """Rows of `duplicate_pairs` that name a document to remove as the earlier one of a pair."""
    if not files:
        return []
    with connect(removal.project.lake.storage) as db:
        ids = [(d.crawl, d.doc_id) for d in removal.documents]
        wanted = {"other_crawl": [c for c, _ in ids], "other": [i for _, i in ids]}
        db.register("wanted", pa.table({name: pa.array(values, pa.string()) for name, values in wanted.items()}))
        source = parquet(uris(removal.project.lake.storage, [f.name for f in files]))
        query = (
            f"select doc_id, shard, other, other_crawl, accepted from {source} join wanted using (other_crawl, other)"
        )
        found: list[dict[str, Any]] = fetch(db, query).to_pylist()
    return found


@dataclass(frozen=True)
class Job:
    """One file to be looked at and, where it holds a document, written anew."""

    table: str
    old: DataFile
    crawl: str | None
    rebuild: str | None = None


def _jobs(
    removal: Removal,
    name: str,
    live: Iterable[DataFile],
    anew: Collection[tuple[str, str | None]],
    named: Collection[str],
) -> Iterator[Job]:
    """The files of a partition that can hold the documents. `anew` are its inputs that were amended, by crawl; `named`
    the shards of which a pair names a document of another shard."""
    shards = {(d.crawl, d.shard) for d in removal.documents}
    files = list(live)
    if name == "duplicate_pairs":
        here = [f for f in files if f.shard in named or (f.partition["crawl"], f.shard) in shards]
        yield from (Job(name, f, f.partition["crawl"]) for f in here)
    elif name == "mixed":
        for file in files:
            crawl, _, shard = file.shard.partition("~")
            if (crawl, shard) in shards:
                rebuilt = ("deduped", crawl) in anew
                yield Job(name, file, crawl, _upstream(removal, "deduped", crawl, shard, file) if rebuilt else None)
    elif name in BY_CONTENT:
        yield from (Job(name, f, f.partition.get("crawl")) for f in holding(removal, files))
    elif name in BY_SHARD:
        for file in files:
            crawl = file.partition["crawl"]
            if (crawl, file.shard) in shards:
                rebuilt = name == "deduped" and ("filtered", crawl) in anew
                yield Job(
                    name, file, crawl, _upstream(removal, "filtered", crawl, file.shard, file) if rebuilt else None
                )


def _upstream(removal: Removal, name: str, crawl: str, shard: str, file: DataFile) -> str | None:
    """The rewritten file that a file's rows come from."""
    place = {"recipe": file.partition["recipe"], "crawl": crawl}
    found = next((f for f in removal.project.lake.files(name, place) if f.shard == shard), None)
    return None if found is None else found.name


def holding(removal: Removal, files: Sequence[DataFile]) -> list[DataFile]:
    """The files of one partition that hold the documents."""
    if not files:
        return []
    with connect(removal.project.lake.storage) as db:
        ids = {"crawl": [d.crawl for d in removal.documents], "doc_id": [d.doc_id for d in removal.documents]}
        db.register("wanted", pa.table({name: pa.array(values, pa.string()) for name, values in ids.items()}))
        source = parquet(uris(removal.project.lake.storage, [f.name for f in files]))
        query = f"select distinct parse_filename(filename) as file from {source} join wanted using (crawl, doc_id)"
        found = {row["file"] for row in fetch(db, query).to_pylist()}
    return [f for f in files if f.name.rsplit("/", 1)[-1] in found]


def rewritten(removal: Removal, jobs: Sequence[Job]) -> list[Replaced]:
    """Write the new files that are still to be written; gives what takes whose place, by name."""
    storage = removal.project.lake.storage
    gone = removal.gone()
    tasks, by_shard = [], {}
    for number, job in enumerate(jobs):
        new = removal.new_name(job.old.name)
        by_shard[f"{number:06d}"] = (job, new)
        if not storage.exists(new):
            tasks.append(Task(f"{number:06d}", {
                "storage": storage, "table": job.table, "old": job.old.name, "new": new, "shard": job.old.shard,
                "key": removal.key, "takedown": removal.takedown, "crawl": job.crawl, "rebuild": job.rebuild,
                "gone": gone if job.crawl is None or job.table == "duplicate_pairs" else {job.crawl: gone[job.crawl]},
            }))  # fmt: skip
    nothing = {task.shard for task, wrote in removal.project.engine.map(rewrite.work, tasks) if not wrote}
    done = [(job, new) for shard, (job, new) in by_shard.items() if shard not in nothing]
    return [Replaced(job.old, new, read_footer(storage, new)) for job, new in done]


def _record(
    removal: Removal, said: Provenance, inputs: tuple[Input, ...], live: Mapping[str, DataFile],
    replaced: Sequence[Replaced], *, stale: bool,
) -> Provenance:  # fmt: skip
    """The lineage record of an amended partition: made as before, from the amended inputs, less the documents."""
    read = tuple(i for i in inputs if i.table != TABLE or i.partition.get("takedown") != removal.takedown)
    if stale:
        read = (*read, Input(TABLE, {"takedown": removal.takedown}, None, removal.key))
    details = dict(said.details)
    keys = sorted({said.key, removal.key, *details.get("keys", ())})
    before = sorted({said.digest, *details.get("amended_from", ())})
    digest, flow = said.digest, said.row_flow
    if replaced:
        shards = _shards(removal, live, replaced)
        digest, flow = lineage.digest_of_shards(shards), _flow(removal, said, replaced, shards)
    return replace(
        said, inputs=read, key=lineage.key(said.fingerprint, read), digest=digest, row_flow=flow, rows=flow["rows"],
        details={
            **details, "takedown": removal.takedown, "keys": keys, "amended_from": before,
            "replaced": {entry.old.name: entry.name for entry in replaced},
        },
        code=code_version(), run=uuid.uuid4().hex, started=lineage.now(),
    )  # fmt: skip


def _shards(removal: Removal, live: Mapping[str, DataFile], replaced: Sequence[Replaced]) -> list[Shard]:
    storage = removal.project.lake.storage
    old = {entry.old.name for entry in replaced}
    rest = [file for name, file in live.items() if name not in old]
    with ThreadPoolExecutor(READERS) as readers:
        footers = list(readers.map(lambda f: read_footer(storage, f.name), rest))
    same = [Shard(f.shard, f.name, footer.rows, footer.digest) for f, footer in zip(rest, footers, strict=True)]
    return same + [Shard(e.old.shard, e.name, e.footer.rows, e.footer.digest) for e in replaced]


def _flow(removal: Removal, said: Provenance, replaced: Sequence[Replaced], shards: Sequence[Shard]) -> dict[str, Any]:
    """Rows by outcome: those of before, less those of the old files, and those of the new ones."""
    counts = dict(said.row_flow.get("outcomes", {}))
    for entry in replaced:
        _add(counts, read_footer(removal.project.lake.storage, entry.old.name), -1)
        _add(counts, entry.footer, 1)
    outcomes = {name: count for name, count in sorted(counts.items()) if count}
    return {**said.row_flow, "rows": sum(s.rows for s in shards), "outcomes": outcomes}


def _add(counts: dict[str, int], footer: Footer, sign: int) -> None:
    for outcome, count in footer.outcomes.items():
        counts[outcome] = counts.get(outcome, 0) + sign * count
