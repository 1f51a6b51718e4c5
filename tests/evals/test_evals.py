"""The evals on a real, small model, and bits per byte by its definition."""

import subprocess
import sys
from math import log2

import numpy as np
import pytest

from headwater import registry
from headwater.errors import MissingInput
from headwater.evals.arc_easy import arc_easy
from headwater.evals.bits_per_byte import bits_per_byte
from headwater.evals.copa import copa
from headwater.model import tokenizer as bpe
from headwater.model.language_model import LanguageModel
from headwater.model.training import train
from headwater.model.transformer import Transformer, TransformerConfig

TEXT = "The water runs from the mountains through the valley to the sea, and the sea is not full. "


@pytest.fixture(scope="module")
def json_text():
    return bpe.train_tokenizer([TEXT * 3], vocab_size=300)


@pytest.fixture(scope="module")
def config(json_text):
    size = bpe.load(json_text).get_vocab_size()
    return TransformerConfig(
        vocab_size=size, hidden_size=32, layers=2, heads=2, kv_heads=2, intermediate_size=64, max_positions=64
    )


@pytest.fixture(scope="module")
def untrained(json_text, config):
    return LanguageModel(Transformer(config), bpe.load(json_text), device="cpu", threads=1)


def test_a_model_that_knows_nothing_needs_the_bits_of_a_uniform_guess(untrained):
    texts = ["abcdefg", TEXT]
    tokens = sum(len(row) - 1 for row in bpe.encode_batch(untrained.tokenizer, texts).to_pylist())
    score = bits_per_byte(untrained, texts=texts)[0]
    uniform = tokens * log2(untrained.model.config.vocab_size) / sum(map(len, texts))
    assert score.score == pytest.approx(uniform, rel=0.05)
    assert (score.task, score.metric, score.n) == ("held_out", "bits_per_byte", 2)


def test_training_lowers_the_bits_of_what_was_learnt(untrained, json_text, config):
    stream = np.array(bpe.encode_batch(bpe.load(json_text), [TEXT] * 120).flatten(), dtype=np.uint16)
    model = train(
        stream, config=config, seed=1, steps=40, batch_size=8, seq_len=32, lr=1e-2, device="cpu", threads=1
    ).model
    trained = LanguageModel(model, bpe.load(json_text), device="cpu", threads=1)
    before, after = (bits_per_byte(lm, texts=[TEXT] * 3)[0].score for lm in (untrained, trained))
    assert after < before / 3


def test_the_standard_error_is_over_documents(untrained):
    same = bits_per_byte(untrained, texts=[TEXT] * 5)[0]
    mixed = bits_per_byte(untrained, texts=[TEXT, "zq" * 40, "水" * 30, TEXT])[0]
    assert same.standard_error == pytest.approx(0, abs=1e-6)
    assert mixed.standard_error > 0.1


def test_empty_texts_do_not_count(untrained):
    assert bits_per_byte(untrained, texts=["", TEXT, "", TEXT])[0].n == 2
    with pytest.raises(MissingInput, match="hold out more"):
        bits_per_byte(untrained, texts=["", ""])
    with pytest.raises(MissingInput, match="at least 2"):
        bits_per_byte(untrained, texts=["one"])


@pytest.mark.parametrize(("evaluate", "name"), [(arc_easy, "arc_easy"), (copa, "copa")])
def test_the_embedded_examples_are_scored_by_a_real_model(untrained, sample, evaluate, name):
    first, again = (evaluate(untrained, examples=sample / "eval" / f"{name}.jsonl", limit=6) for _ in range(2))
    assert first == again
    assert [score.metric for score in first] == [
        "accuracy", "centred_accuracy", "summed_accuracy", "gold_bits_per_byte",
    ]  # fmt: skip


def test_listing_evals_and_mixers_imports_no_torch(root):
    code = (
        "import sys; from headwater import registry; registry.discover('evals'), registry.discover('mixers');"
        "import headwater.model.tokenizer, headwater.model.loader; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
    assert {"arc_easy", "bits_per_byte", "copa"} <= set(registry.names("evals"))
