"""The dbt project builds without a warning on any lake, documents every column, and reports what does not add up."""

import json
from pathlib import Path

import pytest
import yaml

from headwater.lake.tables import TABLES

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))


def test_an_empty_lake_builds_without_a_warning(fresh, dbt):
    catalog = fresh({})
    done = dbt(catalog, "--warn-error", "build")
    assert done.returncode == 0, done.stdout
    assert catalog.one("select count(*) from marts.retention_funnel") == (0,)
    assert catalog.one("select count(*) from marts.recipe_leaderboard") == (0,)


def test_a_second_build_gives_the_same_marts(built, copied, dbt):
    again = copied(built)
    assert dbt(again, "run").returncode == 0
    for mart in sorted(path.stem for path in MODELS if path.parent.name == "marts"):
        assert again.rows(f"from marts.{mart}") == built.rows(f"from marts.{mart}") != [], mart


def test_lost_documents_are_reported_but_stop_no_mart(built, copied, dbt):
    broken = copied(built)
    broken.change("create table less as select * from deduped where outcome <> 'kept' or doc_id not like '0%1'")
    broken.change("create or replace view deduped as select * from less")
    broken.change("create or replace view signals as select * from (from extracted limit 5)")
    done = dbt(broken, "build", "--select", "stg_signals", "document_counts", "retention_funnel")
    assert done.returncode == 0, done.stdout
    assert "Warning in test funnel_conserves_documents" in done.stdout
    assert "Warning in test signals_measure_every_extracted_document" in done.stdout


def test_nothing_is_written_into_the_project(built):
    assert built.target.exists()
    assert not [name for name in ("target", "logs", "dbt_packages", ".user.yml") if (PROJECT / name).exists()]


def test_a_renamed_catalog_can_still_be_read(built, copied):
    query = "select count(*) from intermediate.document_fates"
    assert copied(built, name="other.duckdb").one(query) == built.one(query)


def test_every_column_of_every_model_is_described(built):
    described = json.loads((built.target / "manifest.json").read_text())["nodes"]
    for key, node in json.loads((built.target / "catalog.json").read_text())["nodes"].items():
        told = {name for name, column in described[key]["columns"].items() if column["description"]}
        assert set(node["columns"]) == told, key


def test_descriptions_travel_in_the_catalog_file(built):
    query = "select comment from duckdb_columns() where table_name = 'domains' and column_name = 'raw_documents'"
    assert built.one(query) == ("HTML documents.",)


def test_the_documentation_is_one_file(built):
    assert "retention_funnel" in (built.target / "static_index.html").read_text()


@pytest.mark.parametrize("sql", MODELS, ids=lambda path: path.stem)
def test_each_model_states_its_grain_in_a_file_of_the_same_name(sql):
    (model,) = yaml.safe_load(sql.with_suffix(".yml").read_text())["models"]
    assert model["name"] == sql.stem
    assert model["description"].startswith("One row per ")


@pytest.mark.parametrize("sql", [p for p in MODELS if p.parent.name != "staging"], ids=lambda path: path.stem)
def test_each_model_that_computes_has_a_unit_test(sql):
    tests = yaml.safe_load(sql.with_suffix(".yml").read_text())["unit_tests"]
    assert {test["model"] for test in tests} == {sql.stem}


def test_every_lake_table_is_a_source_that_is_the_asset_of_the_same_name():
    (source,) = yaml.safe_load((PROJECT / "models/staging/__sources.yml").read_text())["sources"]
    keys = {t["name"]: t["config"]["meta"]["dagster"]["asset_key"] for t in source["tables"] if t["name"] != "pins"}
    # What people write down has no asset: releases, takedowns, the audit log.
    assert keys == {name: [name] for name in TABLES if name not in ("releases", "takedowns", "audit_log")}


def test_no_model_carries_the_text(built):
    query = "select count(*) from duckdb_columns() where column_name = 'text' and schema_name <> 'main'"
    assert built.one(query) == (0,)
