"""How dbt is called: models are parsed once for each content, and built in a copy of the catalog that is swapped in."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject

from headwater import catalog
from headwater.errors import HeadwaterError
from headwater.lake.lineage import digest_of_folder
from headwater.project import Project

# Beside the Python that runs, which need not be on the PATH.
DBT = Path(sys.executable).with_name("dbt")


class Translator(DagsterDbtTranslator):
    """Models keep the names that dbt gives them, folder and name, and form one group."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The group of the job that builds them."""
        return "publish"


@cache
def dbt_project() -> DbtProject:
    """The dbt project of this folder with its parsed manifest, which lies outside of what git tracks."""
    folder = Project.open().settings.folder.resolve()
    target = folder / ".dagster" / "dbt" / _content(folder / "dbt_project")[:16]
    if not (target / "manifest.json").exists():
        _parse(folder / "dbt_project", target)
    return DbtProject(folder / "dbt_project", target_path=target)


def _content(folder: Path) -> str:
    return digest_of_folder(folder, ("models", "macros", "tests", "*.yml"))


def _parse(folder: Path, target: Path) -> None:
    """Parsing costs seconds, and every process that loads the definitions needs the result."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".parse-") as scratch:
        folders = {"DBT_TARGET_PATH": scratch, "DBT_LOG_PATH": scratch, "DBT_PROFILES_DIR": str(folder)}
        environment = {**os.environ, **folders, "HEADWATER_CATALOG": ":memory:"}
        command = [str(DBT), "--no-use-colors", "parse"]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise HeadwaterError(f"dbt cannot parse {folder}: {done.stdout.strip()[-2_000:]}")
        target.mkdir(exist_ok=True)
        (Path(scratch) / "manifest.json").replace(target / "manifest.json")


def build(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Build the selected models; the catalog is swapped when every model is built and no test has failed."""
    with catalog.building(project) as draft, _environment("HEADWATER_CATALOG", str(draft)):
        dbt = DbtCliResource(project_dir=dbt_project(), dbt_executable=str(DBT))
        target = Path(dbt_project().target_path) / "run"
        if context.is_subset:
            # A copy of the catalog keeps the marts' tables only; what they read are views.
            views = ["run", "--select", "staging", "intermediate"]
            dbt.cli(views, target_path=target, manifest=dbt_project().manifest_path).wait()
        yield from dbt.cli(["build"], context=context.op_execution_context, target_path=target).stream()
        if not context.is_subset:
            catalog.mark_marts(project, draft)


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """A variable for dbt, which takes the path of its database from nowhere else."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
