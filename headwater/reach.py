"""Forward: from an address, a domain, a licence or a rule to every table, shard, stream, release, model and export.

One document is found by the index; a licence and a rule by a scan of one column of the tables that have it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from headwater import held, lookup, streams
from headwater.errors import NotFound, UserError
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.files import shard_of
from headwater.lake.snapshot import Snapshot
from headwater.lake.tables import TABLES
from headwater.lookup import Document
from headwater.project import Project
from headwater.stages.tokenized import ranges
from headwater.warc import facts

Row = dict[str, Any]

KINDS = ("url", "domain", "doc", "licence", "rule")
# Tables whose rows are documents with an outcome, in order.
DECIDED = ("raw", "extracted", "filtered", "deduped", "mixed")
DOCUMENTS = pa.schema([("crawl", pa.string()), ("shard", pa.string()), ("doc_id", pa.string())])
# Of more documents every shard of a stream is read, instead of working out which hold them.
FEW = 20_000
OPENED = (*DECIDED, "document_index", "tokenized", "proxy_model", "releases")


def of(project: Project, kind: str, value: str, *, limit: int = 0) -> Row:
    """Where the documents of an address, a domain (with its subdomains), a doc_id, a licence or a rule are.

    `limit` is the most places in streams that are told one by one (0: all). Raises NotFound.
    """
    look = Snapshot(project.lake)
    look.open(*OPENED)
    with connect(look.storage) as connection:
        asked = _asked(look, connection, kind, value)
        if asked.num_rows == 0:
            raise NotFound(f"no document of {kind} {value!r} in the lake")
        connection.register("asked", asked)
        return {"asked": {kind: value}, **_Reach(look, connection, asked).told(limit)}


def _asked(look: Snapshot, connection: duckdb.DuckDBPyConnection, kind: str, value: str) -> pa.Table:
    """The documents that are asked about, each once, in order."""
    if kind == "licence":
        return _by_licence(look, connection, value)
    if kind == "rule":
        return _by_rule(look, connection, value)
    if kind not in KINDS:
        raise UserError(f"{kind!r} is nothing to trace by; have: {', '.join(KINDS)}")
    found = _by_address(look, kind, value)
    columns = zip(*((d.crawl, d.shard, d.doc_id) for d in found), strict=True) if found else ([], [], [])
    return pa.table([pa.array(column, pa.string()) for column in columns], schema=DOCUMENTS)


def _by_address(look: Snapshot, kind: str, value: str) -> list[Document]:
    if kind != "domain":
        return lookup.documents(look, {"doc": "doc_id"}.get(kind, kind), value)
    name = value.strip().lower().rstrip(".")
    registered = facts.registered_domain(f"http://{name}/") or name
    found = lookup.documents(look, "domain", registered)
    if registered == name:
        return found
    # The index knows registered domains; of a name below one, the hosts are looked at.
    return [d for d in found if _below(lookup.raw(look, d)["host"], name)]


def _below(host: str | None, name: str) -> bool:
    return host is not None and (host == name or host.endswith(f".{name}"))


def _by_licence(look: Snapshot, connection: duckdb.DuckDBPyConnection, value: str) -> pa.Table:
    """Documents on which evidence of a licence was found, and those that the policy put under it."""
    # Evidence is canonical JSON: a quote within a text is escaped there, so this is found in no other place.
    said = f'"licence":{json.dumps(value, ensure_ascii=False)}'.lower()
    wheres = {
        "extracted": "contains(lower(licence_evidence), $said)",
        "mixed": "lower(licence) = lower($value)",
    }
    return _scanned(look, connection, wheres, {"said": said, "value": value})


def _by_rule(look: Snapshot, connection: duckdb.DuckDBPyConnection, value: str) -> pa.Table:
    """Documents on which a rule decided, in any table; a step's name stands for all of its rules."""
    wheres = dict.fromkeys(DECIDED, "rule = $value or starts_with(rule, $value || '.')")
    return _scanned(look, connection, wheres, {"value": value})


def _scanned(
    look: Snapshot, connection: duckdb.DuckDBPyConnection, wheres: Mapping[str, str], values: Mapping[str, str]
) -> pa.Table:
    found = [DOCUMENTS.empty_table()]
    for name, where in wheres.items():
        files = _with_column(look, [f.name for f in look.files(name)], "licence" if name == "mixed" else "doc_id")
        used = {n: v for n, v in values.items() if f"${n}" in where}
        if files:
            query = f"select crawl, shard, doc_id from {parquet(uris(look.storage, files))} where {where}"
            found.append(fetch(connection, query, used).cast(DOCUMENTS))
    whole = pa.concat_tables(found)
    return whole.group_by(DOCUMENTS.names).aggregate([]).sort_by([(n, "ascending") for n in DOCUMENTS.names])


def _with_column(look: Snapshot, files: Sequence[str], column: str) -> list[str]:
    """Those files that have a column: one that was added later is missing from the files of before."""
    if column == "doc_id":
        return list(files)
    found = []
    for name in files:
        with look.storage.open(name) as file:
            if column in pq.read_schema(file).names:
                found.append(name)
    return found


class _Reach:
    """The answers about one set of documents, which is the view `asked`."""

    def __init__(self, look: Snapshot, connection: duckdb.DuckDBPyConnection, asked: pa.Table) -> None:
        self.look, self.db, self.asked = look, connection, asked
        near = {
            (row["crawl"], row["shard"])
            for row in asked.select(["crawl", "shard"]).group_by(["crawl", "shard"]).aggregate([]).to_pylist()
        }
        self.near = near | {("", f"{crawl}~{shard}") for crawl, shard in near}
        self.lengths = streams.Lengths(look.storage)
        self._places: dict[tuple[str, ...], list[Row]] = {}

    def told(self, limit: int) -> Row:
        """Everything."""
        releases = list(self.releases())
        return {
            "documents": self.asked.num_rows,
            "crawls": self._counts("crawl"),
            "tables": list(self.tables()),
            "shards": self._counts("crawl", "shard"),
            "streams": list(self.streams(limit)),
            "releases": releases,
            "models": list(self.models()),
            "exports": [e for r in releases if r["kept"] for e in held.exports(self.look.storage, r["release"])],
        }

    def _counts(self, *columns: str) -> list[Row]:
        names = ", ".join(columns)
        rows: list[Row] = fetch(
            self.db, f"select {names}, count(*) as documents from asked group by all order by all"
        ).to_pylist()
        return rows

    def tables(self) -> Iterator[Row]:
        """Documents by outcome and rule for each partition of each table."""
        for name in DECIDED:
            partitions = TABLES[name].partitions
            names = [f.name for f in self.look.files(name)]
            for row in self._outcomes(name, names):
                partition = {column: row[column] for column in partitions}
                yield {"table": name, "version": self.look.version(name, partition), **row}

    def _outcomes(self, name: str, files: Sequence[str]) -> list[Row]:
        """Rows of the documents in files of a table, counted by partition, outcome and rule."""
        near = [f for f in files if self._near(name, f)]
        if not near:
            return []
        columns = ", ".join(f'"{column}"' for column in (*TABLES[name].partitions, "outcome", "rule"))
        query = f"""
            select {columns}, count(*) as documents from {parquet(uris(self.look.storage, near))}
            join asked using (crawl, doc_id) group by all order by all
        """
        rows: list[Row] = fetch(self.db, query).to_pylist()
        return rows

    def _near(self, name: str, file: str) -> bool:
        crawl = file.split("crawl=", 1)[1].split("/", 1)[0] if "crawl" in TABLES[name].partitions else ""
        return (crawl, shard_of(file)) in self.near

    def places(self, recipe: str, files: Sequence[str], mixed: Sequence[str] | None) -> list[Row]:
        """Where the documents are in the files of a stream made from files of `mixed`; None: those are gone."""
        chosen = tuple(self._shards(sorted(files, key=shard_of), mixed))
        if chosen not in self._places:
            self._places[chosen] = streams.asked_of_files(self.look.storage, self.db, self.lengths, chosen)
        return self._places[chosen]

    def _shards(self, files: list[str], mixed: Sequence[str] | None) -> list[str]:
        """The files of a stream that can hold the documents, by their order keys."""
        if mixed is None:
            return files
        near = [f for f in mixed if self._near("mixed", f)]
        if not near or self.asked.num_rows > FEW:
            return files if near else []
        query = f"""
            select order_key, copies from {parquet(uris(self.look.storage, near))}
            join asked using (crawl, doc_id) where copies > 0
        """
        keys = sorted(
            k for row in fetch(self.db, query).to_pylist() for k in streams.keys(row["order_key"], row["copies"])
        )
        held_by = [any(low <= k <= high for k in keys) for low, high in ranges(len(files))]
        return [file for file, wanted in zip(files, held_by, strict=True) if wanted]

    def _live(self, recipe: str, version: int | None) -> tuple[list[str], list[str] | None] | None:
        """Files of a version of a stream and of the `mixed` that it was made from; None where they are gone."""
        commit = next((c for c in self.look.commits("tokenized") if c.version == version), None)
        if commit is None or commit.provenance is None:
            return None
        made_from = next(i for i in commit.provenance.inputs if i.table == "mixed")
        files = [f.name for f in self.look.files("tokenized", version=version, recipe=recipe)]
        mixed = [f.name for f in self.look.files("mixed", version=made_from.version, recipe=recipe)]
        if not all(map(self.look.storage.exists, files)):
            return None
        return files, mixed if all(self.look.storage.exists(m) for m in mixed if self._near("mixed", m)) else None

    def streams(self, limit: int) -> Iterator[Row]:
        """Token shards that hold the documents: copies and tokens in each, and their places up to the limit."""
        told = 0
        for recipe in self.look.values("tokenized", "recipe"):
            version = self.look.version("tokenized", {"recipe": recipe})
            live = self._live(recipe, version)
            by_shard: dict[str, list[Row]] = {}
            for place in self.places(recipe, *live) if live is not None else ():
                by_shard.setdefault(place["shard"], []).append(place)
            for name, found in by_shard.items():
                shown = found if limit == 0 else found[: max(0, limit - told)]
                told += len(shown)
                yield {
                    "recipe": recipe, "version": version, "shard": name, "copies": len(found),
                    "tokens": sum(p["tokens"] for p in found),
                    "places": [{n: v for n, v in p.items() if n != "shard"} for p in shown],
                }  # fmt: skip

    def releases(self) -> Iterator[Row]:
        """The releases that have rows of the documents: kept by the last table, and tokens in the stream."""
        for pins in held.releases(self.look):
            counted = {name: self._outcomes(name, pins.files(name)) for name in DECIDED}
            last = next((name for name in reversed(DECIDED) if counted[name]), None)
            if last is None:
                continue
            found = self.places(pins.recipe, pins.files("tokenized"), pins.files("mixed"))
            yield {
                "release": pins.release, "recipe": pins.recipe, "last_table": last,
                "documents": max(sum(row["documents"] for row in rows) for rows in counted.values()),
                "kept": sum(row["documents"] for row in counted[last] if row["outcome"] == "kept"),
                "copies": len(found), "tokens": sum(p["tokens"] for p in found), "amended_by": pins.amended_by,
            }  # fmt: skip

    def models(self) -> Iterator[Row]:
        """The models whose stream held the documents, and how many of their tokens each read. Null: files are gone."""
        for model in streams.models(self.look):
            found = self._of_version(model.recipe, model.tokenized_version)
            if found == []:
                continue
            shards = self.lengths.of_stream(self.look, model.recipe, model.tokenized_version)
            known = found is not None and shards is not None
            read = int(streams.tokens_read(shards or {}, found or [], model.training).sum()) if known else None
            yield {
                "recipe": model.recipe, "model": model.name, "version": model.version, "live": model.live,
                "checkpoint": model.checkpoint, "tokenized_version": model.tokenized_version,
                "documents": None if found is None else len({(p["crawl"], p["doc_id"]) for p in found}),
                "tokens": None if found is None else sum(p["tokens"] for p in found), "tokens_read": read,
                "note": None if known else streams.gone(model),
            }  # fmt: skip

    def _of_version(self, recipe: str, version: int) -> list[Row] | None:
        """Where the documents are in a version of a stream, by its index where one was kept; None where it is gone."""
        index = streams.index_of(self.look.storage, recipe, version)
        if index is not None:
            return streams.asked_of_index(self.look.storage, self.db, index)
        live = self._live(recipe, version)
        return None if live is None else self.places(recipe, *live)
