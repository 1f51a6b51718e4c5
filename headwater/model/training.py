"""Train a proxy model on the token stream: AdamW, linear warm-up, cosine decay, gradient clipping.

Betas, epsilon, weight decay and the final learning rate (a hundredth of the peak) are DCLM's (arXiv:2406.11794). On a
CPU the same stream, configuration, seed and thread count give the same weights, bit for bit; a GPU computes in
bfloat16 and promises the same order of data, not the same bits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from math import cos, pi

import torch
from torch import Tensor
from torch.nn import functional

from headwater.errors import BadRecipe, HeadwaterError
from headwater.model.devices import THREADS, Device, pick_device, repeatable
from headwater.model.loader import Batch, Stream, batches
from headwater.model.transformer import Transformer, TransformerConfig

Progress = Callable[[int, int, float], None]
CURVE_POINTS = 100


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model and how it got there: `loss_curve` holds the mean loss since the previous one of `loss_steps`."""

    model: Transformer
    loss_steps: list[int]
    loss_curve: list[float]
    tokens_seen: int
    device: str


def steps_for(tokens: int, *, batch_size: int, seq_len: int) -> int:
    """Whole batches in a token budget, at least one."""
    return max(1, tokens // (batch_size * seq_len))


def learning_rate(step: int, steps: int, *, peak: float, warmup_steps: int) -> float:
    """Rate of step 0, 1, ...: linear up to `peak`, then cosine down to a hundredth of it at the last step."""
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    done = (step - warmup_steps) / max(1, steps - 1 - warmup_steps)
    return peak * (0.01 + 0.99 * 0.5 * (1 + cos(pi * done)))


def train(
    stream: Stream,
    *,
    config: TransformerConfig,
    seed: int,
    steps: int,
    batch_size: int = 4,
    seq_len: int = 256,
    lr: float = 3e-3,
    warmup_steps: int = 20,
    weight_decay: float = 0.033,
    grad_clip: float = 1.0,
    device: Device = "auto",
    threads: int = THREADS,
    progress: Progress | None = None,
) -> Trained:
    """Read `steps` batches of the stream and learn from each; `progress` is called with step, steps and loss."""
    if seq_len > config.max_positions:
        raise BadRecipe(f"seq_len {seq_len} is more than the model's max_positions {config.max_positions}")
    if steps < 1:
        raise BadRecipe(f"steps is {steps}; train at least one")
    place = pick_device(device)
    with repeatable(place, threads=threads):
        model = Transformer(config, seed=seed).to(place)
        optimizer = _optimizer(model, lr, weight_decay)
        curve = _Curve(steps)
        reader = batches(stream, batch_size=batch_size, seq_len=seq_len, seed=seed)
        for step, batch in zip(range(steps), reader, strict=False):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, steps, peak=lr, warmup_steps=min(warmup_steps, steps - 1))
            loss = _learn(model, optimizer, batch, place, grad_clip)
            curve.add(step + 1, loss)
            if progress is not None:
                progress(step + 1, steps, loss)
    return Trained(model, curve.steps, curve.losses, steps * batch_size * seq_len, str(place))


def _optimizer(model: Transformer, lr: float, weight_decay: float) -> torch.optim.AdamW:
    matrices = [p for p in model.parameters() if p.ndim == 2]
    gains = [p for p in model.parameters() if p.ndim != 2]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": gains, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95), eps=1e-8, fused=True)


def _learn(
    model: Transformer, optimizer: torch.optim.AdamW, batch: Batch, place: torch.device, grad_clip: float
) -> float:
    inputs, targets = (torch.from_numpy(array.copy()).to(place) for array in (batch.inputs, batch.targets))
    with torch.autocast(place.type, dtype=torch.bfloat16, enabled=place.type == "cuda"):
        loss: Tensor = functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), grad_clip)
    optimizer.step()
    return float(loss.item())


class _Curve:
    """Mean losses at about CURVE_POINTS steps, the last one always among them."""

    def __init__(self, steps: int) -> None:
        self.total, self.every = steps, max(1, steps // CURVE_POINTS)
        self.pending: list[float] = []
        self.steps: list[int] = []
        self.losses: list[float] = []

    def add(self, step: int, loss: float) -> None:
        if loss != loss:
            raise HeadwaterError(f"the loss is not a number at step {step}; lower lr or check the stream")
        self.pending.append(loss)
        if step % self.every == 0 or step == self.total:
            self.steps.append(step)
            self.losses.append(sum(self.pending) / len(self.pending))
            self.pending.clear()


def loss_plot_png(loss_steps: list[int], loss_curve: list[float]) -> bytes:
    """The loss curve as a picture; the same curve gives the same bytes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(loss_steps, loss_curve, linewidth=1.2)
    axes.set_xlabel("step")
    axes.set_ylabel("loss (nats per token)")
    axes.grid(alpha=0.3)
    picture = BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()
