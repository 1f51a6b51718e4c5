"""Reference texts of a language for calibration: out of a file, or out of the lake."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater import curation, registry
from headwater.calibrate import MAPPED, Reference
from headwater.configuration import resolve
from headwater.curation import Used
from headwater.errors import MissingInput, UserError
from headwater.lake.files import read_aligned
from headwater.language.model import identify
from headwater.project import Project
from headwater.text.labels import among, canonical
from headwater.text.stop_words import words_of

MAX_TEXTS = 20_000


def asked() -> list[str]:
    """The columns that the filters with thresholds by language look at."""
    return curation.asked([Used("filters", name, resolve("filters", name, {})) for name in MAPPED])


def from_file(path: Path, label: str, model: Path | None, *, most: int = MAX_TEXTS) -> Reference:
    """The first texts of a file: JSON Lines with `text` (and `language`, where the file has several), or plain text
    with a blank line between texts; either may end in .gz.

    Scores are those of the language model, where it says that a text is of this language. Raises MissingInput or
    UserError where there is no such file, or it cannot be read.
    """
    texts = pa.array(_texts(path, label, most), pa.string())
    scores = np.full(len(texts), np.nan)
    if model is not None:
        for place, (said, score) in enumerate(zip(*identify(texts.to_pylist(), model), strict=True)):
            if said is not None and among(said, [label]):
                scores[place] = score
    columns = measured(asked(), texts, label)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Reference(canonical(label), columns, counted(texts), scores, f"{path.name}, sha256 {digest}")


def _texts(path: Path, label: str, most: int) -> list[str]:
    if not path.is_file():
        raise MissingInput(f"no file {path}; give JSON Lines with `text`, or plain text with blank lines between texts")
    name = path.name.removesuffix(".gz")
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as stream:
            found = _rows(stream, label) if name.endswith(".jsonl") else _paragraphs(stream)
            return [text for text, _ in zip(found, range(most), strict=False)]
    except (OSError, UnicodeDecodeError, EOFError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise UserError(f"{path} cannot be read as texts: {type(error).__name__}: {error}") from error


def _rows(stream: Any, label: str) -> Iterator[str]:
    for line in stream:
        row = json.loads(line)
        if "language" not in row or among(row["language"], [label]):
            yield str(row["text"])


def _paragraphs(stream: Any) -> Iterator[str]:
    lines: list[str] = []
    for line in stream:
        if line.strip():
            lines.append(line)
        elif lines:
            yield "".join(lines).strip()
            lines = []
    if lines:
        yield "".join(lines).strip()


def measured(names: list[str], texts: pa.Array, label: str) -> dict[str, Any]:
    """The columns that filters ask for, measured on texts that are in no lake."""
    nothing = pa.nulls(len(texts), pa.string())
    given = {"text": texts, "language": pa.array([label] * len(texts), pa.string()), "url": nothing, "domain": nothing}
    found: dict[str, Any] = {**given, "chars": np.asarray(pc.utf8_length(texts)).astype(np.float64)}
    for name in registry.names("signals"):
        if set(registry.module("signals", name).COLUMNS) & set(names):
            found.update(registry.step("signals", name)(*(given[column] for column in registry.reads(name))))
    return found


def counted(texts: pa.Array) -> Mapping[str, int]:
    """How often each word comes."""
    counts = pc.value_counts(words_of(texts))
    return dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True))


def from_lake(project: Project, label: str, *, extractor: str = "resiliparse", most: int = MAX_TEXTS) -> Reference:
    """Extracted texts of a language with their signals: of all crawls, those with the smallest ids, which are hashes.

    Raises MissingInput where there are no signals by this extractor, or no texts of this language.
    """
    there = [p for p in project.lake.partitions("signals") if p["extractor"] == extractor]
    if not there:
        raise MissingInput(
            f"the lake has no signals by {extractor}; run a recipe to signals, or give --from and --english"
        )
    names, kept, read = asked(), None, []
    for partition in there:
        place = project.lake.input("signals", partition)
        read.append(f"{partition['crawl']} v{place.version}")
        texts = {f.shard: f.name for f in project.lake.read(project.lake.made_from(place, "extracted"))}
        for file in project.lake.read(place):
            for rows in _spoken(project, texts[file.shard], file.name, names, label):
                kept = _smallest(rows if kept is None else pa.concat_tables([kept, rows]), most)
    if kept is None or kept.num_rows == 0:
        raise MissingInput(f"the lake has no text of {canonical(label)} by {extractor}; give --from and --english")
    kept = kept.sort_by("doc_id").slice(0, most)
    texts_kept = kept.column("text").combine_chunks()
    columns = {
        n: np.asarray(kept.column(n).cast(pa.float64())) for n in kept.column_names if n not in ("doc_id", "text")
    }
    given = {**columns, "text": texts_kept, "language": pa.array([label] * kept.num_rows)}
    said = f"lake, signals by {extractor}: {', '.join(read)}"
    return Reference(canonical(label), given, counted(texts_kept), columns["language_score"], said)


def _spoken(project: Project, texts: str, numbers: str, names: list[str], label: str) -> Iterator[pa.Table]:
    storage = project.lake.storage
    wanted = [*dict.fromkeys(["doc_id", "outcome", "language", "language_score", *(n for n in names if n != "text")])]
    for text, number in read_aligned(storage, texts, numbers, ["doc_id", "text"], wanted):
        labels = [said is not None and among(said, [label]) for said in number.column("language").to_pylist()]
        there = pc.and_(pc.equal(number.column("outcome"), "kept"), pa.array(labels, pa.bool_()))
        columns = {n: number.column(n) for n in wanted if n not in ("outcome", "language")}
        yield pa.table({**columns, "text": text.column("text")}).filter(there)


def _smallest(rows: pa.Table, most: int) -> pa.Table:
    return rows if rows.num_rows <= 2 * most else rows.sort_by("doc_id").slice(0, most)
