"""Multiple choice by log-likelihood, as LLM Foundry asks and DCLM reports it (arXiv:2406.11794).

The prompt is the shots, one to a line, then the query and the delimiter without its trailing space; each choice follows
after one space. The answer is the choice of lowest perplexity, that is of highest mean log-probability per token.
Centred accuracy is (accuracy - baseline) / (1 - baseline): 0 is chance.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.document import Score
from headwater.errors import MissingInput, UserError
from headwater.evals._statistics import mean, ratio

if TYPE_CHECKING:
    from headwater.model.language_model import LanguageModel, Likelihood

EXAMPLE_DELIMITER = "\n"


@dataclass(frozen=True, slots=True)
class Question:
    """A query, its choices, and which of them is right."""

    query: str
    choices: tuple[str, ...]
    gold: int


@dataclass(frozen=True, slots=True)
class Task:
    """How a task is asked: its name, what stands between query and choice, and what guessing scores."""

    name: str
    delimiter: str
    baseline: float


def read(examples: str | Path) -> list[Question]:
    """Questions from a .jsonl or .jsonl.gz file with query, choices and gold on each line."""
    path = Path(examples)
    if not path.is_file():
        raise MissingInput(f"no examples at {path}; give the path of a .jsonl or .jsonl.gz file")
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return [_question(line, f"{path}:{number}") for number, line in enumerate(lines, 1)]


def _question(line: str, place: str) -> Question:
    try:
        found: Any = json.loads(line)
        question = Question(str(found["query"]), tuple(map(str, found["choices"])), int(found["gold"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{place}: not an example ({error!r}); each line needs query, choices and gold") from error
    count = len(question.choices)
    if count < 2 or not 0 <= question.gold < count:
        raise UserError(f"{place}: gold is {question.gold} of {count} choices; give the index of one of at least two")
    return question


def score(
    model: "LanguageModel", task: Task, *, examples: str | Path, shots: int, limit: int | None, seed: int
) -> list[Score]:
    """Accuracy, centred accuracy, accuracy by summed log-likelihood, and bits per byte of the right choice."""
    questions = read(examples)
    if not 0 <= shots < max(1, len(questions)):
        raise UserError(f"{task.name}: shots is {shots}, the file has {len(questions)} examples; ask for fewer")
    asked = questions if limit is None else questions[:limit]
    results = list(_answers(model, task, questions, asked, shots, seed))
    right = [float(_best([c.nats / max(1, c.tokens) for c in found]) == q.gold) for q, found in results]
    summed = [float(_best([c.nats for c in found]) == q.gold) for q, found in results]
    gold = [(-found[q.gold].nats / log(2), len(_after(q.choices[q.gold]).encode())) for q, found in results]
    accuracy, error = mean(right)
    room = 1 - task.baseline
    metrics = {
        "accuracy": (accuracy, error),
        "centred_accuracy": ((accuracy - task.baseline) / room, error / room),
        "summed_accuracy": mean(summed),
        "gold_bits_per_byte": ratio(gold),
    }
    return [Score(task.name, name, value, se, len(asked), shots) for name, (value, se) in metrics.items()]


def _answers(
    model: "LanguageModel", task: Task, pool: Sequence[Question], asked: Sequence[Question], shots: int, seed: int
) -> Iterator[tuple[Question, list["Likelihood"]]]:
    """Each question with the likelihood of its choices, a few questions at a time."""
    for begin in range(0, len(asked), 32):
        group = asked[begin : begin + 32]
        pairs = [
            (prompt(task, pool, begin + place, shots=shots, seed=seed), _after(choice))
            for place, question in enumerate(group)
            for choice in question.choices
        ]
        found = iter(model.loglikelihoods(pairs))
        for question in group:
            yield question, [next(found) for _ in question.choices]


def prompt(task: Task, pool: Sequence[Question], index: int, *, shots: int, seed: int) -> str:
    """What the model reads before a choice of question `index`: other questions with their answers, then its query."""
    # Sorting raw PCG64 output instead of numpy's choice(): that stream is promised to stay the same for ever.
    draws = np.random.PCG64(np.random.SeedSequence([seed, index])).random_raw(len(pool))
    chosen = [int(other) for other in np.argsort(draws, kind="stable") if other != index][:shots]
    solved = [pool[o].query + task.delimiter + pool[o].choices[pool[o].gold] + EXAMPLE_DELIMITER for o in chosen]
    return "".join(solved) + (pool[index].query + task.delimiter).rstrip()


def _after(choice: str) -> str:
    return choice if choice.startswith(" ") else f" {choice}"


def _best(scores: Sequence[float]) -> int:
    return max(range(len(scores)), key=scores.__getitem__)
