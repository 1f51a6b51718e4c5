"""Where documents are in the token streams of recipes, and which models read them there when they were trained.

A takedown deletes old versions of a stream. Of those that a model read, an index stays: which document was where, and
how long; no tokens and no text. What is asked of a stream is answered by its index where there is one.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.files import FOOTER, ROW_GROUP_ROWS, shard_of
from headwater.lake.snapshot import Snapshot, find, read_group, text
from headwater.lake.storage import Storage
from headwater.lake.store import Published
from headwater.model import loader
from headwater.project import Project
from headwater.stages.tokenized import key, ranges

Row = dict[str, Any]
SAID = ("position", "crawl", "doc_id", "copy", "first_token")
ROWS_AT_ONCE = 512
INDEXES = "stream_index"
# `tokens` of a place is `size` here, because in a file of the stream itself `tokens` are the tokens.
INDEX = pa.schema([
    ("shard", pa.string()), ("position", pa.int64()), ("crawl", pa.string()), ("doc_id", pa.string()),
    ("copy", pa.int32()), ("first_token", pa.int64()), ("size", pa.int64()),
])  # fmt: skip
_ROWS = """
    select shard, position, $crawl as crawl, doc_id, copy, first_token,
        lead(first_token, 1, ends.tokens) over (partition by shard order by position) - first_token as size
    from $files join ends using (shard)
"""
_ASKED = """
    select stream.shard, position, asked.crawl, stream.doc_id, copy, first_token, size as tokens
    from ($stream) as stream join asked
        on stream.doc_id = asked.doc_id and coalesce(stream.crawl, asked.crawl) = asked.crawl
    order by stream.shard, position
"""


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


def model_row(look: Snapshot, model: Model, columns: Sequence[str]) -> Row:
    """What the row of a model says; null where a takedown deleted that version of `proxy_model`."""
    try:
        files = look.files("proxy_model", version=model.version, recipe=model.recipe)
        return next(row for f in files for row in find(look.storage, f.name, "model", model.name, columns))
    except FileNotFoundError:
        return dict.fromkeys(columns)


class Lengths:
    """How many tokens the shards of streams hold, by the footers of their files, each read once."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._tokens: dict[str, int] = {}
        self._streams: dict[tuple[str, int], dict[str, int] | None] = {}

    def of(self, name: str) -> int:
        """Tokens of one shard's file."""
        if name not in self._tokens:
            with self._storage.open(name) as file:
                self._tokens[name] = _said_tokens(pq.ParquetFile(file))
        return self._tokens[name]

    def of_stream(self, look: Snapshot, recipe: str, version: int) -> dict[str, int] | None:
        """Tokens of each shard of a version of a stream; None where it is gone and no index of it was kept."""
        place = recipe, version
        if place not in self._streams:
            self._streams[place] = self._by_shard(look, recipe, version)
        return self._streams[place]

    def _by_shard(self, look: Snapshot, recipe: str, version: int) -> dict[str, int] | None:
        try:
            index = index_of(look.storage, recipe, version)
            if index is not None:
                return _said_shards(look.storage, index)
            files = look.files("tokenized", version=version, recipe=recipe)
            return {file.shard: self.of(file.name) for file in files}
        except FileNotFoundError:
            return None


def tokens_read(shards: Mapping[str, int], found: Sequence[Row], training: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """How many tokens of each of these places a training read at least once: (places,). `shards`: the whole stream."""
    starts, total = {}, 0
    for name in sorted(shards):
        starts[name] = total
        total += shards[name]
    firsts = np.array([starts[place["shard"]] + place["first_token"] for place in found], dtype=np.int64)
    lengths = np.array([place["tokens"] for place in found], dtype=np.int64)
    return loader.tokens_read_of(total, firsts, firsts + lengths, **training)


def gone(model: Model) -> str:
    """What to say where it cannot be told what a model read."""
    return f"tokenized@{model.tokenized_version}, which it read, was deleted before an index of it was kept"


def index_of(storage: Storage, recipe: str, version: int) -> str | None:
    """The index that was kept of a version of a stream; None where there is none."""
    name = _index_name(recipe, version)
    return name if storage.exists(name) else None


def _index_name(recipe: str, version: int) -> str:
    return f"{INDEXES}/{recipe}/{version}.parquet"


def _said_shards(storage: Storage, index: str) -> dict[str, int]:
    with storage.open(index) as file:
        shards: dict[str, int] = json.loads(pq.ParquetFile(file).metadata.metadata[FOOTER])["shards"]
    return shards


def indexed(storage: Storage, index: str, crawl: str, doc_id: str) -> list[Row]:
    """As `places`, by an index."""
    rows = (row for row in find(storage, index, "doc_id", doc_id) if row["crawl"] in (None, crawl))
    named = ("shard", "position", "copy", "first_token")
    return [{**{name: row[name] for name in named}, "tokens": row["size"]} for row in rows]


def asked(
    look: Snapshot, db: duckdb.DuckDBPyConnection, lengths: Lengths, recipe: str, version: int
) -> list[Row] | None:
    """Where the documents of the view `asked` (crawl, doc_id) are in a version of a stream; None where it is gone."""
    index = index_of(look.storage, recipe, version)
    if index is not None:
        return asked_of_index(look.storage, db, index)
    files = [file.name for file in look.files("tokenized", version=version, recipe=recipe)]
    if not all(look.storage.exists(name) for name in files):
        return None
    return asked_of_files(look.storage, db, lengths, files)


def asked_of_index(storage: Storage, db: duckdb.DuckDBPyConnection, index: str) -> list[Row]:
    """As `asked`, by an index."""
    return _asked(db, f"from {parquet(uris(storage, [index]))}")


def asked_of_files(
    storage: Storage, db: duckdb.DuckDBPyConnection, lengths: Lengths, files: Sequence[str]
) -> list[Row]:
    """As `asked`, in files of a stream."""
    return _asked(db, _rows(storage, db, lengths, files)) if files else []


def _asked(db: duckdb.DuckDBPyConnection, stream: str) -> list[Row]:
    rows: list[Row] = fetch(db, _ASKED.replace("$stream", stream)).to_pylist()
    return rows


def _rows(storage: Storage, db: duckdb.DuckDBPyConnection, lengths: Lengths, files: Sequence[str]) -> str:
    """SQL for the rows of files of a stream as an index has them. Makes the view `ends`."""
    ends = {"shard": [shard_of(name) for name in files], "tokens": [lengths.of(name) for name in files]}
    db.register("ends", pa.table([pa.array(ends["shard"], pa.string()), pa.array(ends["tokens"], pa.int64())], [*ends]))
    with storage.open(files[0]) as file:
        # A stream that was made before it had a column for the crawl says none.
        crawl = "crawl" if "crawl" in pq.read_schema(file).names else "null::varchar"
    return _ROWS.replace("$crawl", crawl).replace("$files", parquet(uris(storage, files)))


def keep(project: Project) -> None:
    """Write an index of every version of a stream that a model read and that a deletion of old versions would take.

    Those that have one, or are live with the `mixed` they were made from, are passed over.
    """
    look = Snapshot(project.lake)
    read = sorted({(model.recipe, model.tokenized_version) for model in models(look)})
    without = [place for place in read if index_of(look.storage, *place) is None]
    for recipe, version in without:
        files = [file.name for file in look.files("tokenized", version=version, recipe=recipe)]
        live = {file.name for name in ("tokenized", "mixed") for file in look.files(name, recipe=recipe)}
        old = {*files, *_mixed(look, recipe, version)} - live
        if old and files and all(look.storage.exists(name) for name in files):
            _write_index(look.storage, _index_name(recipe, version), files)


def _mixed(look: Snapshot, recipe: str, version: int) -> Iterable[str]:
    """The files of the `mixed` that a version of a stream was made from."""
    commit = next((c for c in look.commits("tokenized") if c.version == version), None)
    if commit is None or commit.provenance is None:
        return []
    made_from = next(i for i in commit.provenance.inputs if i.table == "mixed")
    return [file.name for file in look.files("mixed", version=made_from.version, recipe=recipe)]


def _write_index(storage: Storage, name: str, files: Sequence[str]) -> None:
    """Rows by doc_id, so that a document is found by the statistics of row groups. The footer has tokens by shard."""
    lengths = Lengths(storage)
    shards = {shard_of(file): lengths.of(file) for file in files}
    metadata = {FOOTER: json.dumps({"shards": shards}, sort_keys=True).encode()}
    options: dict[str, Any] = {
        "compression": "zstd", "use_dictionary": ["shard", "crawl"], "write_statistics": ["doc_id"],
        "store_schema": False,
    }  # fmt: skip
    with connect(storage) as db, storage.create(name) as sink:
        query = f"{_rows(storage, db, lengths, files)} order by doc_id, shard, position"
        with pq.ParquetWriter(sink, INDEX, **options) as out:
            for batch in db.sql(query).to_arrow_reader(ROW_GROUP_ROWS):
                out.write_table(pa.Table.from_batches([batch]).select(INDEX.names).cast(INDEX))
            out.add_key_value_metadata(metadata)
