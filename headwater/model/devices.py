"""Where torch computes, and how it is made to repeat itself there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch

from headwater.errors import MissingInput

Device = Literal["auto", "cpu", "cuda"]
# On busy cores a second thread spins waiting for the first. Demo scale at load 4 on two cores, torch 2.13: 0.83 CPU
# seconds a step with two threads, 0.18 with one.
THREADS = 1
_filling: Any = torch.utils.deterministic  # its one attribute has no type


def pick_device(device: Device) -> torch.device:
    """`auto` is a GPU where there is one."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device == "cuda" and not torch.cuda.is_available():
        raise MissingInput("device is 'cuda' and torch sees no GPU; use 'auto' or 'cpu'")
    return torch.device(device)


@contextmanager
def repeatable(place: torch.device, *, threads: int) -> Iterator[None]:
    """On a CPU, fixed threads (sums depend on them) and deterministic kernels; afterwards the old settings again."""
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    filled = _filling.fill_uninitialized_memory
    if place.type == "cpu":
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(True)
        # No kernel here reads memory before it writes it, and filling costs 4 % of the time.
        _filling.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])
        _filling.fill_uninitialized_memory = filled
