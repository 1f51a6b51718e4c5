"""`eval_scores`: what a recipe's model scores: held-out text it never saw, and tasks with known answers."""

import hashlib
import inspect
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headwater import recipe as recipes
from headwater import registry, remaining
from headwater.engine import Guard, Task
from headwater.errors import MissingInput
from headwater.lake.files import read_batches
from headwater.lake.lineage import Input, Partition
from headwater.lake.store import Draft
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.recipe import Recipe
from headwater.stages.proxy_model import local_folder

VERSION = 2
HELD_OUT_DOCUMENTS = 500


def eval_scores(project: Project, partition: Partition) -> Plan:
    """Plan for one recipe: its model, the documents that `mixed` held out, and the tasks' examples."""
    recipe = project.recipe(partition["recipe"])
    model, mixed = (project.lake.input(name, partition) for name in ("proxy_model", "mixed"))
    commit = project.lake.published("mixed", partition)
    assert commit is not None
    assert commit.provenance is not None
    texts = [i for i in commit.provenance.inputs if i.table in remaining.TABLES]
    files = examples(project, recipe)
    return Plan(
        table="eval_scores",
        partition=partition,
        inputs=(model, mixed, *texts, *(_file_input(path) for path in files.values())),
        steps={"stages/eval_scores": VERSION, **recipes.steps("evals", recipe.evals)},
        options={"evals": [(s.name, dict(s.options)) for s in recipe.evals], "held_out": HELD_OUT_DOCUMENTS},
        shards={
            "scores": {
                "models": [f.name for f in project.lake.read(model)],
                "mixed": [f.name for f in project.lake.read(mixed)],
                "texts": list(remaining.pieces(project.lake, texts).values()),
                "evals": [(s.name, dict(s.options)) for s in recipe.evals],
                "device": recipe.model.device,
                "threads": recipe.model.threads,
                "examples": {name: str(path) for name, path in files.items()},
            }
        },
        work=work,
    )


def examples(project: Project, recipe: Recipe) -> dict[str, Path]:
    """The file of each task that asks questions: the recipe's, or the one of the task's name in the evals folder."""
    folder = Path(project.settings.place(project.settings.evals))
    found = {}
    for step in recipe.evals:
        if "examples" not in _asks_for(step.name):
            continue
        path = project.settings.recipe_folder / str(step.options.get("examples", folder / f"{step.name}.jsonl"))
        if not path.is_file():
            raise MissingInput(f"examples of {step.name}: {path} is not there; correct evals in headwater.yaml")
        found[step.name] = path
    return found


def _asks_for(name: str) -> set[str]:
    """What an eval wants from the stage: held-out `texts`, the `examples` of its task, or neither."""
    return set(inspect.signature(registry.step("evals", name)).parameters)


def _file_input(path: Path) -> Input:
    return Input(f"evals/{path.name}", {}, None, hashlib.sha256(path.read_bytes()).hexdigest())


def work(task: Task, guard: Guard) -> None:
    """Score the model on every eval of the recipe."""
    from headwater.model.language_model import LanguageModel

    draft, said = task.arguments["draft"], task.arguments
    row = next(row for name in said["models"] for b in read_batches(draft.storage, name) for row in b.to_pylist())
    model = LanguageModel.load(
        local_folder(draft.storage, row["checkpoint"]), device=said["device"], threads=said["threads"]
    )
    rows: list[dict[str, Any]] = []
    for name, options in said["evals"]:
        given: dict[str, Any] = {}
        if "texts" in _asks_for(name):
            given["texts"] = held_out(draft, said["mixed"], said["texts"])
        if "examples" in _asks_for(name):
            given["examples"] = said["examples"][name]
        for score in registry.step("evals", name)(model, **{**options, **given}):
            version = registry.version("evals", name)
            fields = {f: getattr(score, f) for f in ("task", "metric", "score", "standard_error", "n", "shots")}
            rows.append({"model": row["model"], **fields, "scorer_version": version})
    with draft.writer(task.shard) as writer:
        writer.write(pa.Table.from_pylist(rows, schema=table("eval_scores").file_schema))


def held_out(draft: Draft, mixed: list[str], texts: list[remaining.Piece]) -> list[str]:
    """Texts of the held-out documents with the smallest order keys."""
    columns = ["doc_id", "order_key", "rule"]
    rows = [r for name in mixed for b in read_batches(draft.storage, name, columns) for r in b.to_pylist()]
    chosen = sorted((r["order_key"], r["doc_id"]) for r in rows if r["rule"] == "held_out")[:HELD_OUT_DOCUMENTS]
    place = {doc: key for key, doc in chosen}
    found: list[tuple[int, str]] = []
    for piece in texts:
        for batch in remaining.batches(draft.storage, piece.filtered, piece.deduped, ["doc_id", "text", "outcome"]):
            mine = pc.is_in(batch.column("doc_id"), value_set=pa.array(list(place), pa.string()))
            kept = batch.filter(pc.and_(mine, pc.equal(batch.column("outcome"), "kept")))
            found += [(place[row["doc_id"]], row["text"]) for row in kept.to_pylist()]
    return [text for _, text in sorted(found)]
