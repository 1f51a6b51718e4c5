"""A recipe is a YAML file that, with its crawls, fully determines a dataset, a model and its scores."""

import fnmatch
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from headwater import configuration, registry
from headwater.configuration import Step, resolve
from headwater.errors import BadRecipe, UnknownName
from headwater.lake.lineage import canonical
from headwater.lake.store import NAME

# 256 bytes and the token that ends a document.
SMALLEST_VOCABULARY = 257
# Repeats are multiplied by copies and tokens in 64 bits.
MOST_REPEATS = 2**31 - 1


@dataclass(frozen=True)
class Mix:
    """What goes into the training stream, and how often. `tokens` is a budget by the estimate of four bytes a token.

    `rehydrate` maps cluster sizes to how often a survivor is repeated, as steps; of a language that
    `rehydrate_by_language` names, its own steps count. No document is repeated more than `max_copies` times.
    """

    group_by: Literal["language", "domain", "crawl"] = "language"
    mixer: Step = field(default=Step("proportional", {}), metadata={"shelf": "mixers"})
    tokens: int | None = None
    held_out: float = 0.02
    max_copies: int = 4
    rehydrate: Mapping[int, int] | None = None
    rehydrate_by_language: Mapping[str, Mapping[int, int]] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.held_out < 1:
            raise ValueError(f"held_out: {self.held_out} is not a share; give 0 <= held_out < 1")
        if self.max_copies < 1 or (self.tokens is not None and self.tokens < 1):
            raise ValueError("max_copies and tokens must be at least 1")
        for steps in self.rehydrations:
            if not steps or min(*steps, *steps.values()) < 1:
                raise ValueError("rehydrate maps cluster sizes to repeats, both at least 1, for example {1: 1, 2: 2}")
            if max(*steps, *steps.values()) > MOST_REPEATS:
                raise ValueError(f"rehydrate: sizes and repeats are at most {MOST_REPEATS}")

    @property
    def rehydrations(self) -> list[Mapping[int, int]]:
        """Every step function of cluster sizes to repeats, the one for all languages first."""
        steps = [] if self.rehydrate is None else [self.rehydrate]
        return [*steps, *(self.rehydrate_by_language or {}).values()]


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer trained on the mix, or a given tokenizer.json (path relative to the recipe)."""

    vocab_size: int = 32_000
    file: str | None = None
    sample_bytes: int = 100_000_000
    tokens_per_shard: int = 25_000_000

    def __post_init__(self) -> None:
        if self.vocab_size < SMALLEST_VOCABULARY or self.tokens_per_shard < 1 or self.sample_bytes < 1:
            raise ValueError(f"vocab_size must be at least {SMALLEST_VOCABULARY}, the other numbers at least 1")


@dataclass(frozen=True)
class Model:
    """A Llama-style proxy model and its training. `steps` counts batches of batch_size x seq_len tokens."""

    hidden_size: int = 128
    layers: int = 4
    heads: int = 4
    kv_heads: int = 4
    intermediate_size: int = 344
    seq_len: int = 256
    batch_size: int = 4
    steps: int = 320
    learning_rate: float = 0.003
    warmup_steps: int = 20
    weight_decay: float = 0.033
    seed: int = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = 1

    def __post_init__(self) -> None:
        if min(self.hidden_size, self.layers, self.heads, self.kv_heads, self.seq_len, self.batch_size, self.steps) < 1:
            raise ValueError("sizes and steps of a model must be at least 1")
        if self.hidden_size % self.heads or (self.hidden_size // self.heads) % 2 or self.heads % self.kv_heads:
            raise ValueError("hidden_size must give each head an even width, and heads be a multiple of kv_heads")


@dataclass(frozen=True)
class Audit:
    """How much deduplication may remove of one crawl; where it is more, the draft is not published. Null: any.

    `max_cluster` and `max_cluster_share` are the documents of the crawl that may be in one cluster, as a number and as
    a share of the crawl; `max_removed_share` is the share of a source (the crawl, a WARC file, a registered domain)
    that may be duplicates of other documents of the crawl. Clusters and sources of fewer than `from_documents`
    documents are not held against shares. No part of these ceilings decides what a table holds.
    """

    max_cluster: int | None = None
    max_cluster_share: float | None = 0.1
    max_removed_share: float | None = 0.9
    from_documents: int = 100

    def __post_init__(self) -> None:
        shares = [share for share in (self.max_cluster_share, self.max_removed_share) if share is not None]
        if not all(0 <= share <= 1 for share in shares):
            raise ValueError("max_cluster_share and max_removed_share must be shares, 0 to 1, or null")
        if self.from_documents < 1 or (self.max_cluster is not None and self.max_cluster < 1):
            raise ValueError("from_documents and max_cluster must be at least 1")


def _resiliparse() -> Step:
    return Step("resiliparse", resolve("extractors", "resiliparse", {}))


@dataclass(frozen=True)
class Recipe:
    """One dataset. `crawls` are names or patterns; crawls enter in the order of their start.

    `filters` are filters and editors in the order in which they are applied. Of several `extractors` each text is
    curated by itself, and of those kept a page has the one that `prefer` says: the first listed, or the longest.
    `scope` says which earlier crawls a document is compared with: of all (`global`), of none (`within_crawl`), or, by
    {window: n}, of the n - 1 crawls before its own.
    `by_language` names a folder of `languages`, whose files override options for documents of their language.
    New crawls are taken in by sensors and schedule where it is `automatic`, else when somebody runs it.
    """

    name: str
    description: str
    filters: tuple[Step, ...] = field(metadata={"shelf": "filters editors"})
    dedup: tuple[Step, ...] = field(metadata={"shelf": "dedupers"})
    evals: tuple[Step, ...] = field(default=(), metadata={"shelf": "evals"})
    extractor: Step = field(default_factory=_resiliparse, metadata={"shelf": "extractors"})
    extractors: tuple[Step, ...] = field(default=(), metadata={"shelf": "extractors"})
    prefer: Literal["listed", "longest"] = "listed"
    scope: Literal["global", "within_crawl"] | Mapping[str, int] = "global"
    by_language: str | None = None
    automatic: bool = True
    crawls: tuple[str, ...] = ("*",)
    mix: Mix = field(default_factory=Mix)
    policy: str = "everything"
    audit: Audit = field(default_factory=Audit)
    tokenizer: Tokenizer = field(default_factory=Tokenizer)
    model: Model = field(default_factory=Model)

    def __post_init__(self) -> None:
        if self.extractors and self.extractor != _resiliparse():
            raise ValueError("extractor and extractors are both given; give one of them")
        if len({label(way) for way in self.ways}) < len(self.ways):
            raise ValueError("extractors: the same one is listed twice")
        if isinstance(self.scope, Mapping) and (set(self.scope) != {"window"} or self.scope["window"] < 1):
            raise ValueError(f"scope: {dict(self.scope)} is none; give global, within_crawl or {{window: 1}} and more")
        if self.by_language is not None and not NAME.fullmatch(self.by_language):
            raise ValueError(
                f"by_language: {self.by_language!r} is no name of a folder in languages; give its name alone"
            )

    @property
    def ways(self) -> tuple[Step, ...]:
        """The extractors, the preferred one first."""
        return self.extractors or (self.extractor,)

    @property
    def window(self) -> int | None:
        """How many crawls, its own included, a document is compared with; None for all."""
        if isinstance(self.scope, Mapping):
            return self.scope["window"]
        return 1 if self.scope == "within_crawl" else None

    def wants(self, crawl: str) -> bool:
        """Whether a crawl is part of this dataset."""
        return any(fnmatch.fnmatchcase(crawl, pattern) for pattern in self.crawls)


def label(way: Step) -> str:
    """The partition of an extractor: its name, with a hash of the options where one of them is not the default.

    `extracted` is shared by all recipes, so that two recipes that want the same text have it extracted once.
    """
    usual = resolve("extractors", way.name, {})
    own = {name: value for name, value in way.options.items() if usual.get(name) != value}
    return f"{way.name}-{hashlib.sha256(canonical(own).encode()).hexdigest()[:8]}" if own else way.name


def options(part: Any) -> dict[str, Any]:
    """A part of a recipe as plain data, for a fingerprint."""
    return asdict(part)


def steps(shelf: str, used: tuple[Step, ...]) -> dict[str, int]:
    """The VERSION of each step used, by `shelf/name`; of several shelves, named with spaces between, its own."""
    homes = {step.name: registry.home(tuple(shelf.split()), step.name) for step in used}
    return {f"{home}/{name}": registry.version(home, name) for name, home in homes.items()}


def names(folder: Path) -> list[str]:
    """The recipes in a folder, by file name."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load(folder: Path, name: str) -> Recipe:
    """The recipe `name`. Raises UnknownName with the known ones, BadRecipe with file and line."""
    if name not in names(folder):
        raise UnknownName.among("recipe", name, names(folder))
    if not NAME.fullmatch(name):
        raise BadRecipe(f"recipe {name!r} cannot name a partition; use letters, digits, . _ -")
    return configuration.load(Recipe, folder / f"{name}.yaml", {"name": name})


def resolved(recipe: Recipe) -> Mapping[str, Any]:
    """The whole recipe as plain data, defaults included."""
    return asdict(recipe)
