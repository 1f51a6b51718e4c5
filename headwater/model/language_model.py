"""A transformer and its tokenizer together: what evals ask for, log-likelihoods of texts and continuations.

Every text is read after the end-of-text token, as documents are in training. A text longer than the model's positions
is read through sliding windows that move by half their length, so that each token is scored once with at least half a
window of context (except at the beginning).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from math import log
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor

from headwater.errors import UserError
from headwater.model import checkpoint
from headwater.model.devices import THREADS, Device, pick_device, repeatable
from headwater.model.tokenizer import end_of_text
from headwater.model.transformer import Transformer

# Logits are the largest thing in memory: at most this many numbers (256 MB) at a time.
MAX_LOGITS = 1 << 26


class Likelihood(NamedTuple):
    """Log-probability of a text in nats, summed over its `tokens`."""

    nats: float
    tokens: int


class _Window(NamedTuple):
    owner: int
    ids: Sequence[int]
    scored: int


class LanguageModel:
    """Scores texts. On a CPU the same texts in the same order, and the same `threads`, give the same numbers."""

    def __init__(
        self, model: Transformer, tokenizer: Tokenizer, *, device: Device = "auto", threads: int = THREADS
    ) -> None:
        self.device = pick_device(device)
        self.threads = threads
        self.model = model.to(self.device).eval()
        self.tokenizer = tokenizer
        self.positions = model.config.max_positions
        if tokenizer.get_vocab_size() > model.config.vocab_size:
            raise UserError(
                f"the tokenizer has {tokenizer.get_vocab_size()} tokens, the model {model.config.vocab_size}; "
                "give the tokenizer that the model was trained with"
            )

    @classmethod
    def load(cls, folder: Path, *, device: Device = "auto", threads: int = THREADS) -> "LanguageModel":
        """The model in a checkpoint folder."""
        model, tokenizer = checkpoint.load(folder)
        return cls(model, tokenizer, device=device, threads=threads)

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[Likelihood]:
        """log p(continuation | context) of each pair; a context that does not fit loses its beginning.

        Context and continuation are encoded apart, so that all choices of a question follow the same tokens.
        """
        end = end_of_text(self.tokenizer)
        contexts = self._encode([context for context, _ in pairs])
        continuations = self._encode([continuation for _, continuation in pairs])
        both = zip(contexts, continuations, strict=True)
        sequences = (([end, *context, *continuation], len(context) + 1) for context, continuation in both)
        return self._score(sequences)

    def bits(self, texts: Iterable[str]) -> list[tuple[float, int]]:
        """(bits, UTF-8 bytes) of each text: what it would take to send the text with this model."""
        end = end_of_text(self.tokenizer)
        lengths: list[int] = []

        def sequences() -> Iterator[tuple[list[int], int]]:
            waiting = iter(texts)
            for group in iter(lambda: list(islice(waiting, 64)), []):
                lengths.extend(len(text.encode()) for text in group)
                yield from (([end, *ids], 1) for ids in self._encode(group))

        scores = self._score(sequences())
        return [(-score.nats / log(2), length) for score, length in zip(scores, lengths, strict=True)]

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def _score(self, sequences: Iterable[tuple[list[int], int]]) -> list[Likelihood]:
        """Sums over the tokens of each sequence from the given index on."""
        nats: list[float] = []
        counts: list[int] = []
        rows = max(1, min(64, MAX_LOGITS // (self.positions * self.model.config.vocab_size)))
        windows = self._windows(sequences, nats, counts)
        with repeatable(self.device, threads=self.threads):
            for group in iter(lambda: list(islice(windows, rows)), []):
                for window, score in zip(group, self._read(group), strict=True):
                    nats[window.owner] += score
        return [Likelihood(total, count) for total, count in zip(nats, counts, strict=True)]

    def _windows(
        self, sequences: Iterable[tuple[list[int], int]], nats: list[float], counts: list[int]
    ) -> Iterator[_Window]:
        longest = self.positions + 1
        for owner, (ids, first) in enumerate(sequences):
            nats.append(0.0)
            counts.append(len(ids) - first)
            while first < len(ids):
                end = min(len(ids), max(first + max(1, self.positions // 2), longest))
                yield _Window(owner, ids[max(0, end - longest) : end], end - first)
                first = end

    def _read(self, group: Sequence[_Window]) -> list[float]:
        """Summed log-probability of the last `scored` tokens of each window."""
        width = max(len(window.ids) for window in group)
        padded = torch.zeros((len(group), width), dtype=torch.int64)
        for row, window in enumerate(group):
            padded[row, : len(window.ids)] = torch.tensor(window.ids, dtype=torch.int64)
        padded = padded.to(self.device)
        with torch.inference_mode():
            found: Tensor = self.model(padded[:, :-1]).float().log_softmax(-1)
            chosen = found.gather(-1, padded[:, 1:, None])[..., 0].double().cpu()
        last = [len(window.ids) - 1 for window in group]
        return [chosen[row, last[row] - w.scored : last[row]].sum().item() for row, w in enumerate(group)]
