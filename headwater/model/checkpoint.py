"""Checkpoints in the Hugging Face layout of LlamaForCausalLM: safetensors and JSON, nothing that runs code."""

import json
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from headwater.errors import MissingInput, UserError
from headwater.lake.lineage import digest_of_checkpoint
from headwater.model import tokenizer as bpe
from headwater.model.transformer import Transformer, TransformerConfig

# Our word and Hugging Face's.
NAMES = {
    "vocab_size": "vocab_size",
    "hidden_size": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "kv_heads": "num_key_value_heads",
    "intermediate_size": "intermediate_size",
    "max_positions": "max_position_embeddings",
    "norm_eps": "rms_norm_eps",
    "tie": "tie_word_embeddings",
}


def save(folder: Path, model: Transformer, tokenizer_json: str) -> str:
    """Write a checkpoint beside `folder`, then rename it there; an older one is replaced. Returns its digest."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _write(draft, model, tokenizer_json)
        draft.chmod(0o755)
        found = digest_of_checkpoint(draft)
        if folder.exists():
            # A folder cannot be renamed over one that holds files. A reader in this instant finds nothing, never half.
            old = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
            folder.replace(old)
            draft.replace(folder)
            shutil.rmtree(old)
        else:
            draft.replace(folder)
    finally:
        if draft.exists():
            shutil.rmtree(draft)
    return found


def load(folder: Path) -> tuple[Transformer, Tokenizer]:
    """The model, in float32 on the CPU, and its tokenizer."""
    if not (folder / "config.json").is_file():
        raise MissingInput(f"no checkpoint in {folder}: config.json is not there; train the model first")
    config = _config(json.loads((folder / "config.json").read_text()), folder)
    model = Transformer(config)
    state = load_file(folder / "model.safetensors")
    if config.tie:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise UserError(f"the weights in {folder} do not fit its config.json: {error}") from error
    return model, bpe.load((folder / "tokenizer.json").read_text())


def _write(folder: Path, model: Transformer, tokenizer_json: str) -> None:
    state = {name: tensor.detach().float().cpu().contiguous() for name, tensor in model.state_dict().items()}
    if model.config.tie:
        del state["lm_head.weight"]
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    end = bpe.end_of_text(bpe.load(tokenizer_json))
    _write_json(folder / "config.json", _to_hugging_face(model.config, end))
    _write_json(folder / "generation_config.json", {"bos_token_id": end, "eos_token_id": end, "pad_token_id": end})
    (folder / "tokenizer.json").write_text(tokenizer_json)
    _write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": bpe.END_OF_TEXT,
        "eos_token": bpe.END_OF_TEXT,
        "clean_up_tokenization_spaces": False,
        "model_max_length": model.config.max_positions,
    })  # fmt: skip


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")


def _to_hugging_face(config: TransformerConfig, end: int) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "head_dim": config.head_size,
        "rope_theta": config.rope_theta,
        "dtype": "float32",
        "bos_token_id": end,
        "eos_token_id": end,
        "pad_token_id": end,
        **{theirs: getattr(config, ours) for ours, theirs in NAMES.items()},
    }


def _config(found: dict[str, Any], folder: Path) -> TransformerConfig:
    """Our config, or an error for what this transformer does not compute."""
    fixed = {"model_type": "llama", "hidden_act": "silu", "attention_bias": False, "mlp_bias": False}
    for key, expected in fixed.items():
        if found.get(key, expected) != expected:
            raise UserError(f"{folder}/config.json: {key} is {found[key]!r}; this transformer needs {expected!r}")
    missing = sorted({*NAMES.values(), "rope_theta"} - found.keys())
    if missing:
        raise UserError(f"{folder}/config.json has no {', '.join(missing)}; give a checkpoint that headwater saved")
    return TransformerConfig(rope_theta=found["rope_theta"], **{ours: found[theirs] for ours, theirs in NAMES.items()})
