"""Training learns, repeats itself bit for bit on a CPU, and leaves the process as it was."""

from math import log

import numpy as np
import pytest
import torch

from headwater.errors import BadRecipe, HeadwaterError
from headwater.model import training
from headwater.model.transformer import TransformerConfig

CONFIG = TransformerConfig(
    vocab_size=64, hidden_size=32, layers=2, heads=2, kv_heads=1, intermediate_size=64, max_positions=32
)
STREAM = np.tile(np.arange(64, dtype=np.uint16), 60)
SHORT = {
    "config": CONFIG,
    "seed": 5,
    "steps": 30,
    "batch_size": 4,
    "seq_len": 32,
    "device": "cpu",
    "lr": 1e-2,
    "threads": 1,
}


def weights(trained):
    return [p.detach().numpy().tobytes() for p in trained.model.parameters()]


def test_a_repeating_stream_is_learnt():
    trained = training.train(STREAM, **SHORT | {"steps": 60})
    assert trained.loss_curve[0] == pytest.approx(log(64), rel=0.05)
    assert trained.loss_curve[-1] < 0.5
    assert trained.tokens_seen == 60 * 4 * 32
    assert trained.device == "cpu"


def test_the_same_seed_gives_the_same_weights_and_another_does_not():
    first, same = (training.train(STREAM, **SHORT) for _ in range(2))
    assert weights(first) == weights(same)
    assert first.loss_curve == same.loss_curve
    assert weights(first) != weights(training.train(STREAM, **SHORT | {"seed": 6}))


def test_two_threads_repeat_themselves_too():
    first, same = (training.train(STREAM, **SHORT | {"steps": 2, "threads": 2}) for _ in range(2))
    assert weights(first) == weights(same)


def test_the_global_generator_plays_no_part():
    torch.manual_seed(1)
    first = training.train(STREAM, **SHORT | {"steps": 2})
    torch.manual_seed(2)
    assert weights(first) == weights(training.train(STREAM, **SHORT | {"steps": 2}))


def test_progress_is_told_of_every_step():
    seen = []
    trained = training.train(STREAM, **SHORT | {"steps": 5}, progress=lambda *told: seen.append(told))
    assert [told[:2] for told in seen] == [(step, 5) for step in range(1, 6)]
    assert [told[2] for told in seen] == trained.loss_curve
    assert trained.loss_steps == [1, 2, 3, 4, 5]


def test_a_long_curve_is_thinned_and_keeps_the_last_step():
    curve = training._Curve(1001)
    for step in range(1, 1002):
        curve.add(step, float(step))
    assert len(curve.steps) == 101
    assert curve.steps[0] == 10
    assert curve.steps[-1] == 1001
    assert curve.losses[0] == 5.5
    assert curve.losses[-1] == 1001.0


def test_the_learning_rate_warms_up_peaks_and_ends_at_a_hundredth():
    rates = [training.learning_rate(step, 100, peak=1.0, warmup_steps=10) for step in range(100)]
    assert rates[0] == 0.1
    assert rates[9] == rates[10] == max(rates) == 1.0
    assert rates[-1] == pytest.approx(0.01)
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_steps_fill_a_token_budget_without_passing_it():
    assert training.steps_for(10_000, batch_size=4, seq_len=32) == 78
    assert training.steps_for(1, batch_size=4, seq_len=32) == 1


def test_a_loss_that_is_not_a_number_stops_the_run():
    with pytest.raises(HeadwaterError, match="not a number at step"):
        training.train(STREAM, **SHORT | {"lr": 1e30, "warmup_steps": 0, "grad_clip": 1e30})


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"seq_len": 33}, BadRecipe, "max_positions 32"),
        ({"steps": 0}, BadRecipe, "steps is 0"),
    ],
)
def test_options_that_cannot_work_are_refused(changes, error, says):
    with pytest.raises(error, match=says):
        training.train(STREAM, **SHORT | changes)


def test_the_loss_plot_is_a_png_and_always_the_same_bytes():
    plots = {training.loss_plot_png([1, 2, 3], [8.0, 6.5, 6.1]) for _ in range(2)}
    assert len(plots) == 1
    assert plots.pop().startswith(b"\x89PNG\r\n\x1a\n")
