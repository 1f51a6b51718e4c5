"""Exact duplicates."""

import hashlib

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dedupers.exact import exact

TEXTS = pa.array(["one", "two", "one", "", "", None, None, "One"])


def test_equal_texts_share_a_key():
    keys, valid = exact().keys(TEXTS)
    assert keys.shape == (8, 2)
    assert keys[0].tolist() == keys[2].tolist()
    assert keys[3].tolist() == keys[4].tolist()
    assert len(set(keys[valid, 0].tolist())) == 4


def test_a_key_is_the_head_of_the_digest():
    head = hashlib.sha256(b"two").digest()[:8]
    assert exact().keys(TEXTS)[0][1, 0] == int.from_bytes(head, "big", signed=True)


def test_a_missing_text_is_no_candidate():
    assert exact().keys(TEXTS)[1].tolist() == [True] * 5 + [False] * 2 + [True]


def test_similarity_compares_bytes_and_a_missing_text_equals_nothing():
    right = pa.array(["one", "Two", "one", "", None, None, "one", "one"])
    assert exact().similarity(TEXTS, right).tolist() == [1, 0, 1, 1, 0, 0, 0, 0]


def test_no_texts_have_no_keys():
    keys, valid = exact().keys(pa.array([], pa.string()))
    assert keys.shape == (0, 2)
    assert valid.shape == (0,)


@settings(deadline=None)
@given(st.lists(st.text()), st.integers(0, 9))
def test_a_slice_has_the_keys_of_its_texts(texts, start):
    keys = exact().keys(pa.array(texts, pa.string()))[0]
    assert exact().keys(pa.array(texts, pa.large_string())[start:])[0].tolist() == keys[start:].tolist()
