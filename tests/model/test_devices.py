"""A device is what the machine has, and torch's settings are only borrowed."""

import pytest
import torch

from headwater.errors import MissingInput
from headwater.model.devices import pick_device, repeatable


def test_the_device_is_a_gpu_only_where_there_is_one():
    if torch.cuda.is_available():
        assert pick_device("auto").type == pick_device("cuda").type == "cuda"
    else:
        assert pick_device("auto").type == "cpu"
        with pytest.raises(MissingInput, match="no GPU"):
            pick_device("cuda")


def settings():
    filling = torch.utils.deterministic.fill_uninitialized_memory
    return torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(), filling


def test_the_process_gets_its_settings_back():
    before = settings()
    with repeatable(torch.device("cpu"), threads=before[0] + 1):
        inside = settings()
    assert inside == (before[0] + 1, True, False)
    assert settings() == before


def test_the_process_gets_its_settings_back_after_an_error():
    before = settings()
    with pytest.raises(KeyError), repeatable(torch.device("cpu"), threads=1):
        raise KeyError
    assert settings() == before


def test_a_gpu_keeps_its_own_settings():
    before = settings()
    with repeatable(torch.device("cuda"), threads=1):
        assert settings() == before
