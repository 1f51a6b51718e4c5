"""The rules of the layout, kept by machine."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.registry import SHELVES
from tests.chain import ROOT

LIBRARY = ROOT / "headwater"
FILES = sorted(p for p in LIBRARY.rglob("*.py") if "_project" not in p.parts)


def tree(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def name(file):
    return str(file.relative_to(ROOT))


def module(file):
    """The name by which a file of the library is imported."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(file):
    found = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_no_module_of_the_library_imports_the_orchestrator_dbt_or_the_expectations():
    modules = [module(file) for file in FILES]
    outsiders = ("dagster", "dbt", "great_expectations", "orchestration", "assets", "expectations")
    code = (
        f"import sys, json\nfrom importlib import import_module\nfor m in {modules!r}: import_module(m)\n"
        f"print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}} & set({outsiders!r}))))"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
    assert len(modules) > 60


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_module_says_what_it_is_and_is_short_enough_to_read(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 400
    assert not lines or ast.get_docstring(tree(file))


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_function_is_at_most_sixty_lines(file):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = {n.name: n.end_lineno - n.lineno + 1 for n in ast.walk(tree(file)) if isinstance(n, kinds)}
    assert {function: lines for function, lines in long.items() if lines > 60} == {}


@pytest.mark.parametrize("shelf", SHELVES)
def test_a_file_of_a_shelf_imports_no_other_file_of_a_shelf(shelf):
    for file in sorted((LIBRARY / shelf).glob("[!_]*.py")):
        for module in imported(file):
            parts = module.split(".")
            if parts[0] == "headwater" and parts[1] in SHELVES and len(parts) > 2:
                assert parts[1] == shelf, f"{name(file)} imports {module}"
                assert parts[2].startswith("_") or shelf == "stages", f"{name(file)} imports {module}"


def test_only_the_store_writes_tables():
    for file in FILES:
        for node in ast.walk(tree(file)):
            if not (isinstance(node, ast.Attribute | ast.Name)):
                continue
            called = node.attr if isinstance(node, ast.Attribute) else node.id
            delta = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "DeltaTable"
            if called in ("create_write_transaction", "write_deltalake") or (called == "create" and delta):
                # The audit log is a table whose rows are about commits, so it cannot be committed as the others are.
                assert name(file) in ("headwater/lake/store.py", "headwater/lake/journal.py")


def test_no_name_of_one_module_that_is_private_is_used_by_another():
    for file in FILES:
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("headwater"):
                private = [alias.name for alias in node.names if alias.name.startswith("_")]
                modules = [p for p in private if (LIBRARY.parent / node.module.replace(".", "/") / f"{p}.py").exists()]
                assert private == modules, f"{name(file)} imports {private}"


def test_only_the_settings_the_command_line_and_its_runner_read_the_environment():
    readers = set()
    for file in FILES:
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                readers.add(Path(name(file)).name)
    assert readers <= {"settings.py", "cli.py", "running.py", "devices.py"}


def test_nothing_is_printed_outside_the_command_line():
    for file in FILES:
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("print", "eval", "exec"), name(file)


def test_nothing_is_pickled():
    for file in FILES:
        assert not {m for m in imported(file) if m.split(".")[0] in ("pickle", "dill", "cloudpickle", "joblib")}
