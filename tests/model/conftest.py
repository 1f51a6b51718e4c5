"""A small tokenizer for the model's tests."""

import pytest

from headwater.model import tokenizer as bpe


@pytest.fixture(scope="session")
def tokenizer_json():
    texts = ["The water runs from the mountains through the valley to the sea. " * 4, "Öl, Wasser, 水, wasser. " * 4]
    return bpe.train_tokenizer(texts, vocab_size=300)
