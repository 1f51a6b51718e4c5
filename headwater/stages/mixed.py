"""`mixed`: how often every remaining document enters the training stream: by group weights, a token budget and a seed.

Documents are held out for evaluation by a hash of their id alone, so every recipe holds out the same ones.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater import recipe as recipes
from headwater import registry
from headwater.engine import Engine, Guard, Task
from headwater.errors import MissingInput
from headwater.lake import scratch
from headwater.lake.audit import Conservation, connect, fetch, parquet
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.recipe import Mix

VERSION = 3
BYTES_PER_TOKEN = 4
CANDIDATE = pa.schema([
    ("doc_id", pa.string()), ("shard", pa.string()), ("crawl", pa.string()), ("group", pa.string()),
    ("tokens_estimate", pa.int64()), ("order_key", pa.int64()), ("held_out", pa.bool_()),
])  # fmt: skip
GROUP = pa.schema([
    ("group", pa.string()), ("weight", pa.float64()), ("wanted", pa.float64()), ("copies", pa.int32()),
    ("cutoff", pa.int64()), ("tokens", pa.int64()),
])  # fmt: skip
# A mix by domain has as many groups as domains; the commit names this many, the rows tell of all.
NAMED_GROUPS = 50

# The cutoff of a group: the largest order key such that its documents up to it hold at most `more` tokens.
_CUTOFFS = """
    with running as (
        select "group", order_key, more,
               sum(tokens_estimate) over (partition by "group" order by order_key) as running
        from candidates join shares using ("group") where not held_out and more > 0
    ), cutoffs as (
        select "group", max(order_key) as cutoff, max(running) as extra from running where running <= more group by 1
    )
    select "group", weight, wanted, copies, coalesce(cutoff, -1) as cutoff,
           (copies * held + coalesce(extra, 0))::bigint as tokens
    from shares left join cutoffs using ("group") order by "group"
"""


class Share(NamedTuple):
    """What one group is given: `copies` of every document, and one more of some, of `more` tokens together."""

    wanted: float
    copies: int
    more: int


def mixed(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe over every crawl that it has deduplicated."""
    recipe = project.recipe(partition["recipe"])
    where = [{"recipe": recipe.name, "crawl": crawl} for crawl in project.crawls(recipe)]
    ready = [p for p in where if project.lake.published("deduped", p) is not None]
    if not ready:
        raise MissingInput(f"recipe {recipe.name} has no deduplicated crawl yet; run it for a crawl first")
    read = [project.lake.input("deduped", p) for p in ready]
    # The texts that were deduplicated, also where there are newer ones: those are not deduplicated yet.
    inputs = [(deduped, project.lake.made_from(deduped, "filtered")) for deduped in read]
    # Neither a crawl nor a shard can hold the sign between them, so no two places share a name.
    shards = {}
    for (deduped, filtered), place in zip(inputs, ready, strict=True):
        texts = {f.shard: f.name for f in project.lake.read(filtered)}
        for file in project.lake.read(deduped):
            said = {"deduped": file.name, "filtered": texts[file.shard], "crawl": place["crawl"]}
            shards[f"{place['crawl']}~{file.shard}"] = {**said, "mix": recipe.mix}
    return Plan(
        table="mixed",
        partition=partition,
        inputs=tuple(i for pair in inputs for i in pair),
        steps={"stages/mixed": VERSION, **recipes.steps("mixers", (recipe.mix.mixer,))},
        options=recipes.options(recipe.mix),
        shards=shards,
        work=finish_shard,
        owed=Conservation(tuple(f.name for i in read for f in project.lake.read(i)), where="outcome = 'kept'"),
        prepare=lambda draft, engine: _prepare(draft, engine, shards, recipe.mix),
        finish=scratch.clear,
    )


def _prepare(draft: Draft, engine: Engine, shards: Mapping[str, Mapping[str, Any]], mix: Mix) -> Mapping[str, Any]:
    todo = scratch.missing(draft, "candidates", sorted(shards))
    for _ in engine.map(list_candidates, [Task(shard, {"draft": draft, **shards[shard]}) for shard in todo]):
        pass
    groups = _groups(draft, sorted(shards), mix)
    with scratch.writer(draft, "groups", "all", GROUP) as out:
        out.write_table(groups)
    return {"groups": scratch.name(draft, "groups", "all"), "details": _details(groups)}


def _details(groups: pa.Table) -> dict[str, Any]:
    order = [("tokens", "descending"), ("group", "ascending")]
    largest = groups.sort_by(order).slice(0, NAMED_GROUPS).select(["group", "weight", "wanted", "copies", "tokens"])
    return {
        "group_count": groups.num_rows,
        "tokens_estimate": pc.sum(groups.column("tokens"), min_count=0).as_py(),
        "groups": {row.pop("group"): row for row in largest.to_pylist()},
    }


def list_candidates(task: Task, guard: Guard) -> None:
    """First phase: what the mix must know of one shard's documents."""
    draft, said = task.arguments["draft"], task.arguments
    with scratch.writer(draft, "candidates", task.shard, CANDIDATE) as out:
        verdicts = {
            row["doc_id"]
            for batch in read_batches(draft.storage, said["deduped"], ["doc_id", "outcome"])
            for row in batch.to_pylist()
            if row["outcome"] == "kept"
        }
        columns = ["doc_id", "shard", "domain", "language", "outcome", "text"]
        for batch in read_batches(draft.storage, said["filtered"], columns):
            kept = batch.filter(pc.is_in(batch.column("doc_id"), value_set=pa.array(sorted(verdicts), pa.string())))
            out.write_table(_candidates(kept, said["mix"], said["crawl"]))


def _candidates(kept: pa.RecordBatch, mix: Mix, crawl: str) -> pa.Table:
    ids = kept.column("doc_id").to_pylist()
    crawls = pa.array([crawl] * len(ids), pa.string())
    group = crawls if mix.group_by == "crawl" else pc.fill_null(kept.column(mix.group_by), "unknown")
    tokens = [math.ceil(size / BYTES_PER_TOKEN) for size in pc.binary_length(kept.column("text")).to_pylist()]
    held_out = [_hash(f"held_out:{doc}") < mix.held_out * 2**63 for doc in ids]
    keys = [_hash(f"{mix.seed}:{doc}") for doc in ids]
    columns = [kept.column("doc_id"), kept.column("shard"), crawls, group, tokens, keys, held_out]
    return pa.table([pa.array(c) if isinstance(c, list) else c for c in columns], schema=CANDIDATE)


def _hash(text: str) -> int:
    """63 bits, so that it fits Delta's long."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def share(weight: float, budget: int, tokens: int, max_copies: int) -> Share:
    """A group's part of the budget in whole tokens, so that no document is lost to a last bit of a product."""
    wanted = round(weight * budget)
    copies, more = divmod(wanted, tokens)
    return Share(wanted / tokens, max_copies, 0) if copies >= max_copies else Share(wanted / tokens, copies, more)


def _groups(draft: Draft, shards: list[str], mix: Mix) -> pa.Table:
    """For each group: weight, copies wanted and given, and the order key up to which documents get one more."""
    with connect(draft.storage) as db:
        files = [scratch.uri(draft, "candidates", shard) for shard in shards]
        if not files:
            return GROUP.empty_table()
        db.execute(f"create temp view candidates as from {parquet(files)}")
        query = 'select "group", sum(tokens_estimate)::bigint from candidates where not held_out group by 1 order by 1'
        held = {group: tokens for group, tokens in db.execute(query).fetchall() if tokens}
        if not held:
            return GROUP.empty_table()
        db.register("shares", _shares(held, mix))
        return fetch(db, _CUTOFFS).cast(GROUP)


def _shares(held: Mapping[str, int], mix: Mix) -> pa.Table:
    weights = registry.step("mixers", mix.mixer.name)(held, **mix.mixer.options)
    budget = mix.tokens if mix.tokens is not None else sum(held.values())
    shares = [share(weights[group], budget, tokens, mix.max_copies) for group, tokens in held.items()]
    return pa.table({
        "group": pa.array(held, pa.string()),
        "held": pa.array(held.values(), pa.int64()),
        "weight": pa.array([weights[group] for group in held], pa.float64()),
        "wanted": pa.array([s.wanted for s in shares], pa.float64()),
        "copies": pa.array([s.copies for s in shares], pa.int32()),
        "more": pa.array([s.more for s in shares], pa.int64()),
    })  # fmt: skip


def finish_shard(task: Task, guard: Guard) -> None:
    """Second phase: the verdict on each document of one shard."""
    draft, candidates = task.arguments["draft"], scratch.name(task.arguments["draft"], "candidates", task.shard)
    with draft.storage.open(candidates) as file:
        here = pc.unique(pq.read_table(file, columns=["group"]).column("group"))
    with draft.storage.open(task.arguments["groups"]) as file:
        groups = pq.read_table(file, filters=pc.field("group").isin(here)).combine_chunks()
    with draft.writer(task.shard) as writer:
        for batch in read_batches(draft.storage, candidates):
            writer.write(_verdicts(batch, groups))


def _verdicts(batch: pa.RecordBatch, groups: pa.Table) -> pa.Table:
    place = pc.index_in(batch.column("group"), value_set=groups.column("group"))
    given = {name: groups.column(name).take(place) for name in ("weight", "wanted", "copies", "cutoff")}
    out = pc.or_(batch.column("held_out"), pc.is_null(place))
    one_more = pc.less_equal(batch.column("order_key"), given["cutoff"]).cast(pa.int32())
    copies = pc.if_else(out, pa.scalar(0, pa.int32()), pc.add(given["copies"], one_more))
    over = pc.and_(pc.invert(out), pc.equal(copies, 0))
    reason = pc.if_else(out, "held_out", pc.if_else(over, "token_budget", pa.scalar(None, pa.string())))
    said = {
        "weight": pc.if_else(out, pa.scalar(None, pa.float64()), given["weight"]),
        "copies": copies,
        "outcome": pc.if_else(pc.or_(out, over), "left_out", "kept"),
        "rule": reason,
        "value": pc.if_else(over, given["wanted"], pa.scalar(None, pa.float64())),
        "threshold": pc.if_else(over, 1.0, pa.scalar(None, pa.float64())),
        "licence_class": pa.nulls(batch.num_rows, pa.string()),
    }
    known = {name: batch.column(name) for name in batch.schema.names if name != "held_out"}
    return pa.table({**known, **said}).select(table("mixed").file_schema.names)
