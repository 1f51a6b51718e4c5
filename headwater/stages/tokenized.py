"""`tokenized`: the training stream. Concatenating the rows of the shards in order gives it, token by token.

Documents are encoded where they lie, then brought into the order of their keys by a shuffle through scratch files.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater import recipe as recipes
from headwater import remaining
from headwater.engine import Engine, Guard, Task
from headwater.errors import MissingInput
from headwater.lake import scratch
from headwater.lake.audit import Conservation, connect, first, uris
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.recipe import Tokenizer

VERSION = 3
KEYS = 2**63
ENCODED_AT_ONCE = 256
ENCODED = pa.schema([
    ("key", pa.int64()), ("doc_id", pa.string()), ("crawl", pa.string()), ("copy", pa.int32()),
    ("tokens", pa.list_(pa.int32())),
])  # fmt: skip
# One WARC record id can occur in two crawls, and then both documents have one doc_id and one order key.
ORDER = [("key", "ascending"), ("doc_id", "ascending"), ("crawl", "ascending"), ("copy", "ascending")]


def tokenized(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe. Texts, and what deduplication removed, are of the versions that `mixed` was made of."""
    recipe = project.recipe(partition["recipe"])
    mixed = project.lake.input("mixed", partition)
    commit = project.lake.published("mixed", partition)
    assert commit is not None
    assert commit.provenance is not None
    texts = [i for i in commit.provenance.inputs if i.table in remaining.TABLES]
    files = project.lake.read(mixed)
    lies = remaining.pieces(project.lake, texts)
    pieces = {f.shard: {"mixed": f.name, **lies[f.shard]._asdict()} for f in files}
    count = max(1, math.ceil(commit.provenance.details["tokens_estimate"] / recipe.tokenizer.tokens_per_shard))
    given = given_tokenizer(project, recipe.tokenizer)
    options = {
        **recipes.options(recipe.tokenizer),
        "file": hashlib.sha256(given.encode()).hexdigest() if given else None,
    }
    return Plan(
        table="tokenized",
        partition=partition,
        inputs=(mixed, *texts),
        steps={"stages/tokenized": VERSION},
        options=options,
        shards={f"{i:05d}": {"low": low, "high": high} for i, (low, high) in enumerate(ranges(count))},
        work=gather_shard,
        owed=Conservation(tuple(f.name for f in files), where="outcome = 'kept'", copies="copies"),
        prepare=lambda draft, engine: _prepare(draft, engine, pieces, recipe.tokenizer, given),
        finish=scratch.clear,
    )


def ranges(count: int) -> list[tuple[int, int]]:
    """The keys of each of `count` shards of a stream: (lowest, highest)."""
    return [(i * KEYS // count, (i + 1) * KEYS // count - 1) for i in range(count)]


def given_tokenizer(project: Project, tokenizer: Tokenizer) -> str | None:
    if tokenizer.file is None:
        return None
    path = project.settings.recipe_folder / tokenizer.file
    if not path.is_file():
        raise MissingInput(f"tokenizer {path} is not there; correct tokenizer.file in the recipe")
    return path.read_text(encoding="utf-8")


def _prepare(
    draft: Draft, engine: Engine, pieces: Mapping[str, Mapping[str, str]], options: Tokenizer, given: str | None
) -> Mapping[str, Any]:
    from headwater.model import tokenizer as bpe

    name = f"tokenizers/{draft.partition['recipe']}/{draft.key[:16]}.json"
    if not draft.storage.exists(name):
        text = given or bpe.train_tokenizer(_sample(draft, pieces, options.sample_bytes), vocab_size=options.vocab_size)
        draft.storage.write(name, text.encode())
    text = draft.storage.read(name).decode()
    todo = scratch.missing(draft, "encoded", sorted(pieces))
    for _ in engine.map(encode_shard, [Task(s, {"draft": draft, "tokenizer": name, **pieces[s]}) for s in todo]):
        pass
    details = {"tokenizer": name, "tokenizer_digest": bpe.digest(text), "vocab_size": bpe.load(text).get_vocab_size()}
    return {"encoded": [scratch.name(draft, "encoded", s) for s in sorted(pieces)], "details": details}


def _sample(draft: Draft, pieces: Mapping[str, Mapping[str, str]], size: int) -> Iterator[str]:
    """Texts of the mix up to the order key where they hold `size` bytes: the same ones every time."""
    files = uris(draft.storage, [piece["mixed"] for piece in pieces.values()])
    query = """
        select max(order_key) from (
            select order_key, sum(tokens_estimate) over (order by order_key, doc_id, crawl) as running
            from read_parquet($files) where outcome = 'kept'
        ) where running <= $tokens
    """
    with connect(draft.storage) as db:
        row = first(db, query, {"files": files, "tokens": size // 4}) if files else None
    cutoff = row[0] if row else None
    for shard in sorted(pieces):
        piece = pieces[shard]
        copies = _copies(draft, piece["mixed"])
        for batch in remaining.batches(draft.storage, piece["filtered"], piece["deduped"], ["doc_id", "text"]):
            for doc, text in zip(batch.column("doc_id").to_pylist(), batch.column("text"), strict=True):
                if doc in copies and cutoff is not None and copies[doc][1] <= cutoff:
                    yield text.as_py()


def _copies(draft: Draft, mixed: str) -> dict[str, tuple[int, int]]:
    """Copies and order key of each kept document of one shard."""
    columns = ["doc_id", "copies", "order_key", "outcome"]
    rows = (row for batch in read_batches(draft.storage, mixed, columns) for row in batch.to_pylist())
    return {row["doc_id"]: (row["copies"], row["order_key"]) for row in rows if row["outcome"] == "kept"}


def encode_shard(task: Task, guard: Guard) -> None:
    """First phase: the tokens of one shard's documents, ordered by key."""
    from headwater.model import tokenizer as bpe

    draft, said = task.arguments["draft"], task.arguments
    tokenizer = bpe.load(draft.storage.read(said["tokenizer"]).decode())
    copies = _copies(draft, said["mixed"])
    wanted = pa.array(sorted(copies), pa.string())
    found = [ENCODED.empty_table()]
    texts = remaining.batches(draft.storage, said["filtered"], said["deduped"], ["doc_id", "text"], ENCODED_AT_ONCE)
    for batch in texts:
        kept = batch.filter(pc.is_in(batch.column("doc_id"), value_set=wanted))
        tokens = bpe.encode_batch(tokenizer, kept.column("text").to_pylist())
        found.append(_copied(kept.column("doc_id").to_pylist(), said["crawl"], tokens, copies))
    whole = pa.concat_tables(found).sort_by(ORDER)
    with scratch.writer(draft, "encoded", task.shard, ENCODED) as out:
        out.write_table(whole, row_group_size=1_024)


def _copied(ids: list[str], crawl: str, tokens: pa.ListArray, copies: Mapping[str, tuple[int, int]]) -> pa.Table:
    rows = [(place, doc, copy) for place, doc in enumerate(ids) for copy in range(copies[doc][0])]
    keys = [key(copies[doc][1], copy) for _, doc, copy in rows]
    places = pa.array([place for place, _, _ in rows], pa.int64())
    crawls = [crawl] * len(rows)
    columns = [keys, [doc for _, doc, _ in rows], crawls, [copy for _, _, copy in rows], tokens.take(places)]
    return pa.table(
        [pa.array(c, f.type) if isinstance(c, list) else c for c, f in zip(columns, ENCODED, strict=True)], ENCODED
    )


def key(order_key: int, copy: int) -> int:
    """Each copy of a document has a place of its own in the stream."""
    if copy == 0:
        return order_key
    return int.from_bytes(hashlib.blake2b(f"{order_key}:{copy}".encode(), digest_size=8).digest(), "big") >> 1


def gather_shard(task: Task, guard: Guard) -> None:
    """Second phase: one shard of the stream, from every file that holds keys of its range."""
    draft, said = task.arguments["draft"], task.arguments
    mine = [("key", ">=", said["low"]), ("key", "<=", said["high"])]
    found = [ENCODED.empty_table()]
    for name in said["encoded"]:
        with draft.storage.open(name) as file:
            found.append(pq.read_table(file, filters=mine))
    whole = pa.concat_tables(found).sort_by(ORDER)
    lengths = pc.list_value_length(whole.column("tokens")).to_numpy().astype(np.int64)
    columns = {
        "shard": pa.array([task.shard] * whole.num_rows, pa.string()),
        "position": pa.array(np.arange(whole.num_rows, dtype=np.int64)),
        "crawl": whole.column("crawl"),
        "doc_id": whole.column("doc_id"),
        "copy": whole.column("copy"),
        "first_token": pa.array(np.cumsum(lengths) - lengths),
        "tokens": whole.column("tokens"),
    }
    with draft.writer(task.shard) as writer:
        for batch in pa.table(columns).select(table("tokenized").file_schema.names).to_batches(max_chunksize=4_096):
            writer.write(batch)
        writer.details["tokens"] = int(lengths.sum())
