"""The training stream, and the order in which a model reads it.

Concatenating all rows of all shards in order gives the stream. It is cut into windows of `seq_len + 1` tokens, each
starting where the last one ended, whatever documents they cross (as DCLM does, arXiv:2406.11794): the first `seq_len`
tokens are the input, the last `seq_len` the target. A tail shorter than a window is never read. Every epoch reads all
windows once in its own order, which depends on the seed and the number of windows alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.errors import MissingInput, UserError

Positions = npt.NDArray[np.int64]
# Ranks of so few windows are counted faster than all are sorted.
FEW = 16
Stream = npt.NDArray[np.uint16] | npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs and targets (batch, seq_len), int64, and the stream position where each row starts."""

    inputs: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]


def write_stream(rows: Iterable[pa.ListArray | pa.ChunkedArray], path: Path, *, vocab_size: int) -> int:
    """Flatten `tokens` columns into one .npy scratch file, a batch at a time; returns the number of tokens."""
    kind = np.dtype("<u2") if vocab_size <= 1 << 16 else np.dtype("<u4")
    partial = path.with_name(path.name + ".partial")
    total = 0
    with partial.open("wb") as file:
        _write_header(file, kind, 0)
        body = file.tell()
        for tokens in map(_flat, rows):
            if len(tokens) and not 0 <= tokens.min() <= tokens.max() < vocab_size:
                found = f"token ids {tokens.min()} to {tokens.max()}"
                raise UserError(f"{found} do not fit vocab_size {vocab_size}; use the tokenizer that made the table")
            file.write(tokens.astype(kind).tobytes())
            total += len(tokens)
        file.seek(0)
        _write_header(file, kind, total)
        assert file.tell() == body, "numpy pads the header so that the length can grow in place"
    partial.replace(path)
    return total


def _write_header(file: object, kind: np.dtype[np.unsignedinteger], length: int) -> None:
    header = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": (length,)}
    np.lib.format.write_array_header_1_0(file, header)  # type: ignore[arg-type]


def _flat(rows: pa.ListArray | pa.ChunkedArray) -> npt.NDArray[np.int32]:
    if rows.null_count:
        raise UserError(f"{rows.null_count} rows have no tokens; every row of `tokenized` must have a list, even empty")
    chunks = rows.chunks if isinstance(rows, pa.ChunkedArray) else [rows]
    flat = [chunk.flatten().to_numpy(zero_copy_only=True) for chunk in chunks]
    return np.concatenate(flat) if flat else np.empty(0, dtype=np.int32)


def open_stream(path: Path) -> Stream:
    """The stream, memory-mapped read-only: pages are read as batches touch them."""
    stream: Stream = np.load(path, mmap_mode="r", allow_pickle=False)
    return stream


def windows(tokens: int, seq_len: int) -> int:
    """How many whole windows a stream of `tokens` holds. Raises MissingInput when there is none."""
    found = tokens // (seq_len + 1)
    if found == 0:
        raise MissingInput(f"the stream has {tokens} tokens, one window needs {seq_len + 1}; lower seq_len")
    return found


def order(n_windows: int, *, seed: int) -> Iterator[int]:
    """Window numbers without end, epoch after epoch, each epoch a permutation of its own.

    Raw PCG64 output is sorted, because numpy promises that stream for ever, and the shuffles built on it not.
    """
    for epoch in count():
        draws = np.random.PCG64(np.random.SeedSequence([seed, epoch])).random_raw(n_windows)
        yield from np.argsort(draws, kind="stable").tolist()


def batches(stream: Stream, *, batch_size: int, seq_len: int, seed: int) -> Iterator[Batch]:
    """Full batches without end; where an epoch ends inside a batch, the next one fills it."""
    numbers = order(windows(len(stream), seq_len), seed=seed)
    for chosen in iter(lambda: list(islice(numbers, batch_size)), []):
        starts = np.array(chosen, dtype=np.int64) * (seq_len + 1)
        rows = np.stack([stream[start : start + seq_len + 1] for start in starts]).astype(np.int64)
        yield Batch(rows[:, :-1], rows[:, 1:], starts)


def positions_seen(tokens: int, *, steps: int, batch_size: int, seq_len: int, seed: int) -> npt.NDArray[np.int64]:
    """What `steps` batches covered: sorted, disjoint (start, end) stream positions. Join with `first_token`."""
    numbers = islice(order(windows(tokens, seq_len), seed=seed), steps * batch_size)
    read = np.unique(np.fromiter(numbers, dtype=np.int64)) * (seq_len + 1)
    if not len(read):
        return np.empty((0, 2), dtype=np.int64)
    gap = np.flatnonzero(np.diff(read) > seq_len + 1)
    first = read[np.concatenate(([0], gap + 1))]
    last = read[np.concatenate((gap, [len(read) - 1]))] + seq_len + 1
    return np.stack([first, last], axis=1)


def tokens_read(
    tokens: int, starts: Positions, ends: Positions, *, steps: int, batch_size: int, seq_len: int, seed: int
) -> int:
    """How many of the stream's positions in [start, end) spans `steps` batches covered, each counted once."""
    training = {"steps": steps, "batch_size": batch_size, "seq_len": seq_len, "seed": seed}
    return int(tokens_read_of(tokens, starts, ends, **training).sum())


def tokens_read_of(
    tokens: int, starts: Positions, ends: Positions, *, steps: int, batch_size: int, seq_len: int, seed: int
) -> Positions:
    """How many positions of each [start, end) span `steps` batches covered: (spans,).

    The same as by `positions_seen`, without an order of all windows: a stream of 10^10 tokens has 10^7 of them.
    """
    size, found = seq_len + 1, windows(tokens, seq_len)
    last = np.minimum((ends - 1) // size, found - 1)
    spans = [np.arange(a, b + 1) for a, b in zip(starts // size, last, strict=True)]
    wanted = np.concatenate([np.empty(0, dtype=np.int64), *spans])
    owner = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
    inside = np.minimum(ends[owner], (wanted + 1) * size) - np.maximum(starts[owner], wanted * size)
    drawn = _drawn(wanted, found, steps * batch_size, seed)
    read = np.zeros(len(spans), dtype=np.int64)
    np.add.at(read, owner[drawn], inside[drawn])
    return read


def _drawn(wanted: Positions, found: int, reads: int, seed: int) -> npt.NDArray[np.bool_]:
    """Which windows are among the first `reads` of `order`: those of the smallest draws, the earlier of equal ones."""
    if reads >= found:
        return np.ones(len(wanted), dtype=np.bool_)
    draws = np.random.PCG64(np.random.SeedSequence([seed, 0])).random_raw(found)
    if len(wanted) <= FEW:
        ranks = [np.count_nonzero(draws < draws[w]) + np.count_nonzero(draws[:w] == draws[w]) for w in wanted]
        return np.array(ranks, dtype=np.int64) < reads
    chosen = np.zeros(found, dtype=np.bool_)
    chosen[np.argsort(draws, kind="stable")[:reads]] = True
    return np.asarray(chosen[wanted], dtype=np.bool_)
