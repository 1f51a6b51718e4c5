"""What is read of the documents before they go: hashes of texts, a sample of windows, and who trained on them.

Only hashes are kept. A window is WINDOW bytes of a text; its rolling hash finds it in a stream, its SHA-256 proves it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater import remaining, streams
from headwater.lake import tombstones
from headwater.lake.audit import connect
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition, digest_of_checkpoint
from headwater.lake.snapshot import Snapshot
from headwater.project import Project
from headwater.takedown import WINDOW
from headwater.takedown.resolve import Document
from headwater.takedown.windows import rolling

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
                batches = read_batches(project.lake.storage, file.name, ["doc_id", *columns])
                yield from _of_batches(batches, here, columns)
    for place in (p for p in project.lake.partitions("deduped") if p["crawl"] in crawls):
        yield from _remaining(project, place, wanted)


def _of_batches(
    batches: Iterable[pa.RecordBatch], wanted: Mapping[str, Document], columns: Sequence[str]
) -> Iterator[tuple[Document, str, str]]:
    ids = pa.array(sorted(wanted), pa.string())
    for batch in batches:
        for row in batch.filter(pc.is_in(batch.column("doc_id"), value_set=ids)).to_pylist():
            for column in columns:
                if row[column]:
                    yield wanted[row["doc_id"]], column, row[column]


def _remaining(
    project: Project, place: Partition, wanted: Mapping[tuple[str, str], Mapping[str, Document]]
) -> Iterator[tuple[Document, str, str]]:
    """What deduplication left of the texts that it cut: in streams and exports no other text of these documents is."""
    lake, read = project.lake, project.lake.input("deduped", place)
    texts = {f.shard: f.name for f in lake.read(lake.made_from(read, "filtered"))}
    for file in lake.read(read):
        here = wanted.get((place["crawl"], file.shard))
        # Where a text was filtered anew since, an earlier takedown may have deleted the one that was cut.
        if here and lake.storage.exists(texts[file.shard]):
            cut = set(remaining.edits_of(lake.storage, file.name).column("doc_id").to_pylist())
            batches = remaining.batches(lake.storage, texts[file.shard], file.name, ["doc_id", "text"])
            found = _of_batches(batches, {doc_id: here[doc_id] for doc_id in cut & here.keys()}, ["text"])
            # No crawl can bring this text back as it is, so it is no tombstone.
            yield from ((document, "remaining", text) for document, _, text in found)


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
    """Every model, live or not, whose training read the documents: how many of their tokens, of how many of them.

    Null where the stream that it read is gone, and no index of it was kept.
    """
    look, found = Snapshot(project.lake), []
    ids = sorted({(document.crawl, document.doc_id) for document in documents})
    with connect(project.lake.storage) as db:
        asked = [pa.array([one[place] for one in ids], pa.string()) for place in range(2)]
        db.register("asked", pa.table(asked, ["crawl", "doc_id"]))
        lengths, places = streams.Lengths(look.storage), {}
        for model in streams.models(look):
            stream = model.recipe, model.tokenized_version
            if stream not in places:
                places[stream] = streams.asked(look, db, lengths, *stream)
            found.append({**_said(look, model), **_read(look, lengths, model, places[stream])})
    return [model for model in found if model["tokens"] != 0]


def _said(look: Snapshot, model: streams.Model) -> dict[str, Any]:
    digest = streams.model_row(look, model, ["checkpoint_digest"])["checkpoint_digest"]
    if digest is None and look.storage.local:
        # An earlier takedown deleted the row. Checkpoints stay.
        digest = digest_of_checkpoint(Path(look.storage.uri(model.checkpoint)))
    return {"model": model.name, "recipe": model.recipe, "checkpoint": model.checkpoint,
            "checkpoint_digest": digest, "tokenized_version": model.tokenized_version}  # fmt: skip


def _read(
    look: Snapshot, lengths: streams.Lengths, model: streams.Model, places: Sequence[dict[str, Any]] | None
) -> dict[str, int | None]:
    shards = lengths.of_stream(look, model.recipe, model.tokenized_version)
    if places is None or shards is None:
        return {"tokens": None, "documents": None}
    if not places:
        return {"tokens": 0, "documents": 0}
    read = streams.tokens_read(shards, places, model.training)
    of = {(place["crawl"], place["doc_id"]) for place, tokens in zip(places, read, strict=True) if tokens}
    return {"tokens": int(read.sum()), "documents": len(of)}
