"""Where documents are in the token streams of recipes, and which models read them there when they were trained."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.lake.files import FOOTER
from headwater.lake.snapshot import Snapshot, read_group, shard_of, text
from headwater.lake.storage import Storage
from headwater.lake.store import Published
from headwater.model import loader
from headwater.stages.tokenized import key, ranges

Row = dict[str, Any]
SAID = ("position", "crawl", "doc_id", "copy", "first_token")
ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class Model:
    """A model that was trained: what it read, and how. `live`: the recipe's newest one."""

    recipe: str
    version: int
    live: bool
    name: str
    checkpoint: str
    tokenized_version: int
    training: dict[str, int]


def places(
    storage: Storage, files: Sequence[str], crawl: str, doc_id: str, keys: Sequence[int] | None = None
) -> list[Row]:
    """Where copies of a document are in the files of a stream: shard, position, copy, first_token, tokens.

    `keys` are the copies' keys, which say in which shards they are; without them every shard is looked at.
    """
    ordered = sorted(files, key=shard_of)
    if keys is not None:
        lows = [low for low, _ in ranges(len(ordered))]
        ordered = [ordered[i] for i in sorted({bisect_right(lows, k) - 1 for k in keys})] if ordered else []
    return [place for name in ordered for place in _of_shard(storage, name, crawl, doc_id)]


def keys(order_key: int, copies: int | None) -> list[int]:
    """The keys of a document's copies, by its row in `mixed`."""
    return [key(order_key, copy) for copy in range(copies or 0)]


def _of_shard(storage: Storage, name: str, crawl: str, doc_id: str) -> Iterator[Row]:
    with storage.open(name) as file:
        parquet = pq.ParquetFile(file)
        there = [column for column in SAID if column in parquet.schema_arrow.names]
        for group in range(parquet.metadata.num_row_groups):
            places = pc.indices_nonzero(pc.equal(read_group(parquet, group, ["doc_id"]).column(0), text(doc_id)))
            if len(places) == 0:
                continue
            rows = read_group(parquet, group, there)
            starts = [*rows.column("first_token").to_pylist(), _end(parquet, group)]
            for place, row in zip(places.to_pylist(), rows.take(places).to_pylist(), strict=True):
                # A stream that was made before it had a column for the crawl says none.
                if row.get("crawl") in (None, crawl):
                    tokens = starts[place + 1] - starts[place]
                    yield {
                        "shard": shard_of(name),
                        **{c: row[c] for c in ("position", "copy", "first_token")},
                        "tokens": tokens,
                    }


def _end(parquet: pq.ParquetFile, group: int) -> int:
    """Where the tokens of a row group end in the shard."""
    if group + 1 < parquet.metadata.num_row_groups:
        return int(read_group(parquet, group + 1, ["first_token"]).column(0)[0].as_py())
    return _said_tokens(parquet)


def _said_tokens(parquet: pq.ParquetFile) -> int:
    return int(json.loads(parquet.metadata.metadata[FOOTER])["details"]["tokens"])


def at(storage: Storage, name: str, position: int) -> Row | None:
    """The row of a shard's file that holds a token, by the running count of tokens; None past the end."""
    with storage.open(name) as file:
        parquet = pq.ParquetFile(file)
        if not 0 <= position < _said_tokens(parquet):
            return None
        column = parquet.schema_arrow.names.index("first_token")
        groups = [
            parquet.metadata.row_group(g).column(column).statistics for g in range(parquet.metadata.num_row_groups)
        ]
        group = bisect_right([statistics.min for statistics in groups], position) - 1
        starts = read_group(parquet, group, ["first_token"]).column(0).to_pylist()
        place = bisect_right(starts, position) - 1
        # Tokens are most of a file: they are unpacked no further than to the row.
        for batch in parquet.iter_batches(ROWS_AT_ONCE, row_groups=[group], use_threads=False):
            if place < batch.num_rows:
                row: Row = batch.slice(place, 1).to_pylist()[0]
                return row
            place -= batch.num_rows
    return None


def models(look: Snapshot, recipe: str | None = None) -> list[Model]:
    """Every model that was ever trained, oldest first, by the commits that tell of them."""
    found: dict[tuple[str, str, int], Model] = {}
    seen: set[str] = set()
    for commit in look.commits("proxy_model"):
        said = commit.provenance
        if said is None or not said.key or recipe not in (None, said.partition["recipe"]):
            continue
        read = next(i for i in said.inputs if i.table == "tokenized")
        here = said.partition["recipe"]
        found.setdefault((here, said.key, int(read.version or 0)), _model(commit, here not in seen))
        seen.add(here)
    return list(reversed(found.values()))


def _model(commit: Published, live: bool) -> Model:
    said = commit.provenance
    assert said is not None
    recipe = said.partition["recipe"]
    read = next(i for i in said.inputs if i.table == "tokenized")
    return Model(
        recipe, commit.version, live, f"{recipe}-{said.key[:8]}", f"checkpoints/{recipe}/{said.key[:16]}",
        int(read.version or 0), {name: said.options[name] for name in ("steps", "batch_size", "seq_len", "seed")},
    )  # fmt: skip


class Lengths:
    """How many tokens the shards of a stream hold, by their files' footers, each read once."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._tokens: dict[str, int] = {}

    def of(self, name: str) -> int:
        """Tokens of one shard's file."""
        if name not in self._tokens:
            with self._storage.open(name) as file:
                self._tokens[name] = _said_tokens(pq.ParquetFile(file))
        return self._tokens[name]

    def starts(self, files: Sequence[str]) -> tuple[dict[str, int], int]:
        """Where each shard starts in the stream, and the tokens of the whole stream."""
        total, starts = 0, {}
        for name in sorted(files):
            starts[shard_of(name)] = total
            total += self.of(name)
        return starts, total


def tokens_read(lengths: Lengths, files: Sequence[str], found: Sequence[Row], training: dict[str, int]) -> int:
    """How many tokens of these places a training read at least once."""
    starts, total = lengths.starts(files)
    spans = np.array([(starts[p["shard"]] + p["first_token"], p["tokens"]) for p in found], dtype=np.int64).reshape(
        -1, 2
    )
    return loader.tokens_read(total, spans[:, 0], spans[:, 0] + spans[:, 1], **training)
