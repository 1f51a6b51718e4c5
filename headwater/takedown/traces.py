"""Searching every byte under the lake root, and what runs leave in the project folder, for windows of removed texts.

Files are searched as they lie, and as what they hold: columns of Parquet files, tokens as the text they stand for,
tables of DuckDB files, strings of JSON, contents of gzip and zstd files. A window that stands in a row of a document
that was not removed is that document's own text, and is reported as shared; anywhere else it is a hit.
"""

import gzip
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.engine import Guard, Task
from headwater.errors import MissingInput
from headwater.lake.storage import Storage
from headwater.lake.tables import TABLES
from headwater.project import Project
from headwater.takedown import WINDOW
from headwater.takedown.windows import Finder

CHUNK = 16 << 20
# What runs leave beside the lake: events, logs and previews of the orchestrator, compiled models and their results.
OUTSIDE = (".dagster", "dbt_project/target", "dbt_project/logs", "logs")
TOGETHER = 64


@dataclass
class Search:
    """What a search found: `hits` are (file, where, SHA-256 of the window).

    `left` are those in rows of the removed documents themselves; `shared` are windows that stand in other documents.
    `unread` are files whose bytes were searched and whose contents could not be unpacked: (file, why).
    """

    files: int = 0
    bytes_raw: int = 0
    bytes_read: int = 0
    hits: list[tuple[str, str, str]] = field(default_factory=list)
    left: list[tuple[str, str, str]] = field(default_factory=list)
    shared: dict[str, str] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)


def search(project: Project, wanted: Mapping[int, frozenset[str]], gone: Mapping[str, Sequence[str]]) -> Search:
    """Search all files. `gone` are the removed doc_ids by crawl, whose rows must hold none of the windows."""
    storage = project.lake.storage
    if not storage.local:
        raise MissingInput(f"a byte scan needs a lake on this machine; {storage.root} is an object store")
    root = Path(storage.root)
    files = sorted(f for top in _roots(project) for f in _files(top))
    vocabularies = _vocabularies(project)
    tasks = [
        Task(f"{start:08d}", {"files": files[start : start + TOGETHER], "root": root, "wanted": dict(wanted),
                              "gone": {k: list(v) for k, v in gone.items()}, "vocabularies": vocabularies})
        for start in range(0, len(files), TOGETHER)
    ]  # fmt: skip
    total = Search()
    for _, found in project.engine.map(work, tasks):
        total.files += found.files
        total.bytes_raw += found.bytes_raw
        total.bytes_read += found.bytes_read
        total.hits += found.hits
        total.left += found.left
        total.shared.update(found.shared)
        total.unread += found.unread
    # What stands in a document that stays can stand in reports and previews of it too.
    total.hits = sorted([*total.left, *(hit for hit in total.hits if hit[2] not in total.shared)])
    return total


def _roots(project: Project) -> list[Path]:
    folder = project.settings.folder
    root = Path(project.lake.storage.root)
    tops = [root, *(folder / name for name in OUTSIDE)]
    return [top for top in tops if top.is_dir() and (top == root or not top.resolve().is_relative_to(root.resolve()))]


def _files(top: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(top):
        for path in (Path(folder) / name for name in names):
            if path.is_file() and not path.is_symlink():
                yield path


def _vocabularies(project: Project) -> dict[str, str]:
    """For each recipe with a stream, the file of its tokenizer."""
    found: dict[str, str] = {}
    for place in project.lake.partitions("tokenized"):
        for commit in project.lake.log("tokenized"):
            said = commit.provenance
            if said is not None and dict(said.partition) == place and "tokenizer" in said.details:
                found.setdefault(place["recipe"], said.details["tokenizer"])
    return found


class _Looker:
    """One worker's search: finds windows and says whose row they are in."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self.root: Path = said["root"]
        self.finder = Finder(said["wanted"])
        self.gone = {(crawl, doc) for crawl, docs in said["gone"].items() for doc in docs}
        self.vocabularies = said["vocabularies"]
        self.found = Search()

    def octets(self, data: np.ndarray[Any, np.dtype[np.uint8]], file: str, where: str) -> None:
        """Search bytes that belong to no document."""
        self.found.bytes_read += data.size
        self.found.hits += [(file, f"{where} at {place}", digest) for place, digest in self.finder.find(data)]

    def rows(self, values: pa.Array, owners: list[tuple[str, str] | None], file: str, where: str) -> None:
        """Search strings, each in the row of a document, or of none."""
        data, bounds = _bytes_of(values)
        self.found.bytes_read += data.size
        for place, digest in self.finder.find(data):
            row = int(np.searchsorted(bounds, place, side="right")) - 1
            if place + WINDOW > bounds[row + 1]:
                continue
            owner = owners[row] if row < len(owners) else None
            if owner is None or owner in self.gone:
                hit = (file, f"{where}, row {row}", digest)
                (self.found.hits if owner is None else self.found.left).append(hit)
            else:
                self.found.shared.setdefault(digest, f"{owner[0]} {owner[1]}")


def work(task: Task, guard: Guard) -> Search:
    """Search some files."""
    looker = _Looker(task.arguments)
    for path in task.arguments["files"]:
        _file(looker, path)
    return looker.found


def _file(looker: _Looker, path: Path) -> None:
    shown = str(path.relative_to(looker.root)) if path.is_relative_to(looker.root) else str(path)
    try:
        with path.open("rb") as file:
            _stream(looker, file, shown, "bytes")
            looker.found.files += 1
            looker.found.bytes_raw += file.tell()
            try:
                _unpacked(looker, file, path, shown)
            except (pa.ArrowException, duckdb.Error, EOFError, zlib.error, OSError) as error:
                looker.found.unread.append((shown, f"{type(error).__name__}: {error}"))
    except FileNotFoundError:
        # A temporary file of another process, gone since the folder was listed.
        return


def _unpacked(looker: _Looker, file: BinaryIO, path: Path, shown: str) -> None:
    """Search what a file holds, where that is not what its bytes say."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if head == b"PAR1":
        _parquet(looker, file, shown)
    elif head[:2] == b"\x1f\x8b":
        _packed(looker, gzip.GzipFile(fileobj=file), shown)
    elif head == b"\x28\xb5\x2f\xfd":
        _packed(looker, pa.CompressedInputStream(pa.PythonFile(file), "zstd"), shown)
    elif path.suffix in (".json", ".jsonl"):
        _json(looker, file, shown)
    elif path.suffix == ".duckdb":
        _duckdb(looker, path, shown)


def _stream(looker: _Looker, file: Any, shown: str, where: str) -> None:
    """Search a stream as bytes; chunks overlap by a window, so that none is cut in two."""
    rest, offset = b"", 0
    while chunk := file.read(CHUNK):
        data = rest + chunk
        looker.octets(np.frombuffer(data, dtype=np.uint8), shown, f"{where} {offset - len(rest)}+")
        looker.found.bytes_read -= len(rest)
        rest, offset = data[-(WINDOW - 1) :], offset + len(chunk)


def _packed(looker: _Looker, stream: Any, shown: str) -> None:
    """Search what is compressed: as JSON lines where the name says so, else as bytes."""
    with tempfile.TemporaryFile() as plain:
        shutil.copyfileobj(stream, plain, CHUNK)
        plain.seek(0)
        if ".json" in shown:
            _json(looker, plain, shown)
        else:
            _stream(looker, plain, shown, "unpacked")


def _json(looker: _Looker, file: BinaryIO, shown: str) -> None:
    """Search the strings of a JSON document, or of each line that is one."""
    if ".jsonl" in shown:
        for line in file:
            _value(looker, line, shown)
    else:
        _value(looker, file.read(), shown)


def _value(looker: _Looker, data: bytes, shown: str) -> None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        looker.octets(np.frombuffer(data, dtype=np.uint8), shown, "text")
        return
    strings = list(_strings(value))
    # Whoever writes a JSON file can name any document in it: what it holds is nobody's own.
    looker.rows(pa.array(strings, pa.string()), [None] * len(strings), shown, "string")


def _strings(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            # JSON may hold half of a surrogate pair, which Arrow does not.
            yield one.encode("utf-8", "replace").decode()
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one


def _parquet(looker: _Looker, file: BinaryIO, shown: str) -> None:
    parquet = pq.ParquetFile(file, pre_buffer=False)
    for group in range(parquet.num_row_groups):
        for batch in parquet.iter_batches(batch_size=8_192, row_groups=[group]):
            owners = _owners(batch, shown)
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                for values, owned in _texts_in(column, owners):
                    looker.rows(values, owned, shown, f"column {name}")
            if shown.startswith("tokenized/") and "tokens" in batch.schema.names:
                looker.rows(_decoded(looker, batch.column("tokens"), shown), owners, shown, "decoded tokens")


def _owners(batch: pa.RecordBatch, shown: str) -> list[tuple[str, str] | None]:
    """The document of each row, where rows are of documents."""
    crawl = shown.split("crawl=", 1)[1].split("/", 1)[0] if "crawl=" in shown else None
    names = batch.schema.names
    # Only a row of a table of the lake can say that a text is its document's own.
    if shown.split("/", 1)[0] not in TABLES or "doc_id" not in names or not (crawl or "crawl" in names):
        return [None] * batch.num_rows
    ids = batch.column("doc_id").to_pylist()
    crawls = batch.column("crawl").to_pylist() if "crawl" in names else [crawl] * len(ids)
    return [(c, d) if c is not None and d is not None else None for c, d in zip(crawls, ids, strict=True)]


def _texts_in(column: pa.Array, owners: list[tuple[str, str] | None]) -> Iterator[tuple[pa.Array, list[Any]]]:
    """Every string array inside a column, with the owners of its rows."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
        yield column.cast(pa.binary()).fill_null(b""), owners
    elif pa.types.is_dictionary(kind):
        yield from _texts_in(column.dictionary_decode(), owners)
    elif pa.types.is_struct(kind):
        for index in range(kind.num_fields):
            yield from _texts_in(column.field(index), owners)
    elif pa.types.is_map(kind):
        # Of a sliced map, keys and items are those of the whole: more is searched, and nothing is missed.
        for part in (column.keys, column.items):
            yield from _texts_in(part, [None] * len(part))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        rows = pc.list_parent_indices(column).to_pylist()
        yield from _texts_in(pc.list_flatten(column), [owners[row] for row in rows])


def _bytes_of(values: pa.Array) -> tuple[Any, Any]:
    """The bytes of an array of strings end to end, and where each begins: (n + 1,)."""
    plain = values.cast(pa.large_binary()).fill_null(b"")
    _, offsets, data = plain.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64, count=len(plain) + 1, offset=plain.offset * 8)
    if data is None or len(plain) == 0:
        return np.zeros(0, dtype=np.uint8), np.zeros(len(plain) + 1, dtype=np.int64)
    return np.frombuffer(data, dtype=np.uint8)[bounds[0] : bounds[-1]], bounds - bounds[0]


def _decoded(looker: _Looker, tokens: pa.ListArray, shown: str) -> pa.Array:
    """The text that tokens stand for, row by row."""
    recipe = shown.split("recipe=", 1)[1].split("/", 1)[0]
    data, bounds = _vocabulary(Storage(str(looker.root)), looker.vocabularies[recipe])
    ids = np.asarray(pc.list_flatten(tokens), dtype=np.int64)
    lengths = bounds[ids + 1] - bounds[ids]
    ends = np.cumsum(lengths)
    shift = np.repeat(bounds[ids] - (ends - lengths), lengths)
    text = data[np.arange(shift.size) + shift]
    counts = np.concatenate([[0], np.cumsum(pc.list_value_length(tokens).to_numpy())]).astype(np.int64)
    offsets = np.concatenate([[0], ends])[counts].astype(np.int64)
    return pa.Array.from_buffers(
        pa.large_binary(), len(tokens), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(text.tobytes())]
    )


_KNOWN: dict[str, tuple[Any, Any]] = {}


def _vocabulary(storage: Storage, name: str) -> tuple[Any, Any]:
    """The bytes of all tokens of a tokenizer end to end, and where each begins."""
    if name not in _KNOWN:
        from headwater.model import tokenizer as bpe

        loaded = bpe.load(storage.read(name).decode())
        words = [bpe.token_bytes(loaded, token) or b"" for token in range(loaded.get_vocab_size())]
        bounds = np.concatenate([[0], np.cumsum([len(word) for word in words])]).astype(np.int64)
        _KNOWN[name] = (np.frombuffer(b"".join(words), dtype=np.uint8), bounds)
    return _KNOWN[name]


def _duckdb(looker: _Looker, path: Path, shown: str) -> None:
    """Search the tables of a DuckDB file, in a copy: whoever has it open locks it."""
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        copy = Path(folder) / "copy.duckdb"
        shutil.copyfile(path, copy)
        with duckdb.connect(str(copy), read_only=True) as connection:
            tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, name in tables:
                quoted = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, name))
                for batch in connection.sql(f"from {quoted}").to_arrow_reader(8_192):
                    owners = _owners(batch, shown)
                    for column, values in zip(batch.schema.names, batch.columns, strict=True):
                        for texts, owned in _texts_in(values, owners):
                            looker.rows(texts, owned, shown, f"table {schema}.{name} column {column}")
