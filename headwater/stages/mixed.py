"""`mixed`: how often every remaining document enters the training stream: by group weights, a token budget and a seed.

Documents are held out for evaluation by a hash of their id alone, so every recipe holds out the same ones.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater import recipe as recipes
from headwater import registry
from headwater.engine import Engine, Guard, Task
from headwater.errors import MissingInput
from headwater.lake import scratch
from headwater.lake.audit import Conservation, connect, first, parquet
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.recipe import Mix

VERSION = 1
BYTES_PER_TOKEN = 4
CANDIDATE = pa.schema([
    ("doc_id", pa.string()), ("shard", pa.string()), ("crawl", pa.string()), ("group", pa.string()),
    ("tokens_estimate", pa.int64()), ("order_key", pa.int64()), ("held_out", pa.bool_()),
])  # fmt: skip


def mixed(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe over every crawl that it has deduplicated."""
    recipe = project.recipe(partition["recipe"])
    where = [{"recipe": recipe.name, "crawl": crawl} for crawl in project.crawls(recipe)]
    ready = [p for p in where if project.lake.published("deduped", p) is not None]
    if not ready:
        raise MissingInput(f"recipe {recipe.name} has no deduplicated crawl yet; run it for a crawl first")
    inputs = [(project.lake.input("deduped", p), project.lake.input("filtered", p)) for p in ready]
    shards = {}
    for (deduped, filtered), place in zip(inputs, ready, strict=True):
        texts = {f.shard: f.name for f in project.lake.read(filtered)}
        for file in project.lake.read(deduped):
            said = {"deduped": file.name, "filtered": texts[file.shard], "crawl": place["crawl"]}
            shards[f"{place['crawl']}.{file.shard}"] = {**said, "mix": recipe.mix}
    return Plan(
        table="mixed",
        partition=partition,
        inputs=tuple(i for pair in inputs for i in pair),
        steps={"stages/mixed": VERSION, **recipes.steps("mixers", (recipe.mix.mixer,))},
        options=recipes.options(recipe.mix),
        shards=shards,
        work=finish_shard,
        owed=Conservation(tuple(str(s["deduped"]) for s in shards.values()), where="outcome = 'kept'"),
        prepare=lambda draft, engine: _prepare(draft, engine, shards, recipe.mix),
        finish=scratch.clear,
    )


def _prepare(draft: Draft, engine: Engine, shards: Mapping[str, Mapping[str, Any]], mix: Mix) -> Mapping[str, Any]:
    todo = scratch.missing(draft, "candidates", sorted(shards))
    for _ in engine.map(list_candidates, [Task(shard, {"draft": draft, **shards[shard]}) for shard in todo]):
        pass
    groups = _groups(draft, sorted(shards), mix)
    tokens = sum(group["tokens"] for group in groups.values())
    return {"groups": groups, "details": {"groups": groups, "tokens_estimate": tokens}}


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


def _groups(draft: Draft, shards: list[str], mix: Mix) -> dict[str, dict[str, Any]]:
    """For each group: weight, copies of every document, and the order key up to which documents get one more."""
    with connect(draft.storage) as db:
        files = [scratch.uri(draft, "candidates", shard) for shard in shards]
        db.execute(f"create temp view candidates as from {parquet(files)}")
        query = 'select "group", sum(tokens_estimate)::bigint from candidates where not held_out group by 1 order by 1'
        held = {group: tokens for group, tokens in db.execute(query).fetchall() if tokens}
        if not held:
            return {}
        weights = registry.step("mixers", mix.mixer.name)(held, **mix.mixer.options)
        budget = mix.tokens if mix.tokens is not None else sum(held.values())
        groups = {}
        for group, tokens in held.items():
            wanted = min(weights[group] * budget / tokens, float(mix.max_copies))
            copies, more = int(wanted), int((wanted - int(wanted)) * tokens)
            cutoff, extra = _cutoff(db, group, more)
            groups[group] = {
                "weight": weights[group],
                "wanted": wanted,
                "copies": copies,
                "cutoff": cutoff,
                "tokens": copies * tokens + extra,
            }
        return groups


def _cutoff(db: Any, group: str, tokens: int) -> tuple[int, int]:
    """The largest order key such that the group's documents up to it hold at most `tokens`, and what they hold."""
    query = """
        select max(order_key), max(running) from (
            select order_key, sum(tokens_estimate) over (order by order_key, doc_id, crawl) as running
            from candidates where "group" = $group and not held_out
        ) where running <= $tokens
    """
    cutoff, running = first(db, query, {"group": group, "tokens": tokens})
    return (-1, 0) if cutoff is None else (int(cutoff), int(running))


def finish_shard(task: Task, guard: Guard) -> None:
    """Second phase: the verdict on each document of one shard."""
    draft, groups = task.arguments["draft"], task.arguments["groups"]
    with draft.storage.open(scratch.name(draft, "candidates", task.shard)) as file, draft.writer(task.shard) as writer:
        for batch in pq.ParquetFile(file).iter_batches():
            rows = [{**row, **_verdict(row, groups)} for row in batch.to_pylist()]
            writer.write(pa.Table.from_pylist(rows, schema=table("mixed").file_schema))


def _verdict(row: Mapping[str, Any], groups: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    group = groups.get(row["group"])
    if row["held_out"] or group is None:
        return {"weight": None, "copies": 0, "outcome": "left_out", "rule": "held_out"}
    copies = group["copies"] + (row["order_key"] <= group["cutoff"])
    said = {"weight": group["weight"], "copies": copies}
    if copies:
        return {**said, "outcome": "kept"}
    return {**said, "outcome": "left_out", "rule": "token_budget", "value": group["wanted"], "threshold": 1.0}
