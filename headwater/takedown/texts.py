"""What is read of the documents before they go: hashes of texts, a sample of windows, and who trained on them.

Only hashes are kept. A window is WINDOW bytes of a text; its rolling hash finds it in a stream, its SHA-256 proves it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake import tombstones
from headwater.lake.files import read_batches, read_footer
from headwater.lake.store import DataFile
from headwater.project import Project
from headwater.takedown.resolve import Document
from headwater.takedown.windows import WINDOW, rolling

PER_DOCUMENT = 4
MOST_SAMPLES = 512
# Of texts that cannot be told from others by so few different bytes, such as rows of dashes, no window is taken.
FEWEST_BYTES = 12
# Bytes that a file format would write otherwise: a window without them is found in JSON, CSV and HTML as it is.
ESCAPED = np.isin(np.arange(256), [*range(32), 127, *map(ord, "\"'&<>\\")])


@dataclass(frozen=True)
class Sample:
    """One window of a removed text: hashes only."""

    sha256: str
    rolling: int
    crawl: str
    doc_id: str


def read(
    project: Project, takedown: str, documents: Sequence[Document], *, hashes: bool
) -> tuple[set[str], list[Sample]]:
    """Tombstones of the documents' texts, where `hashes` asks for them, and a random sample of windows.

    The sample is the same one for the same takedown: windows whose seeded hashes are smallest.
    """
    stones: set[str] = set()
    chosen: dict[str, Sample] = {}
    for document, column, text in _texts(project, documents):
        if hashes and column == "text" and text.strip():
            stones.add(tombstones.of("text", text))
        for window in _windows(takedown, document, text.encode("utf-8", "surrogatepass")):
            digest = hashlib.sha256(window).hexdigest()
            order = hashlib.sha256(f"{takedown} {digest}".encode()).hexdigest()
            chosen[order] = Sample(digest, rolling(window), document.crawl, document.doc_id)
        if len(chosen) > 8 * MOST_SAMPLES:
            chosen = _fewest(chosen)
    return stones, list(_fewest(chosen).values())


def _fewest(chosen: Mapping[str, Sample]) -> dict[str, Sample]:
    return dict(sorted(chosen.items())[:MOST_SAMPLES])


def _texts(project: Project, documents: Sequence[Document]) -> Iterator[tuple[Document, str, str]]:
    """Every text and title of the documents that the live tables hold, read where they are and nowhere else."""
    wanted: dict[tuple[str, str], dict[str, Document]] = {}
    for document in documents:
        wanted.setdefault((document.crawl, document.shard), {})[document.doc_id] = document
    crawls = {document.crawl for document in documents}
    for name, columns in (("extracted", ["text", "title"]), ("filtered", ["text"])):
        for file in project.lake.files(name):
            here = wanted.get((file.partition["crawl"], file.shard)) if file.partition["crawl"] in crawls else None
            if here:
                yield from _of_file(project, file, here, columns)


def _of_file(
    project: Project, file: DataFile, wanted: Mapping[str, Document], columns: list[str]
) -> Iterator[tuple[Document, str, str]]:
    ids = pa.array(sorted(wanted), pa.string())
    for batch in read_batches(project.lake.storage, file.name, ["doc_id", *columns]):
        for row in batch.filter(pc.is_in(batch.column("doc_id"), value_set=ids)).to_pylist():
            for column in columns:
                if row[column]:
                    yield wanted[row["doc_id"]], column, row[column]


def _windows(takedown: str, document: Document, data: bytes) -> Iterator[bytes]:
    if len(data) < WINDOW:
        return
    octets = np.frombuffer(data, dtype=np.uint8)
    bad = np.concatenate([[0], np.cumsum(ESCAPED[octets])])
    starts = np.flatnonzero(bad[WINDOW:] == bad[:-WINDOW])
    if not starts.size:
        starts = np.arange(len(data) - WINDOW + 1)
    seed = int.from_bytes(hashlib.sha256(f"{takedown} {document.identity}".encode()).digest()[:8], "big")
    for start in np.random.default_rng(seed).choice(starts, size=min(PER_DOCUMENT, starts.size), replace=False):
        window = data[start : start + WINDOW]
        if len(set(window)) >= FEWEST_BYTES:
            yield window


def models(project: Project, documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Models whose training read the documents: how many of their tokens, and of how many documents."""
    found = []
    for place in project.lake.partitions("proxy_model"):
        commit = project.lake.published("proxy_model", place)
        if commit is None or commit.provenance is None:
            continue
        read = next(i for i in commit.provenance.inputs if i.table == "tokenized")
        stream = project.lake.read(read)
        for file in project.lake.files("proxy_model", place):
            for batch in read_batches(project.lake.storage, file.name):
                found += [_model(project, row, place, stream, documents) for row in batch.to_pylist()]
    return [model for model in found if model["tokens"] != 0]


def _model(
    project: Project, row: Mapping[str, Any], place: Mapping[str, str], stream: Sequence[DataFile],
    documents: Sequence[Document],
) -> dict[str, Any]:  # fmt: skip
    said = {"model": row["model"], "recipe": place["recipe"], "checkpoint": row["checkpoint"],
            "checkpoint_digest": row["checkpoint_digest"], "tokenized_version": row["tokenized_version"]}  # fmt: skip
    if not all(project.lake.storage.exists(file.name) for file in stream):
        # An earlier takedown deleted the version it was trained on; what it named then still holds.
        return {**said, "tokens": None, "documents": None}
    total, spans = _spans(project, stream, documents)
    seen = _seen(json.loads(row["config"]), total)
    tokens = [_overlap(seen, start, end) for start, end in spans]
    return {**said, "tokens": sum(tokens), "documents": sum(count > 0 for count in tokens)}


def _spans(
    project: Project, stream: Sequence[DataFile], documents: Sequence[Document]
) -> tuple[int, list[tuple[int, int]]]:
    """Tokens of the whole stream, and where in it the documents are: (first, one past the last)."""
    by_crawl: dict[str, list[str]] = {}
    for document in documents:
        by_crawl.setdefault(document.crawl, []).append(document.doc_id)
    ids = {crawl: pa.array(sorted(set(docs)), pa.string()) for crawl, docs in by_crawl.items()}
    before, spans = 0, []
    for file in sorted(stream, key=lambda f: f.shard):
        for batch in read_batches(project.lake.storage, file.name, ["crawl", "doc_id", "first_token", "tokens"], 512):
            for crawl, wanted in ids.items():
                here = pc.and_(
                    pc.equal(batch.column("crawl"), crawl), pc.is_in(batch.column("doc_id"), value_set=wanted)
                )
                rows = batch.filter(here)
                lengths = pc.list_value_length(rows.column("tokens")).to_pylist()
                firsts = rows.column("first_token").to_pylist()
                spans += [(before + first, before + first + n) for first, n in zip(firsts, lengths, strict=True)]
        before += read_footer(project.lake.storage, file.name).details["tokens"]
    return before, spans


def _seen(config: Mapping[str, Any], total: int) -> npt.NDArray[np.int64]:
    from headwater.model.loader import positions_seen

    return positions_seen(
        total, steps=config["steps"], batch_size=config["batch_size"], seq_len=config["seq_len"], seed=config["seed"]
    )


def _overlap(seen: npt.NDArray[np.int64], start: int, end: int) -> int:
    """How many positions of [start, end) were read."""
    if not seen.size:
        return 0
    low = np.maximum(seen[:, 0], start)
    high = np.minimum(seen[:, 1], end)
    return int(np.maximum(high - low, 0).sum())
