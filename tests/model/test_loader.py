"""The stream is the rows in order; every epoch reads every window once."""

from itertools import islice

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import MissingInput, UserError
from headwater.model import loader

PINNED = [6, 3, 4, 0, 2, 7, 5, 1, 1, 3, 2, 7, 4, 5, 0, 6]
ROWS = st.lists(st.lists(st.lists(st.integers(0, 999), max_size=9), max_size=5), max_size=5)


def lists(rows):
    return pa.array(rows, type=pa.list_(pa.int32()))


@given(ROWS)
def test_the_stream_is_all_rows_one_after_the_other(tmp_path_factory, shards):
    path = tmp_path_factory.getbasetemp() / "stream.npy"
    total = loader.write_stream(map(lists, shards), path, vocab_size=1000)
    flat = [token for shard in shards for row in shard for token in row]
    assert loader.open_stream(path).tolist() == flat
    assert total == len(flat)


def test_a_slice_of_a_column_gives_its_own_rows_only(tmp_path):
    column = pa.chunked_array([lists([[1, 2], [3], [4, 5]]), lists([[6]])]).slice(1, 3)
    loader.write_stream([column], tmp_path / "s.npy", vocab_size=10)
    assert loader.open_stream(tmp_path / "s.npy").tolist() == [3, 4, 5, 6]


@pytest.mark.parametrize(("vocab_size", "kind"), [(65536, np.uint16), (65537, np.uint32)])
def test_the_stream_takes_no_more_bytes_than_it_needs(tmp_path, vocab_size, kind):
    loader.write_stream([lists([[vocab_size - 1]])], tmp_path / "s.npy", vocab_size=vocab_size)
    stream = loader.open_stream(tmp_path / "s.npy")
    assert stream.dtype == kind
    assert stream.tolist() == [vocab_size - 1]
    assert isinstance(stream, np.memmap)


@given(st.integers(1, 40), st.integers(1, 7), st.integers(1, 5), st.integers(0, 2**32))
def test_an_epoch_reads_every_window_once(n_windows, seq_len, batch_size, seed):
    stream = np.arange(n_windows * (seq_len + 1) + seq_len // 2, dtype=np.uint16)
    taken = islice(loader.batches(stream, batch_size=batch_size, seq_len=seq_len, seed=seed), n_windows)
    starts = np.concatenate([batch.starts for batch in taken])
    for epoch in range(batch_size):
        read = starts[epoch * n_windows : (epoch + 1) * n_windows]
        assert sorted(read) == [window * (seq_len + 1) for window in range(n_windows)]


def test_targets_are_the_inputs_one_token_later():
    stream = np.arange(100, 200, dtype=np.uint16)
    batch = next(loader.batches(stream, batch_size=3, seq_len=9, seed=0))
    assert (batch.targets == batch.inputs + 1).all()
    assert (batch.inputs[:, 0] == stream[batch.starts]).all()
    assert batch.inputs.shape == (3, 9)
    assert batch.inputs.dtype == batch.targets.dtype == np.int64


def test_the_order_is_pinned_by_the_seed():
    assert list(islice(loader.order(8, seed=7), 16)) == PINNED
    assert list(islice(loader.order(8, seed=8), 16)) != PINNED


@given(st.integers(10, 300), st.integers(1, 9), st.integers(1, 4), st.integers(0, 30), st.integers(0, 99))
def test_positions_seen_are_those_the_batches_covered(tokens, seq_len, batch_size, steps, seed):
    stream = np.zeros(tokens, dtype=np.uint16)
    seen = np.zeros(tokens, dtype=bool)
    for batch in islice(loader.batches(stream, batch_size=batch_size, seq_len=seq_len, seed=seed), steps):
        for start in batch.starts:
            seen[start : start + seq_len + 1] = True
    spans = loader.positions_seen(tokens, steps=steps, batch_size=batch_size, seq_len=seq_len, seed=seed)
    said = np.zeros(tokens, dtype=bool)
    for start, end in spans:
        said[start:end] = True
    assert (said == seen).all()
    assert (spans[1:, 0] > spans[:-1, 1]).all()


def test_a_stream_shorter_than_a_window_says_so():
    with pytest.raises(MissingInput, match=r"9 tokens, one window needs 10"):
        next(loader.batches(np.zeros(9, dtype=np.uint16), batch_size=1, seq_len=9, seed=0))


@pytest.mark.parametrize(
    ("rows", "says"), [(lists([[10]]), "vocab_size 10"), (lists([[-1]]), "-1"), (lists([[1], None]), "no tokens")]
)
def test_rows_that_cannot_be_tokens_are_refused(tmp_path, rows, says):
    with pytest.raises(UserError, match=says):
        loader.write_stream([rows], tmp_path / "s.npy", vocab_size=10)
    assert not (tmp_path / "s.npy").exists()


SPANS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=30)


@given(st.integers(10, 400), SPANS, st.integers(1, 12), st.integers(1, 4), st.integers(1, 9), st.integers(0, 3))
def test_tokens_read_are_the_positions_seen_of_the_spans(tokens, spans, steps, batch_size, seq_len, seed):
    training = {"steps": steps, "batch_size": batch_size, "seq_len": seq_len, "seed": seed}
    seen = np.zeros(tokens, dtype=bool)
    for start, end in loader.positions_seen(tokens, **training):
        seen[start:end] = True
    bounds = [(min(start, tokens), min(start + size, tokens)) for start, size in spans]
    starts, ends = np.array(bounds, dtype=np.int64).reshape(-1, 2).T
    assert loader.tokens_read(tokens, starts, ends, **training) == sum(int(seen[a:b].sum()) for a, b in bounds)
