"""What Dagster sees: assets, what they are made from, partitions, checks, pools. A change shows in `definitions.json`.

`python -m tests.orchestration.test_definitions` writes that file anew.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

import assets
from headwater.freshness import ORDER
from headwater.lake.tables import TABLES
from orchestration import checks, partitions
from orchestration.definitions import defs

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = Path(__file__).with_name("definitions.json")
FILES = sorted(p for p in (ROOT / "assets").glob("*.py") if not p.stem.startswith("_"))


def seen():
    graph = defs.resolve_asset_graph()
    return {name: _seen(graph, dg.AssetKey(name)) for name in ORDER}


def _seen(graph, key):
    node = graph.get(key)
    return {
        "made_from": sorted(parent.to_user_string() for parent in node.parent_keys),
        "partitions": sorted(_dimensions(node.partitions_def)),
        "group": node.group_name,
        "pools": sorted(node.pools),
        "checks": sorted(c.name for c in graph.asset_check_keys if c.asset_key == key and not _of_a_step(c)),
    }


def _of_a_step(check):
    """A new signal brings its check along, and changes nothing else."""
    return check.asset_key.path == ["signals"] and check.name.endswith("_is_a_share")


def _dimensions(partitioned):
    if isinstance(partitioned, dg.MultiPartitionsDefinition):
        return [dimension.name for dimension in partitioned.partitions_defs]
    return ["crawl" if isinstance(partitioned, dg.DynamicPartitionsDefinition) else "recipe"]


def test_the_definitions_are_those_of_the_snapshot():
    assert seen() == json.loads(SNAPSHOT.read_text())


# Written down when people release, remove or commit, and not made from other tables by a run.
RECORDS = ("releases", "takedowns", "audit_log")


def test_every_table_is_an_asset():
    assert {spec.key.to_user_string() for a in assets.discover().values() for spec in a.specs} == set(TABLES) - set(
        RECORDS
    )


def test_recipes_are_the_files_of_the_project(root):
    assert partitions.recipes().get_partition_keys() == sorted(p.stem for p in (root / "recipes").glob("*.yaml"))


def test_jobs_cover_every_asset_once():
    found = [key for name in ("ingest", "curate", "train", "publish") for key in selected(name)]
    assert len(found) == len(set(found))
    assert set(found) == defs.resolve_asset_graph().executable_asset_keys


def selected(job):
    return defs.resolve_job_def(job).asset_layer.executable_asset_keys


def test_marts_are_made_from_the_tables():
    graph = defs.resolve_asset_graph()
    for table in set(TABLES) - {"minhash_index", "repeated_spans", "span_index", "document_index", *RECORDS}:
        assert graph.get(dg.AssetKey(["staging", f"stg_{table}"])).parent_keys == {dg.AssetKey(table)}, table


def test_every_mart_has_its_tests_as_checks():
    graph = defs.resolve_asset_graph()
    marts = {key for key in graph.executable_asset_keys if key.path[0] == "marts"}
    assert marts
    assert marts <= {check.asset_key for check in graph.asset_check_keys}


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_an_asset_is_a_sentence(file):
    (function,) = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
    assert function.name == file.stem
    assert function.end_lineno - function.lineno < 15
    assert not [node for node in ast.walk(function) if isinstance(node, ast.For | ast.While | ast.If)]
    assert ast.get_docstring(function)


def test_checks_that_block_are_errors_and_say_what_they_ask():
    for spec in (spec for asset in assets.discover().values() for spec in checks.specs(asset)):
        assert spec.description, spec.name


def test_a_code_version_names_every_step_that_takes_part():
    (filtered,) = assets.discover()["filtered"].specs
    assert filtered.code_version.split()[0].startswith("stages/filtered=")
    assert {"filters/language", "filters/gopher_quality"} <= {s.split("=")[0] for s in filtered.code_version.split()}


def test_the_workspace_is_valid(root, home):
    done = cli(root, home, "definitions", "validate", "-w", "workspace.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validation successful for code location headwater" in done.stdout + done.stderr


def test_loading_the_definitions_is_light(root):
    asked = (
        "import orchestration.definitions, sys; assert not {'torch', 'great_expectations', 'numba'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", asked], cwd=root, check=True)


def cli(root, home, *arguments):
    env = {**os.environ, "DAGSTER_HOME": str(home)}
    command = [Path(sys.executable).with_name("dagster"), *arguments]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(seen(), indent=1) + "\n")
