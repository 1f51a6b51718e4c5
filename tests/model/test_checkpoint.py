"""A checkpoint is what Hugging Face expects, is all or nothing, and has one digest."""

import json

import pytest
import torch
from safetensors.torch import load_file

from headwater.errors import MissingInput, UserError
from headwater.lake.lineage import digest_of_checkpoint
from headwater.model import checkpoint
from headwater.model import tokenizer as bpe
from headwater.model.transformer import Transformer, TransformerConfig


def small(**changes):
    shape = {"hidden_size": 32, "layers": 2, "heads": 4, "kv_heads": 2, "intermediate_size": 48, "max_positions": 64}
    model = Transformer(TransformerConfig(vocab_size=300, **(shape | changes)), seed=1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2))
    return model


@pytest.mark.parametrize("tie", [True, False])
@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_hugging_face_loads_it_and_computes_the_same_logits(tmp_path, tokenizer_json, tie, kv_heads):
    from transformers import AutoModelForCausalLM

    model = small(tie=tie, kv_heads=kv_heads, rope_theta=5000.0, norm_eps=1e-3)
    checkpoint.save(tmp_path / "model", model, tokenizer_json)
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path / "model").eval()
    ids = torch.randint(0, 300, (3, 64), generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        expected = theirs(ids).logits
        assert torch.allclose(model(ids), expected, atol=1e-4)
    assert expected.std() > 0.1


def test_hugging_face_loads_the_tokenizer_and_gives_the_same_ids(tmp_path, tokenizer_json):
    from transformers import AutoTokenizer

    checkpoint.save(tmp_path / "model", small(), tokenizer_json)
    theirs = AutoTokenizer.from_pretrained(tmp_path / "model")
    text = "  The water ,  runs ; 水 \n\n naïve don't"
    ours = bpe.encode_batch(bpe.load(tokenizer_json), [text]).to_pylist()[0]
    assert theirs(text, add_special_tokens=False)["input_ids"] == ours[:-1]
    assert theirs.decode(ours[:-1]) == text
    assert theirs.eos_token_id == ours[-1]


@pytest.mark.parametrize("tie", [True, False])
def test_what_is_saved_is_loaded(tmp_path, tokenizer_json, tie):
    model = small(tie=tie)
    checkpoint.save(tmp_path / "model", model, tokenizer_json)
    loaded, tokenizer = checkpoint.load(tmp_path / "model")
    assert loaded.config == model.config
    assert all(
        torch.equal(a, b) for a, b in zip(model.state_dict().values(), loaded.state_dict().values(), strict=True)
    )
    assert tokenizer.get_vocab_size() == bpe.load(tokenizer_json).get_vocab_size()


def test_the_digest_repeats_and_sees_names_and_contents(tmp_path, tokenizer_json):
    first = checkpoint.save(tmp_path / "a", small(), tokenizer_json)
    assert checkpoint.save(tmp_path / "b", small(), tokenizer_json) == first == digest_of_checkpoint(tmp_path / "a")
    (tmp_path / "a" / "config.json").rename(tmp_path / "a" / "renamed.json")
    (tmp_path / "b" / "config.json").write_text("{}")
    assert len({first, digest_of_checkpoint(tmp_path / "a"), digest_of_checkpoint(tmp_path / "b")}) == 3


def test_saving_again_replaces_the_folder_and_leaves_nothing_beside_it(tmp_path, tokenizer_json):
    checkpoint.save(tmp_path / "model", small(layers=1), tokenizer_json)
    found = checkpoint.save(tmp_path / "model", small(), tokenizer_json)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert digest_of_checkpoint(tmp_path / "model") == found


def test_a_save_that_fails_leaves_the_old_checkpoint_alone(tmp_path, tokenizer_json):
    before = checkpoint.save(tmp_path / "model", small(), tokenizer_json)
    with pytest.raises(UserError):
        checkpoint.save(tmp_path / "model", small(layers=1), "{}")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert digest_of_checkpoint(tmp_path / "model") == before


def test_tied_weights_are_stored_once(tmp_path, tokenizer_json):
    checkpoint.save(tmp_path / "model", small(), tokenizer_json)
    assert "lm_head.weight" not in load_file(tmp_path / "model" / "model.safetensors")


@pytest.mark.parametrize(
    ("change", "says"),
    [({"model_type": "gpt2"}, "model_type is 'gpt2'"), ({"hidden_size": None}, "has no hidden_size")],
)
def test_a_foreign_config_is_refused(tmp_path, tokenizer_json, change, says):
    checkpoint.save(tmp_path / "model", small(), tokenizer_json)
    path = tmp_path / "model" / "config.json"
    config = json.loads(path.read_text()) | change
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))
    with pytest.raises(UserError, match=says):
        checkpoint.load(tmp_path / "model")


def test_weights_that_do_not_fit_are_refused(tmp_path, tokenizer_json):
    checkpoint.save(tmp_path / "model", small(), tokenizer_json)
    config = tmp_path / "model" / "config.json"
    config.write_text(config.read_text().replace('"num_hidden_layers": 2', '"num_hidden_layers": 3'))
    with pytest.raises(UserError, match="do not fit"):
        checkpoint.load(tmp_path / "model")


def test_no_checkpoint_says_so(tmp_path):
    with pytest.raises(MissingInput, match="no checkpoint"):
        checkpoint.load(tmp_path)
