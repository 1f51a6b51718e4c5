"""Training documents as compressed JSON lines, the form that Dolma and datatrove read (jsonlines.org, RFC 8878).

One line a document with doc_id, crawl, url, text, language, licence, licence_class, copies and tokens. A file ends at
the document that fills it; the same release gives the same bytes.
"""

import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, count
from typing import Any, BinaryIO, Literal

import pyarrow as pa

from headwater.errors import UserError

VERSION = 1
ENDING = {"zstd": "zst", "gz": "gz"}


def jsonl(
    documents: Iterable[pa.RecordBatch],
    *,
    compression: Literal["zstd", "gz"] = "zstd",
    bytes_per_file: int = 256_000_000,
) -> Iterator[tuple[str, Callable[[BinaryIO], None]]]:
    """Files of about `bytes_per_file` bytes before compression, each by name with what writes it.

    Streaming: write each file before the next one is asked for. Raises UserError where `bytes_per_file` is below 1.
    """
    if bytes_per_file < 1:
        raise UserError(f"bytes_per_file: {bytes_per_file} holds nothing; give at least 1")
    lines = _lines(documents)
    for number in count():
        head = next(lines, None)
        if head is None:
            return
        name = f"{number:05d}.jsonl.{ENDING[compression]}"
        yield name, partial(_write, lines=chain([head], lines), compression=compression, size=bytes_per_file)


def _lines(documents: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    for batch in documents:
        for row in batch.to_pylist():
            yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _write(file: BinaryIO, *, lines: Iterator[bytes], compression: str, size: int) -> None:
    with _compressed(file, compression) as out:
        written = 0
        for line in lines:
            out.write(line)
            written += len(line)
            if written >= size:
                return


def _compressed(file: BinaryIO, compression: str) -> Any:
    if compression == "gz":
        # No name and no time in the header: they are not facts about the documents.
        return gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0)
    return pa.CompressedOutputStream(pa.PythonFile(_Lent(file), mode="w"), compression)


class _Lent(io.RawIOBase):
    """A file that stays open when Arrow closes it: it belongs to the caller."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def write(self, data: Any) -> int:
        return self._file.write(data)

    def writable(self) -> bool:
        return True
