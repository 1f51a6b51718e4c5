"""The transformer computes what Llama computes; the config refuses what it cannot."""

import pytest
import torch

from headwater.errors import BadRecipe
from headwater.model.transformer import Transformer, TransformerConfig

SMALL = {"vocab_size": 61, "hidden_size": 32, "layers": 2, "heads": 4, "intermediate_size": 48, "max_positions": 32}


def small(**changes):
    return TransformerConfig(**(SMALL | {"kv_heads": 4} | changes))


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_a_later_token_changes_no_earlier_logit(kv_heads):
    model = Transformer(small(kv_heads=kv_heads))
    ids = torch.randint(0, 61, (2, 16), generator=torch.Generator().manual_seed(0))
    changed = ids.clone()
    changed[:, 10] = (changed[:, 10] + 1) % 61
    difference = (model(ids) - model(changed)).abs().amax((0, 2))
    assert difference[:10].max() < 1e-6 < difference[10:].max()


def test_the_same_seed_gives_the_same_weights():
    first, same, other = (Transformer(small(), seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["lm_head.weight"], other["lm_head.weight"])


@pytest.mark.parametrize(("tie", "matrices"), [(True, 1), (False, 2)])
def test_parameters_are_counted_once(tie, matrices):
    per_layer = 4 * 32 * 32 + 3 * 32 * 48 + 2 * 32
    assert Transformer(small(tie=tie)).parameter_count() == matrices * 61 * 32 + 2 * per_layer + 32


@pytest.mark.parametrize(("changes", "says"), [({"heads": 3}, "even width"), ({"kv_heads": 3}, "multiple of kv_heads")])
def test_heads_that_do_not_divide_are_refused(changes, says):
    with pytest.raises(BadRecipe, match=says):
        small(**changes)
