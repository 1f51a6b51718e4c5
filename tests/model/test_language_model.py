"""Scores agree with the model read token by token, however texts are batched and windowed."""

from math import log

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.errors import UserError
from headwater.model import checkpoint
from headwater.model import tokenizer as bpe
from headwater.model.language_model import LanguageModel
from headwater.model.transformer import Transformer, TransformerConfig

POSITIONS = 16


@pytest.fixture(scope="module")
def lm(tokenizer_json):
    config = TransformerConfig(
        vocab_size=300, hidden_size=32, layers=2, heads=4, kv_heads=2, intermediate_size=48, max_positions=POSITIONS
    )
    model = Transformer(config, seed=1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2))
    return LanguageModel(model, bpe.load(tokenizer_json), device="cpu", threads=1)


def ids(lm, text):
    return bpe.encode_batch(lm.tokenizer, [text]).to_pylist()[0][:-1]


def one_by_one(lm, tokens, first):
    """Log-probability of tokens[first:], each from all that precedes it; for texts that fit."""
    with torch.no_grad():
        scores = lm.model(torch.tensor([tokens]))[0].double().log_softmax(-1)
    return sum(scores[place - 1, tokens[place]].item() for place in range(first, len(tokens)))


def test_a_continuation_is_scored_after_its_context(lm):
    context, continuation = "The water", " runs"
    tokens = [bpe.end_of_text(lm.tokenizer), *ids(lm, context), *ids(lm, continuation)]
    found = lm.loglikelihoods([(context, continuation)])[0]
    assert found.tokens == len(ids(lm, continuation))
    assert found.nats == pytest.approx(one_by_one(lm, tokens, len(tokens) - found.tokens), abs=1e-4)


@settings(deadline=None, max_examples=20)
@given(pairs=st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=8))
def test_the_company_of_other_pairs_changes_no_score(lm, pairs):
    alone = [lm.loglikelihoods([pair])[0] for pair in pairs]
    together = lm.loglikelihoods(pairs)
    assert [score.tokens for score in together] == [score.tokens for score in alone]
    assert [score.nats for score in together] == pytest.approx([score.nats for score in alone], abs=1e-3)


def test_a_long_context_loses_its_beginning(lm):
    text = "".join(f" {n}" for n in range(40))
    tokens = [*ids(lm, text), *ids(lm, " sea")][-POSITIONS - 1 :]
    found = lm.loglikelihoods([(text, " sea")])[0]
    assert found.nats == pytest.approx(one_by_one(lm, tokens, len(tokens) - found.tokens), abs=1e-4)


def test_the_bits_of_a_text_count_every_byte_once(lm):
    text = "water 水"
    tokens = [bpe.end_of_text(lm.tokenizer), *ids(lm, text)]
    bits, length = lm.bits([text])[0]
    assert bits == pytest.approx(-one_by_one(lm, tokens, 1) / log(2), abs=1e-3)
    assert length == len(text.encode())


def test_a_long_text_is_read_through_windows_with_half_of_them_as_context(lm):
    text = " the sea" * 30
    tokens = [bpe.end_of_text(lm.tokenizer), *ids(lm, text)]
    assert len(tokens) > 3 * POSITIONS
    expected, done = one_by_one(lm, tokens[: POSITIONS + 1], 1), POSITIONS + 1
    while done < len(tokens):
        end = min(len(tokens), done + POSITIONS // 2)
        window = tokens[end - POSITIONS - 1 : end]
        expected += one_by_one(lm, window, len(window) - (end - done))
        done = end
    assert lm.bits([text])[0][0] == pytest.approx(-expected / log(2), rel=1e-5)


def test_texts_may_come_from_an_iterator_and_keep_their_order(lm):
    texts = ["a" * n for n in range(150)]
    assert [length for _, length in lm.bits(iter(texts))] == list(range(150))
    assert lm.bits([""]) == [(0.0, 0)]


def test_a_saved_model_scores_as_before(lm, tmp_path, tokenizer_json):
    checkpoint.save(tmp_path / "model", lm.model, tokenizer_json)
    assert LanguageModel.load(tmp_path / "model", device="cpu", threads=1).bits(["The sea."]) == lm.bits(["The sea."])


def test_another_models_tokenizer_is_refused(lm):
    larger = bpe.load(bpe.train_tokenizer(["abc abd abe " * 9, *map(str, range(9999))], vocab_size=400))
    with pytest.raises(UserError, match="the tokenizer has 400 tokens, the model 300"):
        LanguageModel(lm.model, larger, device="cpu", threads=1)
