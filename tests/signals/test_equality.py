"""The signals of words and lines equal their plain-Python references, in every mode, on any text, in any batch."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import registry
from headwater.errors import UserError
from tests.signals import reference
from tests.texts import extracted_texts

NAMES = ("words", "dclm_words", "dolma_words", "lines", "dclm_lines", "dolma_lines")
SIGNALS = {name: registry.step("signals", name) for name in NAMES}
# Words that meet often, so that n-grams repeat, and every kind of character that a rule is about.
PIECES = (
    "the", "The", "to", "be", "a", "ab", "word", "longerword", "1", "3.14", "1,000", "don't", "x_y", "U.S.", "#", "##",
    "...", "…", ".", ",", "•", "-", ":", "—", "中", "文", "の", "カ", "ส", "วั", "é", "e\u0301", "\u0301", "\u200b",
    "\ufeff", "\u2019", "\x00", "😀", "👩\u200d💻", "\U0001d504", "\U000e0001", " ", "  ", "\t", "\n", "\n\n", "\n\n\n",
    "\r\n", "\r", "\x0b", "\x1c", "\x85", "\u2028", "\u2029", "\u00a0", "\u3000", "\u202f",
    ". . .", "●", "*", "cannot", "U.S.A", ":-)", "10km", "(see", "end.", "a-b", "http://x.org", "\0", "\ufffd",
    "THE", "...x",
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=80).map("".join),
    st.lists(st.sampled_from(("ab", "c", "de", "中", "!")), max_size=80).map(" ".join),
    st.lists(st.sampled_from(("one", "two", "", " ", "- x", "end...")), max_size=30).map("\n".join),
    # Words that are the same glued together, and words around the lengths that are compared at once.
    st.lists(st.sampled_from(("a", "b", "ab", "ba", "aab", "a" * 15, "a" * 16, "ab" * 9)), max_size=60).map(" ".join),
)


def assert_equal(batch, plain):
    for name, signal in SIGNALS.items():
        got = signal(batch)
        for i, text in enumerate(plain):
            wanted = getattr(reference, name)(text)
            assert {column: values[i] for column, values in got.items()} == wanted, (name, i, text[:200])


@settings(max_examples=300, deadline=None)
@given(st.lists(texts, max_size=4))
def test_kernels_equal_the_reference_for_any_text(batch):
    assert_equal(pa.array(batch, pa.string()), batch)


def test_kernels_equal_the_reference_on_every_page_of_the_sample(sample):
    plain = list(extracted_texts(sample))
    assert len(plain) > 300
    assert_equal(pa.array(plain), plain)


def test_kernels_equal_the_reference_on_real_web_pages(test_data):
    plain = list(extracted_texts(test_data / "crawls" / "crawl-data" / "REALWEB-2025-10"))
    assert len(plain) > 300
    assert_equal(pa.array(plain), plain)


@pytest.mark.parametrize("signal", SIGNALS.values(), ids=SIGNALS)
def test_a_batch_of_one_gives_what_a_batch_of_many_gives(signal):
    plain = ["", "a", "the end of the line\n" * 9, "中文 " * 40, "- x\n- x\n\n- x"]
    many = signal(pa.array(plain))
    for i, text in enumerate(plain):
        one = signal(pa.array([text]))
        assert {c: v[0] for c, v in one.items()} == {c: v[i] for c, v in many.items()}


@pytest.mark.parametrize("signal", SIGNALS.values(), ids=SIGNALS)
def test_slices_large_strings_and_nulls_are_read_as_texts(signal):
    whole = pa.array(["zzz zzz", "to be of", None, "", "a\n\na"])
    part, plain = whole.slice(1, 4), pa.array(["to be of", "", "", "a\n\na"])
    wanted = signal(plain)
    for batch in (part, part.cast(pa.large_string()), whole.slice(1), whole.dictionary_encode().slice(1)):
        assert all(np.array_equal(values, wanted[column]) for column, values in signal(batch).items())


@pytest.mark.parametrize("name", SIGNALS)
def test_columns_are_float64_named_by_the_module_and_never_nan(name):
    module = registry.module("signals", name)
    got = SIGNALS[name](pa.array(["", "\n", "\x00", "one two"]))
    assert tuple(got) == module.COLUMNS
    assert all(v.dtype == np.float64 and v.shape == (4,) and np.isfinite(v).all() for v in got.values())


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("batch", [[], [None], [""], ["", ""]], ids=str)
def test_batches_without_bytes_have_signals(name, batch):
    got = SIGNALS[name](pa.array(batch, pa.string()))
    assert all(v.shape == (len(batch),) for v in got.values())


def test_a_text_over_2_gib_is_refused_before_it_is_read():
    # Pages of zeros that nobody touches take no memory.
    buffers = [None, pa.py_buffer(np.array([0, 2**31])), pa.py_buffer(np.zeros(2**31, np.uint8))]
    with pytest.raises(UserError, match="lower the page size limit"):
        SIGNALS["words"](pa.Array.from_buffers(pa.large_string(), 1, buffers))


@pytest.mark.parametrize("name", SIGNALS)
def test_importing_a_signal_does_not_import_numba(name):
    code = f"import sys, headwater.signals.{name}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_texts_that_are_not_utf8_stay_inside_their_bytes():
    broken = [b"\xff", b"\xe2\x80", b"a\xf4\xbf\xbf\xbf\xf7\xbf", b"\xc2", b"\x80\x80", b"\n\xe2"]
    offsets = np.cumsum([0, *map(len, broken)], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(broken))]
    batch = pa.Array.from_buffers(pa.string(), len(broken), buffers)
    for signal in SIGNALS.values():
        assert all(np.isfinite(v).all() for v in signal(batch).values())
