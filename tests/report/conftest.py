"""A released lake of the sample with a small model, its report, and the files of the release for DuckDB alone."""

import json
import shutil
from types import SimpleNamespace

import duckdb
import pytest
import yaml

from headwater import exports, releases
from tests import chain

PROVIDER = {
    "provider": {"name": "Example Models B.V.", "contact": "data at example.com", "small_or_medium": True},
    "model": {"names": ["example-1b-v1"], "continuously_trained": False},
    "dataset": {"title": "Example Web Text", "licence": "ODC-By-1.0", "url": "https://example.com/data"},
    "crawls": {"made_by": "us", "crawlers": ["ExampleBot"]},
    "card": {"purposes": "To test the report."},
    "comments": {"2.3.i": "<script>alert(1)</script> {training.tokens} | a"},
}


@pytest.fixture(scope="session")
def released(built, tmp_path_factory):
    """The built project with a release up to its scores, the jsonl export and the report."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("released") / "project")
    chain.change(folder, "tiny", model={"steps": 2, "threads": 1})
    (folder / "provider.yaml").write_text(yaml.safe_dump(PROVIDER))
    with chain.opened(folder) as project:
        chain.run(project, to="eval_scores")
        release = releases.create(project, "first", "tiny")
        exports.make(project, release, "jsonl", {"compression": "gz"})
        exports.make(project, release, "report")
        yield project


@pytest.fixture(scope="session")
def release(released):
    return releases.load(released, "first")


@pytest.fixture
def read(released):
    """The text of a file of the report, or its data where it is JSON."""

    def read(name):
        text = released.lake.storage.read(f"exports/first/report/{name}").decode()
        return json.loads(text) if name.endswith(".json") else text

    return read


@pytest.fixture
def ask(released, release):
    """Ask DuckDB about the Parquet files of the release, by table name in braces; nothing of the package is between."""

    def ask(query):
        tables = {
            name: sorted(f for p in release.pinned if p.table == name for f in p.files) for name in release.tables()
        }
        root = released.lake.storage.root
        paths = {name: str([f"{root}/{f}" for f in files]) for name, files in tables.items()}
        views = {name: f"read_parquet({files}, hive_partitioning = true)" for name, files in paths.items()}
        with duckdb.connect() as connection:
            return connection.execute(query.format_map(views)).fetchall()

    return ask


@pytest.fixture
def numbers(read):
    """Every number of the report by name."""
    found = read("numbers.json")
    return SimpleNamespace(
        values={n["name"]: n["value"] for n in found["numbers"]},
        listings={entry["name"]: [tuple(row) for row in entry["rows"]] for entry in found["listings"]},
        whole=found,
    )
