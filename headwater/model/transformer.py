"""A Llama-style decoder: RMSNorm, rotary positions, SwiGLU, grouped-query attention, tied or untied embeddings.

Follows Touvron et al. 2023 (arXiv:2302.13971). Parameter names, shapes and the rotary layout are those of Hugging Face
LlamaForCausalLM, so that a saved state is a checkpoint others can load.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from headwater.errors import BadRecipe


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerConfig:
    """Shape of a model. The defaults are the demo scale: 1.3 million parameters with a vocabulary of 4096."""

    vocab_size: int
    hidden_size: int = 128
    layers: int = 4
    heads: int = 4
    kv_heads: int = 4
    intermediate_size: int = 344
    max_positions: int = 256
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-5
    tie: bool = True

    def __post_init__(self) -> None:
        if self.hidden_size % self.heads or (self.hidden_size // self.heads) % 2:
            raise BadRecipe(f"hidden_size {self.hidden_size} must give each of {self.heads} heads an even width")
        if self.heads % self.kv_heads:
            raise BadRecipe(f"heads {self.heads} must be a multiple of kv_heads {self.kv_heads}")

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.hidden_size // self.heads


class RMSNorm(nn.Module):
    """x / rms(x) * weight, computed in float32."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        scaled = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return self.weight * scaled.to(x.dtype)


def rotary_table(config: TransformerConfig, length: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines (length, head_size) of the rotary embedding, halves laid side by side."""
    exponent = torch.arange(0, config.head_size, 2, dtype=torch.float32, device=device) / config.head_size
    angles = torch.outer(torch.arange(length, dtype=torch.float32, device=device), config.rope_theta**-exponent)
    both = torch.cat((angles, angles), dim=-1)
    return both.cos(), both.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each pair (i, i + head_size / 2) by its position's angle."""
    first, second = x.chunk(2, dim=-1)
    return (x * cos + torch.cat((-second, first), dim=-1) * sin).to(x.dtype)


class Attention(nn.Module):
    """Causal self-attention with rotary positions; groups of query heads share a key and value head."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        kv_size = config.kv_heads * config.head_size
        self.q_proj = nn.Linear(config.hidden_size, config.hidden_size, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, kv_size, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, kv_size, bias=False)
        self.o_proj = nn.Linear(config.hidden_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, length, width = x.shape
        query = rotate(self._split(self.q_proj(x)), cos, sin)
        key = rotate(self._split(self.k_proj(x)), cos, sin)
        value = self._split(self.v_proj(x))
        grouped = self.config.kv_heads != self.config.heads
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=grouped)
        joined: Tensor = self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        return joined

    def _split(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], x.shape[1], -1, self.config.head_size).transpose(1, 2)


class FeedForward(nn.Module):
    """SwiGLU: down(silu(gate(x)) * up(x))."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class Block(nn.Module):
    """One layer: attention and feed-forward, each after a norm and around a residual."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = FeedForward(config)
        self.input_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.norm_eps)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out


class Decoder(nn.Module):
    """Embedding, layers, final norm: ids to hidden states."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = RMSNorm(config.hidden_size, config.norm_eps)

    def forward(self, ids: Tensor) -> Tensor:
        x: Tensor = self.embed_tokens(ids)
        cos, sin = rotary_table(self.config, ids.shape[1], ids.device)
        for layer in self.layers:
            x = layer(x, cos, sin)
        out: Tensor = self.norm(x)
        return out


class Transformer(nn.Module):
    """Token ids (batch, length) to logits (batch, length, vocab_size)."""

    def __init__(self, config: TransformerConfig, *, seed: int = 0) -> None:
        super().__init__()
        self.config = config
        self.model = Decoder(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie:
            self.lm_head.weight = self.model.embed_tokens.weight
        self._initialise(seed)

    def _initialise(self, seed: int) -> None:
        """GPT-2's: normal 0.02, residual outputs divided by sqrt(2 layers); from its own generator, in name order."""
        generator = torch.Generator().manual_seed(seed)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                residual = name.endswith(("o_proj.weight", "down_proj.weight"))
                std = 0.02 / (2 * self.config.layers) ** 0.5 if residual else 0.02
                nn.init.normal_(parameter, std=std, generator=generator)

    def forward(self, ids: Tensor) -> Tensor:
        logits: Tensor = self.lm_head(self.model(ids))
        return logits

    def parameter_count(self) -> int:
        """Trained numbers, tied ones once."""
        return sum(parameter.numel() for parameter in self.parameters())
