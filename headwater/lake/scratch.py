"""Files between the phases of one stage: kept until the stage is committed, so that a killed run finds them again."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq

from headwater.lake.store import Draft


def folder(draft: Draft) -> str:
    """Where a draft keeps what is between its phases, relative to the lake root."""
    return f"_scratch/{draft.folder}/{draft.key[:16]}"


def name(draft: Draft, kind: str, part: str) -> str:
    """The scratch file of one part of one phase."""
    return f"{folder(draft)}/{kind}/{part}.parquet"


def uri(draft: Draft, kind: str, part: str) -> str:
    """Full path of a scratch file."""
    return draft.storage.uri(name(draft, kind, part))


def missing(draft: Draft, kind: str, parts: list[str]) -> list[str]:
    """Parts of a phase that are still to be made."""
    there = {entry.removesuffix(".parquet") for entry in draft.storage.names(f"{folder(draft)}/{kind}")}
    return [part for part in parts if part not in there]


@contextmanager
def writer(
    draft: Draft, kind: str, part: str, schema: pa.Schema, *, compression: str = "zstd"
) -> Iterator[pq.ParquetWriter]:
    """Writes one scratch file, whole or not at all."""
    with (
        draft.storage.create(name(draft, kind, part)) as sink,
        pq.ParquetWriter(sink, schema, compression=compression, use_dictionary=compression == "zstd") as out,
    ):
        yield out


def clear(draft: Draft) -> None:
    """Remove all scratch files of a draft; they are of no use once it is committed."""
    draft.storage.remove(folder(draft))
