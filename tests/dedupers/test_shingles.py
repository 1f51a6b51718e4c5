"""The MinHash kernels against the plain-Python reference."""

from itertools import pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dedupers.minhash import minhash
from headwater.text.fold import ALONE, DROP, SPACE, TABLE_SIZE, fold_table
from tests.dedupers import reference

SMALL = {"permutations": 8, "bands": 4, "rows": 2, "seed": 7}
anything = st.text() | st.text(
    "aAbB éÉ0１٣.\u0301\u00ad中がｶไทย한\U0001f600\U00020000\U00030000\U000e0100\n", max_size=60
)


def entry(char):
    known = {"": DROP, " ": SPACE}
    became = reference.character(char)
    return known[became] if became in known else ord(became.strip()) | (ALONE if len(became) == 3 else 0)


def test_the_fold_table_agrees_with_the_reference_on_every_code_point():
    table = fold_table()
    codes = [code for code in range(TABLE_SIZE) if not 0xD800 <= code < 0xE000]
    assert [table[code] for code in codes] == [entry(chr(code)) for code in codes]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.none() | anything, max_size=4), st.integers(1, 3))
def test_keys_agree_with_the_reference_on_any_text(texts, size):
    keys, valid = minhash(shingle_words=size, **SMALL).keys(pa.array(texts, pa.string()))
    expected = [None if text is None else reference.band_keys(text, size, 4, 2, 7) for text in texts]
    assert valid.tolist() == [e is not None for e in expected]
    assert keys.tolist() == [e or [0] * 4 for e in expected]


@settings(deadline=None, max_examples=300)
@given(st.lists(anything, max_size=4), st.integers(1, 4))
def test_keys_of_characters_agree_with_the_reference_on_any_text(texts, size):
    keys, valid = minhash(shingle_characters=size, **SMALL).keys(pa.array(texts, pa.string()))
    expected = [reference.band_keys(text, -size, 4, 2, 7) for text in texts]
    assert valid.tolist() == [e is not None for e in expected]
    assert keys.tolist() == [e or [0] * 4 for e in expected]


def test_shingles_of_characters_agree_with_the_reference_on_pages_of_the_sample(sample_pages):
    texts = [page["text"] for page in sorted(sample_pages, key=lambda page: (page["dup_group"] or "", page["url"]))][
        ::6
    ]
    found = minhash(shingle_characters=24).similarity(pa.array(texts[:-1]), pa.array(texts[1:]))
    assert found.tolist() == [reference.jaccard(a, b, -24) for a, b in pairwise(texts)]


@settings(deadline=None, max_examples=300)
@given(anything, anything, st.integers(1, 3))
def test_similarity_agrees_with_the_reference_on_any_text(left, right, size):
    texts = pa.array([left, left, left + " " + right]), pa.array([right, left, right + " " + left])
    found = minhash(shingle_words=size, **SMALL).similarity(*texts)
    expected = [reference.jaccard(*(t.as_py() for t in pair), size) for pair in zip(*texts, strict=True)]
    assert found.tolist() == expected


def test_keys_agree_with_the_reference_on_every_page_of_the_sample(sample_texts):
    keys, valid = minhash(**SMALL).keys(sample_texts)
    expected = [reference.band_keys(text.as_py(), 5, 4, 2, 7) for text in sample_texts]
    assert [k if v else None for k, v in zip(keys.tolist(), valid, strict=True)] == expected


def test_similarity_agrees_with_the_reference_on_pages_of_the_sample(sample_pages):
    texts = [page["text"] for page in sorted(sample_pages, key=lambda page: (page["dup_group"] or "", page["url"]))]
    found = minhash().similarity(pa.array(texts[:-1]), pa.array(texts[1:]))
    assert found.tolist() == [reference.jaccard(a, b, 5) for a, b in pairwise(texts)]


def test_case_marks_numbers_punctuation_and_space_do_not_matter():
    left = "Élan vital, by H. Bergson (1907): 12,5 pages\u2026"
    right = "elan\u00a0vital by h bergson 2024 - 3.1 PAGES"
    assert minhash(shingle_words=2).similarity(pa.array([left]), pa.array([right])).tolist() == [1.0]


def test_a_language_without_spaces_has_shingles():
    _, valid = minhash().keys(pa.array(["今日は天気がいい", "ภาษาไทย", "한국어는 띄어쓰기를 한다"]))
    assert valid.tolist() == [True, True, False]
