"""A small synthetic lake in one DuckDB file, and dbt run on it as a user would."""

import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headwater.lake.tables import TABLES

CRAWLS = ("CC-2024-10", "CC-2024-42", "CC-2025-03")
# gopher has not filtered the last crawl yet
RECIPES = {"tiny": CRAWLS, "gopher": CRAWLS[:2]}
MIN_WORDS = {"tiny": 20, "gopher": 60}
RECORDS = 80
START = datetime(2024, 3, 1, tzinfo=UTC)


def rows_of_a_lake():
    """Rows of every table for three crawls and two recipes, each stage made from what the one before kept."""
    rows = {name: [] for name in TABLES}
    for number, crawl in enumerate(CRAWLS):
        crawl_rows(rows, crawl, number)
    for recipe, crawls in RECIPES.items():
        dice = random.Random(recipe)
        for crawl in crawls:
            judge(rows, recipe, crawl, dice)
        stream(rows, recipe)
        train(rows, recipe)
    return rows


def crawl_rows(rows, crawl, number):
    dice = random.Random(crawl)
    rows["sources"] += [{"crawl": crawl, "shard": f"{crawl}-{i}", "records": RECORDS // 2} for i in range(2)]
    for record in range(RECORDS):
        fate = dice.choices(("kept", "dropped", "quarantined"), (85, 10, 5))[0]
        key = {"crawl": crawl, "shard": f"{crawl}-{record % 2}", "doc_id": f"{number}{record:031d}"}
        fact = {**key, "domain": dice.choice(("a.org", "b.com", "c.de", None)), "outcome": fate}
        rule = {"dropped": "media_type", "quarantined": "repeated_record"}.get(fate)
        fetched = START + timedelta(days=200 * number, minutes=dice.randrange(9999))
        # Every crawl fetches the same addresses; a third of the pages have changed since.
        page = {"url": f"http://a.org/{record}", "payload_digest": f"{record} {number if record % 3 == 0 else 0}"}
        rows["raw"].append({**fact, **page, "offset": record, "rule": rule, "fetched_at": fetched})
        index = {k: fact[k] for k in ("crawl", "shard", "doc_id")}
        rows["document_index"].append({**index, "kind": "url", "key": str(record)})
        if fate == "kept":
            fact["url"] = page["url"]
            extract(rows, fact, dice)


def extract(rows, fact, dice):
    good = dice.random() < 0.9
    read = {"language": dice.choice(("en", "de", "fr")), "chars": dice.randrange(50, 5000)} if good else {}
    said = {"outcome": "kept"} if good else {"outcome": "quarantined", "rule": "charset"}
    licence = dice.choice(("CC-BY-4.0", "LicenseRef-all-rights-reserved"))
    evidence = json.dumps([{"licence": licence}]) if dice.random() < 0.5 else None
    for extractor in ("plain", "careful"):
        rows["extracted"].append({**fact, "extractor": extractor, **read, **said, "licence_evidence": evidence})
    key = {k: fact[k] for k in ("crawl", "shard", "doc_id")}
    words = dice.randrange(150)
    rows["signals"].append({**key, "extractor": "plain", **read, "outcome": said["outcome"], "words": words})


def judge(rows, recipe, crawl, dice):
    words = {row["doc_id"]: row["words"] for row in rows["signals"]}
    earlier = [row["doc_id"] for row in rows["deduped"] if row["recipe"] == recipe and row["outcome"] == "kept"]
    for row in [row for row in rows["extracted"] if row["crawl"] == crawl and row["extractor"] == "plain"]:
        carried = {k: v for k, v in row.items() if k != "licence_evidence"}
        if row["outcome"] == "kept" and words[row["doc_id"]] < MIN_WORDS[recipe]:
            drop = {"rule": "gopher_quality.min_words", "threshold": MIN_WORDS[recipe]}
            carried |= {"outcome": "dropped", "value": words[row["doc_id"]], **drop}
        carried |= curate(carried) if recipe == "tiny" else {}
        text = f"text of {row['doc_id']} " * 20 if carried["outcome"] == "kept" else None
        rows["filtered"].append({**carried, "recipe": recipe, "text": text})
        if carried["outcome"] == "kept":
            key = {"recipe": recipe, "crawl": crawl, "shard": row["shard"], "doc_id": row["doc_id"]}
            dedup(rows, key, earlier, dice)


def curate(row):
    """What an editor did to a text, and what became of a second extractor's text of the same page."""
    number = int(row["doc_id"])
    if row["outcome"] not in ("kept", "dropped"):
        return {"alternatives": [{"extractor": e, "outcome": row["outcome"]} for e in ("plain", "careful")]}
    cut = [{"rule": f"cut.{name}", "start": 0, "stop": number % 9 + 1, "put": 2} for name in ("lines", "spans")]
    said = {k: row.get(k) for k in ("chars", "outcome", "rule", "value", "threshold")}
    found = ("kept", None) if number % 3 else ("dropped", "gopher_quality.min_words")
    other = {"extractor": "careful", "chars": number % 99, "outcome": found[0], "rule": found[1]}
    chosen = "careful" if row["outcome"] == "dropped" and found[0] == "kept" else "plain"
    settled = {"extractor": chosen, "chars": other["chars"], "outcome": "kept", "rule": None, "value": None}
    return {
        **(settled if chosen == "careful" else {}),
        "edits": cut[: number % 3] or None,
        "alternatives": [{"extractor": "plain", **said}, other],
    }


def dedup(rows, key, earlier, dice):
    if dice.random() < 0.05:
        verdict = {"rule": "lines", "method": "lines", "value": 0.9, "similarity": 0.9, "threshold": 0.8}
        rows["deduped"].append({**key, "outcome": "duplicate", **verdict})
        return
    if earlier and dice.random() < 0.25:
        method, similarity = dice.choice((("exact", 1.0), ("minhash", 0.8125), ("minhash", 0.9375)))
        found = {"representative": dice.choice(earlier), "method": method, "similarity": similarity}
        verdict = {"rule": f"{method}.threshold", "value": similarity, "threshold": 0.8}
        rows["deduped"].append({**key, "outcome": "duplicate", **found, **verdict})
        rows["duplicate_pairs"].append({**key, "other": found["representative"], "accepted": True})
        return
    span = [{"rule": "lines.repeated", "start": 1, "stop": 3, "put": 0}]
    rows["deduped"].append({**key, "outcome": "kept", "edits": span if int(key["doc_id"]) % 4 == 0 else None})
    rows["duplicate_pairs"] += [{**key, "other": other, "accepted": False} for other in earlier[:1]]
    earlier.append(key["doc_id"])
    outcome = dice.choices(("kept", "withheld", "left_out"), (70, 10, 20))[0]
    rule = {"withheld": "licence_class", "left_out": "budget"}.get(outcome)
    copies = dice.randrange(1, 4) if outcome == "kept" else 0
    licence = (("commercial", "CC-BY-4.0", "attribution"), ("unspecified", None, None))[int(key["doc_id"]) % 2]
    rights = dict(zip(("licence_class", "licence", "obligations"), licence, strict=True))
    rows["mixed"].append({**key, **rights, "outcome": outcome, "rule": rule, "copies": copies, "tokens_estimate": 40})


def stream(rows, recipe):
    kept = [row for row in rows["mixed"] if row["recipe"] == recipe and row["outcome"] == "kept"]
    copies = [(row["doc_id"], row["crawl"], copy) for row in kept for copy in range(row["copies"])]
    random.Random(recipe).shuffle(copies)
    for position, (doc_id, crawl, copy) in enumerate(copies):
        tokens = list(range(int(doc_id) % 97 + 1))
        row = {"recipe": recipe, "shard": "0", "position": position, "crawl": crawl, "doc_id": doc_id}
        rows["tokenized"].append({**row, "copy": copy, "tokens": tokens})


def train(rows, recipe):
    scores = {"tiny": (2.5, 0.375, 0.5), "gopher": (2.25, 0.25, 0.75)}[recipe]
    key = {"recipe": recipe, "model": f"{recipe}-0"}
    rows["proxy_model"].append({**key, "loss": 3.5, "tokens_seen": 10_000, "tokenized_version": 1})
    asked = (("held_out", "bits_per_byte"), ("arc_easy", "accuracy"), ("copa", "accuracy"))
    for (task, metric), score in zip(asked, scores, strict=True):
        row = {**key, "task": task, "metric": metric, "score": score, "standard_error": 0.125, "n": 64, "shots": 0}
        rows["eval_scores"].append(row)


def write_catalog(folder, rows, pins=()):
    """A lake.duckdb as the lake publishes it: a view over Parquet for every table, and the table of pins."""
    folder.mkdir()
    with duckdb.connect(folder / "lake.duckdb") as connection:
        for name, table in TABLES.items():
            file = folder / f"{name}.parquet"
            pq.write_table(pa.Table.from_pylist(rows.get(name, []), schema=table.schema), file)
            connection.execute(f"create view \"{name}\" as select * from read_parquet('{file}')")
        connection.execute("create table pins (table_name varchar, version bigint, published_at timestamp)")
        for name, version in pins:
            connection.execute("insert into pins values (?, ?, '2025-04-01')", [name, version])
    return folder / "lake.duckdb"


@dataclass(frozen=True)
class Catalog:
    """A catalog file and the folder that dbt wrote its artefacts to."""

    file: Path
    target: Path

    def rows(self, query):
        with duckdb.connect(self.file, read_only=True) as connection:
            return connection.execute(query).fetchall()

    def one(self, query):
        return self.rows(query)[0]

    def change(self, statement):
        with duckdb.connect(self.file) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def dbt(root):
    """Runs dbt in the project on a catalog; gives the finished process."""

    def run(catalog, *arguments):
        env = {
            **os.environ,
            "HEADWATER_CATALOG": str(catalog.file),
            "DBT_TARGET_PATH": str(catalog.target),
            "DBT_LOG_PATH": str(catalog.target.parent / "logs"),
        }
        command = [Path(sys.executable).parent / "dbt", "--no-use-colors", *arguments]
        return subprocess.run(command, cwd=root / "dbt_project", env=env, text=True, capture_output=True, check=False)

    return run


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """Writes a catalog with the given rows; dbt has not run on it."""

    def write(rows, pins=()):
        folder = tmp_path_factory.mktemp("dbt")
        return Catalog(write_catalog(folder / "catalog", rows, pins), folder / "target")

    return write


@pytest.fixture(scope="session")
def built(fresh, dbt):
    """The synthetic lake after a build in which any warning is an error, and its documentation."""
    catalog = fresh(rows_of_a_lake(), pins=[(name, number) for number, name in enumerate(TABLES)])
    for arguments in (("build",), ("docs", "generate", "--static", "--no-compile")):
        done = dbt(catalog, "--warn-error", *arguments)
        assert done.returncode == 0, done.stdout
    return catalog


@pytest.fixture
def copied(tmp_path):
    """Copies a catalog, so that a test may change it."""

    def copy(catalog, name="lake.duckdb"):
        return Catalog(Path(shutil.copy(catalog.file, tmp_path / name)), tmp_path / "target")

    return copy
