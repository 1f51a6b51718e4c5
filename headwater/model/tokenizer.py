"""Byte-level BPE: train, load, encode, and say which bytes of a document a token covers.

The pre-tokenisation is GPT-2's (Radford et al. 2019), without normalisation and without a prefix space, over the full
byte alphabet: decoding gives back exactly what was encoded, whatever the text.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from headwater.errors import BadRecipe, MissingInput, UserError

END_OF_TEXT = "<|endoftext|>"
SMALLEST_VOCABULARY = 257  # 256 bytes and END_OF_TEXT


def train_tokenizer(texts: Iterable[str], *, vocab_size: int, min_frequency: int = 2) -> str:
    """tokenizer.json of a BPE learnt from `texts`; its bytes depend on the texts alone, not on threads or order."""
    if vocab_size < SMALLEST_VOCABULARY:
        raise BadRecipe(f"vocab_size is {vocab_size}; a byte-level tokenizer needs at least {SMALLEST_VOCABULARY}")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=[AddedToken(END_OF_TEXT, normalized=False)],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_not_empty(texts), trainer)
    return tokenizer.to_str() + "\n"


def _not_empty(texts: Iterable[str]) -> Iterator[str]:
    empty = True
    for text in texts:
        empty = False
        yield text
    if empty:
        raise MissingInput("no texts to train a tokenizer on; keep at least one document, or give a tokenizer.json")


def load(json_text: str) -> Tokenizer:
    """The tokenizer of a tokenizer.json. Special tokens written out in a text are encoded as the text they are."""
    try:
        tokenizer = Tokenizer.from_str(json_text)
    except Exception as error:  # the binding raises a bare Exception with the parser's message
        raise UserError(f"not a tokenizer.json: {error}; give a file written by the tokenizers library") from error
    # Not part of the JSON. Without it a web page that says <|endoftext|> would forge a document boundary.
    tokenizer.encode_special_tokens = True
    end_of_text(tokenizer)
    return tokenizer


def end_of_text(tokenizer: Tokenizer) -> int:
    """The id that ends every document."""
    token = tokenizer.token_to_id(END_OF_TEXT)
    if token is None:
        raise UserError(f"the tokenizer has no {END_OF_TEXT} token; add it as a special token, it ends every document")
    return token


def digest(json_text: str) -> str:
    """SHA-256 of a tokenizer.json."""
    return sha256(json_text.encode()).hexdigest()


def encode_batch(tokenizer: Tokenizer, texts: Sequence[str]) -> pa.ListArray:
    """Token ids of each text, ended by END_OF_TEXT, as an Arrow list array of int32."""
    end = end_of_text(tokenizer)
    encoded = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    ids: list[int] = []
    offsets = np.zeros(len(encoded) + 1, dtype=np.int32)
    for row, encoding in enumerate(encoded):
        ids += encoding.ids
        ids.append(end)
        offsets[row + 1] = len(ids)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.array(ids, dtype=np.int32)))


@lru_cache(maxsize=1)
def _byte_of_char() -> dict[str, int]:
    # GPT-2 writes the 188 printable Latin-1 bytes as themselves and the other 68, in order, from U+0100 on.
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = (byte for byte in range(256) if byte not in printable)
    return {chr(byte): byte for byte in printable} | {chr(0x100 + n): byte for n, byte in enumerate(others)}


def token_bytes(tokenizer: Tokenizer, token: int) -> bytes:
    """The bytes a token stands for; none for END_OF_TEXT."""
    written = tokenizer.id_to_token(token)
    if written is None:
        raise UserError(f"token id {token} is not in the vocabulary of {tokenizer.get_vocab_size()} tokens")
    if written == END_OF_TEXT:
        return b""
    return bytes(_byte_of_char()[char] for char in written)


def token_lengths(tokenizer: Tokenizer) -> npt.NDArray[np.int64]:
    """How many bytes each token id stands for."""
    size = tokenizer.get_vocab_size()
    return np.array([len(token_bytes(tokenizer, token)) for token in range(size)], dtype=np.int64)


def token_span(tokenizer: Tokenizer, tokens: Sequence[int], index: int) -> tuple[int, int]:
    """Where token `index` of a document lies in the UTF-8 bytes of its text: (start, end).

    Exact even where a character is split between tokens. `tokens` are the document's, from its first one.
    """
    if not 0 <= index < len(tokens):
        raise UserError(f"token {index} is outside the document, which has {len(tokens)} tokens")
    start = sum(len(token_bytes(tokenizer, token)) for token in tokens[:index])
    return start, start + len(token_bytes(tokenizer, tokens[index]))
