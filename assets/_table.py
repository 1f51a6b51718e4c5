"""An asset is a sentence: what a table holds, what it is made from, and the call that makes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TypedDict

import dagster as dg

from headwater import registry
from headwater.lake.lineage import Partition
from headwater.lake.tables import Table, table
from headwater.make import Expect
from headwater.pipeline import Outcome, Progress
from headwater.project import Project


class How(TypedDict):
    """What whoever runs an asset adds to the call: who audits the draft, and who is told how far it has come."""

    expect: Expect
    progress: Progress | None


Make = Callable[[Project, Partition, How], Outcome | list[Outcome]]

# The shelves whose steps decide what a table holds, beside its stage.
SHELVES: Mapping[str, str] = {
    "extracted": "extractors",
    "signals": "signals",
    "filtered": "filters",
    "minhash_index": "dedupers",
    "duplicate_pairs": "dedupers",
    "repeated_spans": "dedupers",
    "span_index": "dedupers",
    "deduped": "dedupers",
    "mixed": "mixers",
    "eval_scores": "evals",
}


@dataclass(frozen=True)
class TableAsset:
    """One table and the evidence that is committed before it; `specs` has them in that order, the table last.

    `conserves`: the table owes its input every document, which is checked with the expectations.
    """

    name: str
    specs: tuple[dg.AssetSpec, ...]
    make: Make
    conserves: bool


def table_asset(
    *,
    deps: Sequence[str] = (),
    group: str,
    kinds: Sequence[str] = (),
    conserves: bool = True,
    evidence: Mapping[str, Sequence[str]] | None = None,
) -> Callable[[Make], TableAsset]:
    """Declare the table that a function makes: its name is the function's, its description the docstring.

    `evidence` maps tables that the same call commits first to what they are made from.
    """

    def declare(make: Make) -> TableAsset:
        name = make.__name__
        first = [_spec(e, _said(e), read, group, ("deltalake",)) for e, read in (evidence or {}).items()]
        last = _spec(name, make.__doc__ or "", deps, group, ("deltalake", *kinds))
        return TableAsset(name, (*first, last), make, conserves)

    return declare


def _spec(name: str, description: str, deps: Sequence[str], group: str, kinds: Sequence[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        name,
        deps=[_dep(dep, table(name)) for dep in deps],
        description=description,
        group_name=group,
        kinds=set(kinds),
        owners=["team:data"],
        code_version=code_version(name),
        metadata={"dagster/column_schema": column_schema(table(name)), "dagster/table_name": name},
    )


def _dep(name: str, reader: Table) -> dg.AssetDep:
    """What a table is made from. A reader that shares no partition with it reads all of it."""
    shared = set(table(name).partitions) & set(reader.partitions) & {"crawl", "recipe"}
    return dg.AssetDep(name, partition_mapping=None if shared else dg.AllPartitionMapping())


def _said(name: str) -> str:
    """What the stage of a table says of it."""
    return (registry.module("stages", name).__doc__ or "").split("\n\n")[0]


def code_version(name: str) -> str:
    """The VERSIONs of the stage and of every step that may take part: it changes when the table would."""
    shelf = SHELVES.get(name)
    steps = [("stages", name), *((shelf, step) for step in registry.names(shelf))] if shelf else [("stages", name)]
    return " ".join(f"{where}/{step}={registry.version(where, step)}" for where, step in steps)


def column_schema(described: Table) -> dg.TableSchema:
    """The columns of a table as Dagster shows them."""
    partitions = [dg.TableColumn(p, "string", "In the path of the file, not in it.") for p in described.partitions]
    return dg.TableSchema([*partitions, *(dg.TableColumn(name, str(kind)) for name, kind in described.columns)])


@cache
def discover() -> Mapping[str, TableAsset]:
    """Every table asset, by listing this folder: a file NAME.py holds NAME. `marts` is not one: dbt makes it."""
    names = sorted(p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_"))
    found = {name: getattr(import_module(f"assets.{name}"), name) for name in names}
    return {name: asset for name, asset in found.items() if isinstance(asset, TableAsset)}
