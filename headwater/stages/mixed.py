"""`mixed`: how often every remaining document enters the training stream: by policy, group weights, token budget, seed.

A survivor has the size of its cluster, in all crawls of the mix, and is repeated by it where the recipe rehydrates;
weights and budget count the tokens of these repeats.

Documents are held out for evaluation by a hash of their id alone, so every recipe holds out the same ones. What the
recipe's policy does not allow is withheld before: it is neither trained on nor held out, and weighs nothing.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater import recipe as recipes
from headwater import registry, rehydration, remaining
from headwater.engine import Engine, Guard, Task
from headwater.errors import MissingInput
from headwater.lake import scratch
from headwater.lake.audit import Conservation, connect, fetch, parquet
from headwater.lake.files import read_batches
from headwater.lake.lineage import Input, Partition
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.recipe import Mix, Recipe
from headwater.rights import ai_agents, copies, heeding, judging, licence_classes, pages
from headwater.rights.judging import Judgement
from headwater.rights.policy import Policy

VERSION = 5
BYTES_PER_TOKEN = 4
CANDIDATE = pa.schema([
    ("doc_id", pa.string()), ("shard", pa.string()), ("crawl", pa.string()), ("group", pa.string()),
    ("tokens_estimate", pa.int64()), ("order_key", pa.int64()), ("outcome", pa.string()), ("rule", pa.string()),
    ("licence_class", pa.string()), ("licence", pa.string()), ("obligations", pa.string()), ("evidence", pa.string()),
    ("cluster_size", pa.int64()), ("repeats", pa.int64()),
])  # fmt: skip
GROUP = pa.schema([
    ("group", pa.string()), ("weight", pa.float64()), ("wanted", pa.float64()), ("copies", pa.int32()),
    ("cutoff", pa.int64()), ("tokens", pa.int64()),
])  # fmt: skip
# A mix by domain has as many groups as domains; the commit names this many, the rows tell of all.
NAMED_GROUPS = 50

# The cutoff of a group: the largest order key such that its documents up to it, one time more, are at most `more`
# tokens.
_CUTOFFS = """
    with running as (
        select "group", order_key, more, sum(
            tokens_estimate * (least($most, (copies + 1) * repeats) - least($most, copies * repeats))
        ) over (partition by "group" order by order_key) as running
        from candidates join shares using ("group") where outcome is null and more > 0
    ), cutoffs as (
        select "group", max(order_key) as cutoff, max(running) as extra from running where running <= more group by 1
    )
    select "group", weight, wanted, copies, coalesce(cutoff, -1) as cutoff,
           (given + coalesce(extra, 0))::bigint as tokens
    from shares left join cutoffs using ("group") order by "group"
"""


class Share(NamedTuple):
    """What one group is given: every document `copies` times, `given` tokens, and some of them one time more, of
    `more` tokens together. A time is as many copies as the document is repeated."""

    wanted: float
    copies: int
    more: int
    given: int


def mixed(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe over every crawl that it has deduplicated."""
    return plan(project, project.recipe(partition["recipe"]))


def plan(project: Project, recipe: Recipe) -> Plan:
    """Plan for a recipe as it is given, which may differ from its file: a what-if."""
    policy = project.policy(recipe.policy)
    where = [{"recipe": recipe.name, "crawl": crawl} for crawl in project.crawls(recipe)]
    ready = [p for p in where if project.lake.published("deduped", p) is not None]
    if not ready:
        raise MissingInput(f"recipe {recipe.name} has no deduplicated crawl yet; run it for a crawl first")
    # The texts that were deduplicated, also where there are newer ones: those are not deduplicated yet.
    deduped = [project.lake.input("deduped", p) for p in ready]
    filtered = [project.lake.made_from(read, "filtered") for read in deduped]
    evidence = [pages.evidence(project.lake, policy, read) for read in filtered]
    asked = policy.consent.asked
    shards = _shards(project, policy, recipe.mix, list(zip(deduped, filtered, evidence, strict=True)))
    inputs = zip(deduped, filtered, (e.inputs() for e in evidence), strict=True)
    return Plan(
        table="mixed",
        partition={"recipe": recipe.name},
        inputs=tuple(i for first, second, rest in inputs for i in (first, second, *rest)),
        steps={
            "stages/mixed": VERSION,
            "rights/judging": judging.VERSION,
            "rights/licence_classes": licence_classes.VERSION,
            **({"rights/heeding": heeding.VERSION, "rights/ai_agents": ai_agents.VERSION} if asked else {}),
            **recipes.steps("mixers", (recipe.mix.mixer,)),
        },
        options={**recipes.options(recipe.mix), "policy": policy.resolved},
        shards=shards,
        work=finish_shard,
        owed=Conservation(
            tuple(f.name for i in deduped for f in project.lake.read(i)), where="outcome in ('kept', 'removed')"
        ),
        prepare=lambda draft, engine: _prepare(draft, engine, shards, recipe.mix, policy),
        finish=scratch.clear,
        details={"policy": _said_of(policy, evidence)},
    )


def _shards(
    project: Project, policy: Policy, mix: Mix, read: list[tuple[Input, Input, pages.Evidence]]
) -> dict[str, dict[str, Any]]:
    shards = {}
    for deduped, filtered, evidence in read:
        crawl = deduped.partition["crawl"]
        texts = {f.shard: f.name for f in project.lake.read(filtered)}
        found = evidence.files(project.lake)
        for file in project.lake.read(deduped):
            # Neither a crawl nor a shard can hold the sign between them, so no two places share a name.
            shards[f"{crawl}~{file.shard}"] = {
                "deduped": file.name,
                "filtered": texts[file.shard],
                "evidence": found[file.shard],
                "crawl": crawl,
                "mix": mix,
                "policy": policy,
            }
    return shards


def _said_of(policy: Policy, evidence: list[pages.Evidence]) -> dict[str, Any]:
    """What the commit says of its policy: which, by whose words, and as of when consent was asked."""
    asked = {e.extracted[0].partition["crawl"]: [i.partition["as_of"] for i in e.consent] for e in evidence}
    return {
        "name": policy.name,
        "fingerprint": policy.fingerprint,
        "text_sha256": policy.text_digest,
        "sites_sha256": policy.sites_digest,
        "consent_as_of": asked if policy.consent.asked else {},
    }


def _prepare(
    draft: Draft, engine: Engine, shards: Mapping[str, Mapping[str, Any]], mix: Mix, policy: Policy
) -> Mapping[str, Any]:
    stricter = copies.gather(draft, engine, shards) if policy.duplicates == "strictest" else None
    sizes = rehydration.gather(draft, [shards[shard]["deduped"] for shard in sorted(shards)])
    todo = scratch.missing(draft, "candidates", sorted(shards))
    tasks = [Task(shard, {"draft": draft, "stricter": stricter, "sizes": sizes, **shards[shard]}) for shard in todo]
    for _ in engine.map(list_candidates, tasks):
        pass
    groups = _groups(draft, sorted(shards), mix)
    with scratch.writer(draft, "groups", "all", GROUP) as out:
        out.write_table(groups)
    details = {**_details(groups), "licence_classes": _classes(draft, sorted(shards))}
    return {"groups": scratch.name(draft, "groups", "all"), "details": details}


def _details(groups: pa.Table) -> dict[str, Any]:
    order = [("tokens", "descending"), ("group", "ascending")]
    largest = groups.sort_by(order).slice(0, NAMED_GROUPS).select(["group", "weight", "wanted", "copies", "tokens"])
    return {
        "group_count": groups.num_rows,
        "tokens_estimate": pc.sum(groups.column("tokens"), min_count=0).as_py(),
        "groups": {row.pop("group"): row for row in largest.to_pylist()},
    }


def _classes(draft: Draft, shards: list[str]) -> dict[str, dict[str, int]]:
    """Documents of each use class, and how many of them are withheld."""
    if not shards:
        return {}
    query = f"""
        select licence_class, count(*), count(*) filter (outcome = 'withheld')
        from {parquet([scratch.uri(draft, "candidates", shard) for shard in shards])}
        where licence_class is not null group by 1 order by 1
    """
    with connect(draft.storage) as db:
        return {use: {"documents": n, "withheld": out} for use, n, out in db.execute(query).fetchall()}


def list_candidates(task: Task, guard: Guard) -> None:
    """First phase: what the mix must know of one shard's documents, and what the policy says of each."""
    draft, said = task.arguments["draft"], task.arguments
    with scratch.writer(draft, "candidates", task.shard, CANDIDATE) as out:
        outcomes = {
            row["doc_id"]: row["outcome"]
            for batch in read_batches(draft.storage, said["deduped"], ["doc_id", "outcome"])
            for row in batch.to_pylist()
            if row["outcome"] in ("kept", "removed")
        }
        kept = {doc for doc, outcome in outcomes.items() if outcome == "kept"}
        elsewhere = copies.of_shard(draft, said["stricter"], task.shard)
        judged = pages.judgements(draft.storage, said["policy"], said["evidence"], kept, elsewhere)
        sizes = rehydration.of_shard(draft, said["sizes"], task.shard)
        columns = ["doc_id", "shard", "domain", "language", "rule", "text"]
        wanted = pa.array(sorted(outcomes), pa.string())
        for batch in remaining.batches(draft.storage, said["filtered"], said["deduped"], columns):
            here = batch.filter(pc.is_in(batch.column("doc_id"), value_set=wanted))
            out.write_table(_candidates(here, judged, sizes, said["mix"], said["crawl"]))


def _candidates(
    here: pa.RecordBatch, judged: Mapping[str, Judgement], clusters: Mapping[str, int], mix: Mix, crawl: str
) -> pa.Table:
    ids = here.column("doc_id").to_pylist()
    crawls = pa.array([crawl] * len(ids), pa.string())
    group = crawls if mix.group_by == "crawl" else pc.fill_null(here.column(mix.group_by), "unknown")
    sizes = pc.binary_length(here.column("text")).to_pylist()
    # What was removed has no text any more, and its rule says so.
    rules = zip(ids, here.column("rule").to_pylist(), strict=True)
    verdicts = [_before_sampling(doc, rule, judged.get(doc), mix) for doc, rule in rules]
    found = [judged.get(doc) or (None,) * len(Judgement._fields) for doc in ids]
    cluster = np.array([clusters.get(doc, 1) for doc in ids], dtype=np.int64)
    languages = here.column("language").to_pylist()
    columns = {
        "doc_id": here.column("doc_id"),
        "shard": here.column("shard"),
        "crawl": crawls,
        "group": group,
        "tokens_estimate": [math.ceil((size or 0) / BYTES_PER_TOKEN) for size in sizes],
        "order_key": [_hash(f"{mix.seed}:{doc}") for doc in ids],
        "outcome": [outcome for outcome, _ in verdicts],
        "rule": [rule for _, rule in verdicts],
        **{name: [f[place] for f in found] for place, name in enumerate(Judgement._fields[:4])},
        "cluster_size": pa.array(cluster, mask=np.array([doc not in judged for doc in ids], dtype=np.bool_)),
        "repeats": pa.array(rehydration.of_languages(languages, cluster, mix.rehydrate, mix.rehydrate_by_language)),
    }
    return pa.table({n: pa.array(c, CANDIDATE.field(n).type) if isinstance(c, list) else c for n, c in columns.items()})


def _before_sampling(doc: str, rule: str | None, judged: Judgement | None, mix: Mix) -> tuple[str | None, str | None]:
    """Outcome and rule of a document that takes no part in the weights; (None, None) of one that does."""
    if judged is None:
        return "removed", rule
    if judged.rule is not None:
        return "withheld", judged.rule
    return ("left_out", "held_out") if _hash(f"held_out:{doc}") < mix.held_out * 2**63 else (None, None)


def _hash(text: str) -> int:
    """63 bits, so that it fits Delta's long."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def share(weight: float, budget: int, tokens: Mapping[int, int], max_copies: int) -> Share:
    """A group's part of the budget in whole tokens, so that no document is lost to a last bit of a product.

    `tokens` are the group's, each document once, by how often its documents are repeated.
    """
    wanted = round(weight * budget)
    sums = [_times(times, tokens, max_copies) for times in range(max_copies + 1)]
    copies = max(times for times, given in enumerate(sums) if given <= wanted)
    more = wanted - sums[copies] if copies < max_copies else 0
    return Share(wanted / sums[1], copies, more, sums[copies])


def _times(times: int, tokens: Mapping[int, int], max_copies: int) -> int:
    return sum(min(max_copies, times * repeats) * count for repeats, count in tokens.items())


def _groups(draft: Draft, shards: list[str], mix: Mix) -> pa.Table:
    """For each group: weight, copies wanted and given, and the order key up to which documents get one more."""
    with connect(draft.storage) as db:
        files = [scratch.uri(draft, "candidates", shard) for shard in shards]
        if not files:
            return GROUP.empty_table()
        db.execute(f"create temp view candidates as from {parquet(files)}")
        query = """
            select "group", repeats, sum(tokens_estimate)::bigint from candidates
            where outcome is null group by 1, 2 having sum(tokens_estimate) > 0 order by 1, 2
        """
        held: dict[str, dict[int, int]] = {}
        for group, repeats, tokens in db.execute(query).fetchall():
            held.setdefault(group, {})[repeats] = tokens
        if not held:
            return GROUP.empty_table()
        db.register("shares", _shares(held, mix))
        return fetch(db, _CUTOFFS, {"most": mix.max_copies}).cast(GROUP)


def _shares(held: Mapping[str, Mapping[int, int]], mix: Mix) -> pa.Table:
    once = {group: _times(1, tokens, mix.max_copies) for group, tokens in held.items()}
    weights = registry.step("mixers", mix.mixer.name)(once, **mix.mixer.options)
    budget = mix.tokens if mix.tokens is not None else sum(once.values())
    shares = [share(weights[group], budget, tokens, mix.max_copies) for group, tokens in held.items()]
    return pa.table({
        "group": pa.array(held, pa.string()),
        "weight": pa.array([weights[group] for group in held], pa.float64()),
        "wanted": pa.array([s.wanted for s in shares], pa.float64()),
        "copies": pa.array([s.copies for s in shares], pa.int32()),
        "more": pa.array([s.more for s in shares], pa.int64()),
        "given": pa.array([s.given for s in shares], pa.int64()),
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
            writer.write(_verdicts(batch, groups, task.arguments["mix"].max_copies))


def _verdicts(batch: pa.RecordBatch, groups: pa.Table, max_copies: int) -> pa.Table:
    place = pc.index_in(batch.column("group"), value_set=groups.column("group"))
    given = {name: groups.column(name).take(place) for name in ("weight", "wanted", "copies", "cutoff")}
    decided = pc.is_valid(batch.column("outcome"))
    # A group of nothing but empty texts has no weight, and nothing to give.
    out = pc.or_(decided, pc.is_null(place))
    one_more = pc.less_equal(batch.column("order_key"), given["cutoff"]).cast(pa.int32())
    times = pc.multiply(pc.add(given["copies"], one_more).cast(pa.int64()), batch.column("repeats"))
    most = pc.min_element_wise(times, pa.scalar(max_copies, pa.int64())).cast(pa.int32())
    copies = pc.if_else(out, pa.scalar(0, pa.int32()), most)
    over = pc.and_(pc.invert(decided), pc.equal(copies, 0))
    said = {
        "weight": pc.if_else(out, pa.scalar(None, pa.float64()), given["weight"]),
        "copies": copies,
        "outcome": pc.coalesce(batch.column("outcome"), pc.if_else(over, "left_out", "kept")),
        "rule": pc.coalesce(batch.column("rule"), pc.if_else(over, "token_budget", pa.scalar(None, pa.string()))),
        "value": pc.if_else(over, given["wanted"], pa.scalar(None, pa.float64())),
        "threshold": pc.if_else(over, 1.0, pa.scalar(None, pa.float64())),
    }
    known = {name: batch.column(name) for name in batch.schema.names if name not in said}
    return pa.table({**known, **said}).select(table("mixed").file_schema.names)
