"""`proxy_model`: a small Llama-style model trained on the stream: config, checkpoint digest and loss curve in a row."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from headwater import recipe as recipes
from headwater.engine import Guard, Task
from headwater.errors import MissingInput
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.storage import Storage
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project

VERSION = 1


def proxy_model(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe: one model. Its checkpoint lies under `checkpoints/RECIPE/KEY` of the lake."""
    recipe = project.recipe(partition["recipe"])
    tokenized = project.lake.input("tokenized", partition)
    commit = project.lake.published("tokenized", partition)
    assert commit is not None
    assert commit.provenance is not None
    said = commit.provenance.details
    arguments = {
        "tokenized": [f.name for f in project.lake.read(tokenized)],
        "tokenized_version": tokenized.version,
        "recipe": recipe,
        **{name: said[name] for name in ("tokenizer", "tokenizer_digest", "vocab_size")},
    }
    return Plan(
        table="proxy_model",
        partition=partition,
        inputs=(tokenized,),
        steps={"stages/proxy_model": VERSION},
        options={**recipes.options(recipe.model), "tokenizer_digest": said["tokenizer_digest"]},
        shards={"model": arguments},
        work=work,
    )


def work(task: Task, guard: Guard) -> None:
    """Train the model, save its checkpoint, then write its row."""
    from headwater.model import checkpoint, loader, training
    from headwater.model.transformer import TransformerConfig

    draft, said = task.arguments["draft"], task.arguments
    options = said["recipe"].model
    config = TransformerConfig(
        vocab_size=said["vocab_size"],
        hidden_size=options.hidden_size,
        layers=options.layers,
        heads=options.heads,
        kv_heads=options.kv_heads,
        intermediate_size=options.intermediate_size,
        max_positions=options.seq_len,
    )
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        stream = Path(folder) / "stream.npy"
        loader.write_stream(_rows(draft.storage, said["tokenized"]), stream, vocab_size=config.vocab_size)
        trained = training.train(
            loader.open_stream(stream),
            config=config,
            seed=options.seed,
            steps=options.steps,
            batch_size=options.batch_size,
            seq_len=options.seq_len,
            lr=options.learning_rate,
            warmup_steps=options.warmup_steps,
            weight_decay=options.weight_decay,
            device=options.device,
            threads=options.threads,
        )
    name = f"checkpoints/{draft.partition['recipe']}/{draft.key[:16]}"
    tokenizer = draft.storage.read(said["tokenizer"]).decode()
    digest = checkpoint.save(local_folder(draft.storage, name), trained.model, tokenizer)
    row = {
        "model": f"{draft.partition['recipe']}-{draft.key[:8]}",
        "config": json.dumps({**asdict(options), "vocab_size": config.vocab_size}, sort_keys=True),
        "seed": options.seed,
        "tokens_seen": trained.tokens_seen,
        "steps": options.steps,
        "parameters": trained.model.parameter_count(),
        "tokenized_version": said["tokenized_version"],
        "tokenizer_digest": said["tokenizer_digest"],
        "checkpoint": name,
        "checkpoint_digest": digest,
        "device": trained.device,
        "loss": trained.loss_curve[-1],
        "loss_steps": trained.loss_steps,
        "loss_curve": trained.loss_curve,
    }
    with draft.writer(task.shard) as writer:
        writer.write(pa.Table.from_pylist([row], schema=table("proxy_model").file_schema))


def local_folder(storage: Storage, name: str) -> Path:
    """Where a checkpoint is on this machine."""
    if not storage.local:
        raise MissingInput(f"checkpoints need a lake on this machine; {storage.root} is an object store")
    return Path(storage.uri(name))


def _rows(storage: Storage, names: list[str]) -> Iterator[pa.ListArray]:
    for name in sorted(names):
        for batch in read_batches(storage, name, ["tokens"]):
            yield batch.column("tokens")
