"""Dedupers and embedders of a project are held to their contracts."""

import numpy as np
import pyarrow as pa
import pytest

from headwater import deduplication, embedding, registry
from headwater.document import Deduper
from headwater.errors import BrokenContract

TEXTS = pa.array(["a", "b"])
GOOD = {"keys": np.zeros((2, 1), np.int64), "valid": np.ones(2, np.bool_), "similarity": np.ones(2), "splits": 0}


def given(monkeypatch, shelf, made):
    """A shelf whose every step is this function."""
    steps = {shelf: made}
    real = registry.step
    monkeypatch.setattr(registry, "step", lambda shelf, name: steps.get(shelf) or real(shelf, name))


@pytest.mark.parametrize(
    "wrong",
    [
        {"keys": np.zeros((2, 1))},
        {"keys": np.zeros(2, np.int64)},
        {"keys": np.zeros((1, 1), np.int64)},
        {"keys": np.zeros((2, 0), np.int64)},
        {"splits": 1},
        {"valid": np.ones(1, np.bool_)},
        {"valid": np.ones(2)},
        {"similarity": np.ones(1)},
        {"similarity": np.array([0.5, np.nan])},
        {"similarity": np.array([0.5, 7.0])},
    ],
)
def test_a_deduper_that_breaks_its_contract_is_named(monkeypatch, wrong):
    said = {**GOOD, **wrong}

    def made():
        return Deduper(
            keys=lambda texts: (said["keys"], said["valid"]), similarity=lambda left, right: said["similarity"],
            threshold=0.5, splits=said["splits"],
        )  # fmt: skip

    given(monkeypatch, "dedupers", made)
    found = embedding.made(("mine", {}))
    with pytest.raises(BrokenContract, match="'mine'"):
        found.similarity(TEXTS, TEXTS) if "similarity" in wrong else found.keys(TEXTS)


@pytest.mark.parametrize("vectors", [np.zeros(2), np.ones((1, 4)), np.full((2, 4), "a"), [[1.0], [1.0], [1.0]]])
def test_an_embedder_that_breaks_its_contract_is_named(monkeypatch, vectors):
    given(monkeypatch, "embedders", lambda texts, **options: vectors)
    found = embedding.made(("semantic", {"threshold": 0.9, "embedder": "hashed_tfidf"}))
    with pytest.raises(BrokenContract, match="'hashed_tfidf'"):
        found.keys(TEXTS)


def test_a_step_that_gives_no_deduper_is_named_and_not_left_out(monkeypatch):
    given(monkeypatch, "dedupers", lambda: 3)
    with pytest.raises(BrokenContract, match="not int"):
        deduplication.Method(0, "mine", {}).made()
