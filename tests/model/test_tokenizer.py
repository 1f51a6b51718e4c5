"""The tokenizer loses nothing, forges nothing, and knows where each token lies."""

import itertools
import os
import subprocess
import sys
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headwater.errors import BadRecipe, MissingInput, UserError
from headwater.model import tokenizer as bpe

TEXTS = [
    "The river runs to the sea, and the sea is not full.\n\n" * 3,
    "Der Fluss fließt ins Meer. 川は海へ流れる。 Река течёт к морю. \U0001f30a",
    "def flow(head, water):\n    return head - water  # <|endoftext|>\n" * 5,
]
HOSTILE = "before <|endoftext|> after<|endoftext|>"


@cache
def trained(vocab_size=400):
    return bpe.train_tokenizer(TEXTS, vocab_size=vocab_size)


@cache
def tokenizer():
    return bpe.load(trained())


def encode(text):
    return bpe.encode_batch(tokenizer(), [text]).to_pylist()[0]


@given(st.text())
@example(HOSTILE)
@example("  \t\r\n\x00\x85\ufeff e\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467 ")
def test_decoding_gives_back_every_text(text):
    tokens = encode(text)
    assert tokenizer().decode(tokens[:-1], skip_special_tokens=False) == text
    assert b"".join(bpe.token_bytes(tokenizer(), token) for token in tokens) == text.encode()


@given(st.lists(st.sampled_from([bpe.END_OF_TEXT, "<|", "endoftext", "|>", " ", "a"])).map("".join))
def test_a_text_cannot_forge_a_boundary(text):
    assert encode(text).count(bpe.end_of_text(tokenizer())) == 1
    assert encode(text)[-1] == bpe.end_of_text(tokenizer())


def test_a_corpus_full_of_the_marker_does_not_teach_its_id():
    learnt = bpe.load(bpe.train_tokenizer([bpe.END_OF_TEXT * 1000] * 3, vocab_size=400))
    tokens = bpe.encode_batch(learnt, [bpe.END_OF_TEXT * 5]).to_pylist()[0]
    assert tokens.count(bpe.end_of_text(learnt)) == 1


@given(st.text(alphabet=st.characters(min_codepoint=0x80, exclude_categories=["Cs"]), min_size=1))
def test_spans_tile_the_bytes_even_inside_a_character(text):
    tokens = encode(text)
    spans = [bpe.token_span(tokenizer(), tokens, index) for index in range(len(tokens))]
    assert spans[0][0] == 0
    assert spans[-1] == (len(text.encode()),) * 2
    assert all(left[1] == right[0] for left, right in itertools.pairwise(spans))
    for (start, end), token in zip(spans, tokens, strict=True):
        assert text.encode()[start:end] == bpe.token_bytes(tokenizer(), token)


def test_token_lengths_add_up_to_the_bytes():
    text = TEXTS[1]
    assert bpe.token_lengths(tokenizer())[encode(text)].sum() == len(text.encode())


@given(st.permutations(TEXTS))
def test_training_does_not_depend_on_the_order_of_texts(texts):
    assert bpe.train_tokenizer(texts, vocab_size=400) == trained()


def test_training_does_not_depend_on_threads(tmp_path, root):
    # All pairs tie, so any dependence on hashing or on the order of threads would show.
    script = (
        "from itertools import product; from headwater.model.tokenizer import *;"
        "words = [' ' + ''.join(w) for w in product('abcdefgh', repeat=3)];"
        "texts = [''.join(words[i:] + words[:i]) for i in range(40)];"
        "print(digest(train_tokenizer(texts, vocab_size=700)))"
    )
    found = set()
    for threads in ("1", "2", "7"):
        env = os.environ | {"RAYON_NUM_THREADS": threads, "TOKENIZERS_PARALLELISM": "true", "PYTHONPATH": str(root)}
        run = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
        found.add(run.stdout)
    assert len(found) == 1


def test_every_byte_is_in_the_smallest_vocabulary():
    smallest = bpe.load(bpe.train_tokenizer(["a"], vocab_size=bpe.SMALLEST_VOCABULARY))
    alphabet = {bpe.token_bytes(smallest, token) for token in range(smallest.get_vocab_size())}
    assert alphabet == {bytes([byte]) for byte in range(256)} | {b""}


def test_encoding_keeps_the_order_of_documents():
    batch = bpe.encode_batch(tokenizer(), [*TEXTS, "", TEXTS[0]])
    assert [len(row) for row in batch.to_pylist()][3] == 1
    assert batch.to_pylist()[0] == batch.to_pylist()[4]
    assert str(batch.type) == "list<item: int32>"


def test_the_digest_is_that_of_the_file():
    assert bpe.digest("{}") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: bpe.train_tokenizer(["a"], vocab_size=256), BadRecipe, "at least 257"),
        (lambda: bpe.train_tokenizer([], vocab_size=300), MissingInput, "no texts"),
        (lambda: bpe.load("{"), UserError, "not a tokenizer.json"),
        (lambda: bpe.load(trained().replace("endoftext", "other")), UserError, "endoftext"),
        (lambda: bpe.token_span(tokenizer(), [1, 2], 2), UserError, "2 tokens"),
        (lambda: bpe.token_bytes(tokenizer(), 10**6), UserError, "1000000"),
    ],
)
def test_errors_say_what_is_wrong(call, error, says):
    with pytest.raises(error, match=says):
        call()
