"""Options that no run could work with are refused when a recipe is checked."""

import pytest

from headwater.dedupers import _bloom
from headwater.deduplication import Method
from headwater.errors import UserError


@pytest.mark.parametrize(("name", "options"), [
    ("lines", {"span": 10**9}),
    ("substring", {"length": 10**20}),
    ("bloom_ngram", {"max_ngram": 10**19}),
    ("minhash", {"shingle_words": 10**20}),
    ("minhash", {"shingle_characters": 2**63}),
    ("semantic", {"tables": 10**5}),
    ("semantic", {"clusters": 10**6}),
    ("semantic", {"seed": -1}),
])  # fmt: skip
def test_a_number_beyond_what_can_be_computed_is_refused(name, options):
    with pytest.raises(UserError, match=name):
        Method(0, name, options).made()


def test_a_filter_that_no_memory_holds_is_refused_by_its_bytes():
    more_than_47_bits_of_addresses = _bloom.Size(2**37, 7)
    with pytest.raises(UserError, match="562,949,953,421,312 bytes"):
        _bloom.empty(more_than_47_bits_of_addresses)
