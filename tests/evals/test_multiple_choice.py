"""Multiple choice asks as LLM Foundry does and scores what the model finds likelier."""

import gzip
import json
from math import log, sqrt
from typing import NamedTuple

import pytest

from headwater.errors import MissingInput, UserError
from headwater.evals import _multiple_choice as mc
from headwater.evals.arc_easy import TASK as ARC
from headwater.evals.arc_easy import arc_easy
from headwater.evals.copa import TASK as COPA
from headwater.evals.copa import copa


class Likelihood(NamedTuple):
    nats: float
    tokens: int


class Oracle:
    """A language model by rule: the log-probability of a continuation is whatever `rule` says."""

    def __init__(self, rule):
        self.rule, self.asked = rule, []

    def loglikelihoods(self, pairs):
        self.asked += pairs
        return [Likelihood(*self.rule(*pair)) for pair in pairs]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def knows(path):
    right = {f" {q.choices[q.gold]}" for q in mc.read(path)}
    return Oracle(lambda context, continuation: (-1.0 if continuation in right else -2.0, 1))


def by_metric(scores):
    return {score.metric: score for score in scores}


@pytest.mark.parametrize(("evaluate", "name"), [(arc_easy, "arc_easy"), (copa, "copa")])
def test_a_model_that_knows_the_answers_scores_one(sample, evaluate, name):
    path = sample / "eval" / f"{name}.jsonl"
    found = by_metric(evaluate(knows(path), examples=path, shots=3))
    assert found["accuracy"].score == found["centred_accuracy"].score == found["summed_accuracy"].score == 1.0
    assert found["accuracy"].standard_error == 0.0
    assert (found["accuracy"].task, found["accuracy"].n, found["accuracy"].shots) == (name, 24, 3)


@pytest.mark.parametrize(("evaluate", "name", "baseline"), [(arc_easy, "arc_easy", 0.25), (copa, "copa", 0.5)])
def test_centring_puts_chance_at_zero_and_stretches_the_error(sample, evaluate, name, baseline):
    first = Oracle(lambda context, continuation: (-1.0, 1))
    path = sample / "eval" / f"{name}.jsonl"
    found = by_metric(evaluate(first, examples=path, shots=0))
    share = sum(q.gold == 0 for q in mc.read(path)) / 24
    assert found["accuracy"].score == pytest.approx(share)
    assert found["centred_accuracy"].score == pytest.approx((share - baseline) / (1 - baseline))
    assert found["accuracy"].standard_error == pytest.approx(sqrt(share * (1 - share) / 23))
    ratio = found["centred_accuracy"].standard_error / found["accuracy"].standard_error
    assert ratio == pytest.approx(1 / (1 - baseline))


def test_accuracy_is_by_mean_per_token_and_summed_accuracy_by_the_sum(tmp_path):
    rows = [{"query": "q", "choices": ["long", "short"], "gold": 0}] * 2
    model = Oracle(lambda context, continuation: (-6.0, 4) if "long" in continuation else (-4.0, 1))
    found = by_metric(copa(model, examples=write(tmp_path / "e.jsonl", rows)))
    assert found["accuracy"].score == 1.0
    assert found["summed_accuracy"].score == 0.0
    assert found["gold_bits_per_byte"].score == pytest.approx(6 / log(2) / len(" long"))


def test_the_prompt_is_solved_examples_then_the_query_without_a_trailing_space():
    pool = [mc.Question(f"Question: {n}?", (f"yes {n}", f"no {n}"), n % 2) for n in range(3)]
    text = mc.prompt(ARC, pool, 0, shots=2, seed=1)
    one, two = "Question: 1?\nAnswer: no 1\n", "Question: 2?\nAnswer: yes 2\n"
    assert text in {one + two + "Question: 0?\nAnswer:", two + one + "Question: 0?\nAnswer:"}
    assert mc.prompt(COPA, [mc.Question("It rained, therefore", ("a", "b"), 0)], 0, shots=0, seed=1).endswith(
        "therefore"
    )


def test_a_question_is_never_among_its_own_shots_and_shots_follow_the_seed():
    pool = [mc.Question(f"q{n}!", ("a", "b"), 0) for n in range(12)]
    for index in range(12):
        assert mc.prompt(COPA, pool, index, shots=11, seed=1).count(f"q{index}!") == 1
    assert mc.prompt(COPA, pool, 0, shots=5, seed=1) == mc.prompt(COPA, pool, 0, shots=5, seed=1)
    assert mc.prompt(COPA, pool, 0, shots=5, seed=1) != mc.prompt(COPA, pool, 0, shots=5, seed=2)


def test_a_limit_asks_the_first_questions_only(sample):
    path = sample / "eval" / "arc_easy.jsonl"
    model = knows(path)
    assert {score.n for score in arc_easy(model, examples=str(path), limit=5)} == {5}
    assert len(model.asked) == 5 * 4


def test_the_full_files_of_llm_foundry_are_read(test_data):
    arc = mc.read(test_data / "eval" / "world_knowledge" / "arc_easy.jsonl.gz")
    both = mc.read(test_data / "eval" / "commonsense_reasoning" / "copa.jsonl.gz")
    assert len(arc) > 1000
    assert len(both) == 100


def test_delimiters_shots_and_baselines_are_those_dclm_lists(test_data):
    listed = json.loads((test_data / "eval" / "tasks.json").read_text())
    tasks = {task["label"]: task for task in listed["dclm_heavy"]}
    about = {row["Eval Task"]: row for row in listed["dclm_meta"]}
    for task, evaluate in ((ARC, arc_easy), (COPA, copa)):
        assert task.delimiter == tasks[task.name].get("continuation_delimiter", " ")
        assert evaluate.__kwdefaults__["shots"] == tasks[task.name]["num_fewshot"][0]
        assert task.baseline == float(about[task.name]["Random baseline"]) / 100


def test_packed_and_plain_files_hold_the_same_questions(sample, tmp_path):
    plain = sample / "eval" / "copa.jsonl"
    (tmp_path / "copa.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert mc.read(tmp_path / "copa.jsonl.gz") == mc.read(plain)


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"query": "q", "choices": ["a", "b"]}', '{"query": "q", "choices": ["a", "b"], "gold": 2}']
)
def test_a_bad_line_is_named_with_its_number(tmp_path, line):
    path = tmp_path / "e.jsonl"
    path.write_text('{"query": "q", "choices": ["a", "b"], "gold": 0}\n' + line + "\n")
    with pytest.raises(UserError, match=r"e\.jsonl:2: "):
        mc.read(path)


def test_impossible_requests_say_so(sample, tmp_path):
    path = sample / "eval" / "copa.jsonl"
    with pytest.raises(MissingInput, match="no examples at"):
        copa(knows(path), examples=tmp_path / "none.jsonl")
    with pytest.raises(UserError, match="shots is 24"):
        copa(knows(path), examples=path, shots=24)
    with pytest.raises(MissingInput, match="1 examples"):
        copa(knows(path), examples=path, limit=1)
