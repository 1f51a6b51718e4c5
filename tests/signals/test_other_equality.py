"""Signals of lines, entropy, compression, addresses and bad words equal their plain references, in any batch."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import registry
from headwater.signals.toxicity import toxicity
from tests.signals import other_reference as reference
from tests.texts import extracted_texts

OF_TEXTS = ["line_kinds", "entropy", "compression"]
NAMES = [*OF_TEXTS, "url"]
SIGNALS = {name: registry.step("signals", name) for name in NAMES}
# Every character that a rule is about, and the words between which it stands.
PIECES = (
    "a", "word", "A", "LOUD", "X", "1", "42", ".", "?", "!", "...", "…", "。", "？", "؟", "।", '"', "'", ")", "”", "»",
    "」", "U.S.", "J.", " and", " The", "{", "}", "|", "| a | b |", "=", "(", "\t", "    ", "```", "~~~", "\\",
    "\\frac", "\\Alpha", "\\alphabet", "\\sum_", "\\in", "lorem ipsum", "Lorem Ipsum", "JavaScript", "javascript",
    "privacy policy", "Terms of Use", "cookie", "cookie policy", "uses cookies", "use of cookies", "use cookies", "É",
    "Ж", "ж", "中", "ß", "\U0001d400", "\U000e0001", "\U0002f800", "\x00", "\x85", "\u2028", "\u3000", "\u00a0", "\r",
    " ", "  ", "\n", "\n\n",
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(PIECES), max_size=80).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join),
    st.lists(st.sampled_from(("one two three", "one", "", "x" * 31, "- y", "end.")), max_size=30).map("\n".join),
    st.lists(st.sampled_from(("abcd", "abcdefgh", "x", "zz")), max_size=99).map("".join),
)
URL_PIECES = (
    "http://",
    "https:",
    "//",
    "a.b",
    "www.",
    "/",
    "?",
    "&",
    ";",
    "=",
    "#",
    "@",
    ":",
    "80",
    "[::1]",
    "é",
    ".",
    "x1",
)
urls = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(URL_PIECES), max_size=16).map("".join))
# Entries, what is nearly one, and what may stand around one; the lists are those of the package.
BAD = (
    "ass",
    "Ass",
    "sex",
    "2g1c",
    "xx",
    "🖕",
    "blow job",
    "blow  job",
    "assess",
    "class",
    "хуй",
    "ХУЙ",
    "女の子",
    "乳房",
    "性",
)
AROUND = (" ", "", "_", "-", ".", "a", "é", "\u0301", "1", "\n", "ж", "中", "\u200b")
bad_texts = st.lists(st.one_of(st.sampled_from(BAD), st.sampled_from(AROUND)), max_size=40).map("".join)
LONG = (
    "a" * 5000, "A" * 3001, "{" * 2500, "|" * 2050 + "\n" + "1" * 1999, "中" * 1500, "。" * 1200, "x. " * 1500,
    "ab" * 40_000, "\\frac" * 900, "".join(map(chr, range(0x4E00, 0x9000))), "é" * 2100 + "\nÉ" * 1100,
)  # fmt: skip


def row(values, i):
    return {column: value[i] for column, value in values.items()}


def assert_equal(name, plain):
    got = SIGNALS[name](pa.array(plain, pa.string()))
    for i, text in enumerate(plain):
        wanted = getattr(reference, name)(text)
        found = row(got, i)
        if name == "entropy":
            assert found == pytest.approx(wanted, abs=1e-5), text[:200]
        else:
            assert found == wanted, (name, text[:200])


@pytest.mark.parametrize("name", OF_TEXTS)
@settings(max_examples=250, deadline=None)
@given(batch=st.lists(texts, max_size=3))
def test_kernels_equal_the_reference_for_any_text(name, batch):
    assert_equal(name, batch)


@settings(max_examples=250, deadline=None)
@given(batch=st.lists(urls, max_size=3))
def test_the_url_kernel_equals_the_reference_for_any_address(batch):
    assert_equal("url", batch)


@pytest.mark.parametrize("name", OF_TEXTS)
def test_kernels_equal_the_reference_for_long_lines_and_large_counts(name):
    assert_equal(name, list(LONG))


@pytest.mark.parametrize("name", OF_TEXTS)
def test_kernels_equal_the_reference_on_every_page_of_the_sample(name, sample):
    plain = list(extracted_texts(sample))
    assert len(plain) > 300
    assert_equal(name, plain)


@pytest.mark.parametrize("name", OF_TEXTS)
def test_kernels_equal_the_reference_on_real_web_pages(name, test_data):
    assert_equal(name, list(extracted_texts(test_data / "crawls" / "crawl-data" / "REALWEB-2025-10")))


@settings(max_examples=250, deadline=None)
@given(text=bad_texts, language=st.sampled_from(("en", "ru", "ja", "zh", "de")))
def test_bad_words_equal_the_reference_for_any_text(text, language):
    got = toxicity(pa.array([text]), pa.array([language]))
    assert row(got, 0) == reference.toxicity(text, language)


def test_bad_words_equal_the_reference_on_real_web_pages(test_data):
    plain = list(extracted_texts(test_data / "crawls" / "crawl-data" / "REALWEB-2025-10"))
    got = toxicity(pa.array(plain), pa.array(["en"] * len(plain)))
    assert sum(got["bad_words"]) > 10
    for i, text in enumerate(plain):
        assert row(got, i) == reference.toxicity(text, "en")


def test_a_parse_of_the_reference_gives_back_the_text():
    for text in ("", "abc", "abcdabcdabcd", "the end of the line\n" * 99, "".join(map(chr, range(500)))):
        data, back = text.encode(), b""
        for part in reference.parsed(data):
            if isinstance(part, bytes):
                back += part
            else:
                for _ in range(part[1]):
                    back += back[-part[0]].to_bytes()
        assert back == data


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_of_one_gives_what_a_batch_of_many_gives(name):
    plain = [
        "",
        "a",
        " \u00a0 {",
        "The end. The end.\n" * 9,
        "中文。" * 40,
        "```\nx\n",
        "| a |\n| b |",
        "http://a.b/c?d=1",
    ]
    many = SIGNALS[name](pa.array(plain))
    for i, text in enumerate(plain):
        assert row(SIGNALS[name](pa.array([text])), 0) == row(many, i)


@pytest.mark.parametrize("name", NAMES)
def test_slices_large_strings_and_nulls_are_read_as_texts(name):
    whole = pa.array(["zzz. zzz", "To be.", None, "", "a\n\na"])
    wanted = SIGNALS[name](pa.array(["To be.", "", "", "a\n\na"]))
    for batch in (whole.slice(1, 4), whole.slice(1, 4).cast(pa.large_string()), whole.dictionary_encode().slice(1)):
        assert all(np.array_equal(values, wanted[column]) for column, values in SIGNALS[name](batch).items())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("batch", [[], [None], ["", "\n", "\x00", "one two"]], ids=str)
def test_columns_are_float64_named_by_the_module_and_never_nan(name, batch):
    got = SIGNALS[name](pa.array(batch, pa.string()))
    assert tuple(got) == registry.module("signals", name).COLUMNS
    assert all(v.dtype == np.float64 and v.shape == (len(batch),) and np.isfinite(v).all() for v in got.values())
    assert all(((v >= 0) & (v <= 1)).all() for column, v in got.items() if column.endswith("_ratio"))


@pytest.mark.parametrize("name", [*NAMES, "toxicity"])
def test_importing_a_signal_does_not_import_numba(name):
    code = f"import sys, headwater.signals.{name}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_texts_that_are_not_utf8_stay_inside_their_bytes():
    broken = [
        b"\xff",
        b"\xe2\x80",
        b"a\xf4\xbf\xbf\xbf\xf7\xbf",
        b"\xc2",
        b"\x80\x80",
        b"\n\xe2",
        b"as\xc3",
        b"\xf5\xbf\xbf\xbf",
    ]
    offsets = np.cumsum([0, *map(len, broken)], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(broken))]
    batch = pa.Array.from_buffers(pa.string(), len(broken), buffers)
    for name in NAMES:
        assert all(np.isfinite(v).all() for v in SIGNALS[name](batch).values())
    assert all(np.isfinite(v).all() for v in toxicity(batch, pa.array(["en", "zh"] * 4)).values())
