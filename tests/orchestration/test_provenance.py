"""Four witnesses of one commit agree: the Delta log, the UI's materialization, the OpenLineage event, the audit log."""

import json
from uuid import UUID

import dagster as dg
import pytest

from headwater.lake import journal
from headwater.lake.lineage import Provenance
from headwater.lake.tables import TABLES
from orchestration.launch import launch
from tests import chain

CRAWL, RECIPE = {"crawl": "SAMPLE-2024-10"}, {"recipe": "tiny"}
MODEL = {"steps": 2, "hidden_size": 32, "layers": 1, "heads": 2, "kv_heads": 2, "intermediate_size": 64, "seq_len": 64}


@pytest.fixture(scope="module")
def witnesses(root, tmp_path_factory):
    """A crawl taken to its scores by the jobs of the UI: what each witness says, by table and version."""
    here = tmp_path_factory.mktemp("witnesses")
    folder = chain.lay_out(here / "project", openlineage={"file": "events.jsonl"})
    chain.change(folder, "tiny", model={**MODEL, "batch_size": 2, "device": "cpu"}, crawls=[CRAWL["crawl"]])
    home = here / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_bytes((root / "dagster.yaml").read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_PROJECT", str(folder))
        for name in ("OPENLINEAGE_URL", "OPENLINEAGE_NAMESPACE", "OPENLINEAGE_DISABLED"):
            patch.delenv(name, raising=False)
        told = launch("ingest", CRAWL, home=home)
        told += launch("curate", {**CRAWL, **RECIPE}, home=home)
        told += launch("train", RECIPE, home=home)
    with chain.opened(folder) as project, dg.DagsterInstance.from_config(str(home)) as instance:
        commits = {(p.table, c.version): p for p, c in committed(project)}
        yield {
            "commits": commits,
            "dagster": {told_of(record, commits): record for row in told for record in row["metadata"]["provenance"]},
            "materialized": told,
            "checks": {at: checks(instance, said) for at, said in commits.items()},
            "events": dict(map(by_version, events(folder))),
            "log": {(e.table, e.version): e.record for e in journal.entries(project.lake) if e.record},
        }


def committed(project):
    for name in TABLES:
        yield from ((c.provenance, c) for c in project.lake.log(name) if c.provenance and c.provenance.key)


def told_of(record, commits):
    """The version of the commit that a record of Dagster's is of, which is the run's."""
    (place,) = [place for place, said in commits.items() if said.run == record["run"]]
    return place


def events(folder):
    told = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert sum(event["eventType"] == "START" for event in told) == len(told) / 2
    return [event for event in told if event["eventType"] == "COMPLETE"]


def by_version(event):
    said = event["outputs"][0]["facets"]["headwater_deltaCommit"]
    return (said["table"], said["version"]), event


def checks(instance, said):
    """The answers that the UI shows for the checks of a commit."""
    keys = [dg.AssetCheckKey(dg.AssetKey(said.table), name) for name in said.checks]
    found = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    return {key.name: record.event.dagster_event.asset_check_evaluation_data.passed for key, record in found.items()}


def facts(said):
    """What all four say of a commit."""
    return {
        "run": said.run,
        "key": said.key,
        "fingerprint": said.fingerprint,
        "digest": said.digest,
        "partition": dict(said.partition),
        "steps": dict(said.steps),
        "inputs": [(i.table, dict(i.partition), i.version, i.digest) for i in said.inputs],
        "rows": said.rows,
        "outcomes": dict(said.row_flow["outcomes"]),
        "checks": dict(said.checks),
    }


def facts_of_event(event):
    facets = event["outputs"][0]["facets"]
    said, flow = facets["headwater_deltaCommit"], event["run"]["facets"]["headwater_rowFlow"]
    assertions = event["outputs"][0]["outputFacets"]["dataQualityAssertions"]["assertions"]
    return {
        "run": UUID(event["run"]["runId"]).hex,
        **{name: said[name] for name in ("key", "fingerprint", "digest", "partition", "steps")},
        "inputs": [read_of_event(*pair) for pair in zip(event["inputs"], flow["inputs"], strict=True)],
        "rows": flow["rows"],
        "outcomes": flow["outcomes"],
        "checks": {a["assertion"]: a["success"] for a in assertions},
    }


def read_of_event(dataset, flow):
    said = dataset["facets"].get("headwater_deltaCommit")
    version = dataset["facets"]["version"]["datasetVersion"]
    digest = version if said is None else said["digest"]
    return flow["table"], flow["partition"], None if said is None else int(version), digest


def test_every_table_of_the_chain_was_made(witnesses):
    tables = {table for table, _ in witnesses["commits"]}
    assert tables >= {"sources", "raw", "extracted", "signals", "filtered", "minhash_index", "duplicate_pairs"}
    assert tables >= {"deduped", "mixed", "tokenized", "proxy_model", "eval_scores"}


def test_dagster_says_of_each_commit_what_the_commit_says(witnesses):
    told = {at: facts(Provenance.from_json(json.dumps(record))) for at, record in witnesses["dagster"].items()}
    assert told == {at: facts(said) for at, said in witnesses["commits"].items()}


def test_openlineage_says_of_each_commit_what_the_commit_says(witnesses):
    told = {at: facts_of_event(event) for at, event in witnesses["events"].items()}
    assert told == {at: facts(said) for at, said in witnesses["commits"].items()}


def test_the_audit_log_holds_each_commit_s_record_to_the_letter(witnesses):
    held = {at: witnesses["log"][at] for at in witnesses["commits"]}
    assert held == {at: said.to_json() for at, said in witnesses["commits"].items()}


def test_the_checks_in_the_ui_are_those_of_the_commit(witnesses):
    assert sum(map(len, witnesses["checks"].values())) > 50
    assert witnesses["checks"] == {at: dict(said.checks) for at, said in witnesses["commits"].items()}


def test_what_dagster_shows_beside_the_record_is_the_same(witnesses):
    for row in witnesses["materialized"]:
        shown, records = row["metadata"], row["metadata"]["provenance"]
        assert shown["dagster/partition_row_count"] == sum(record["rows"] for record in records)
        assert shown["fingerprint"] == " ".join(record["fingerprint"] for record in records)
        assert row["version"] == max(told_of(record, witnesses["commits"])[1] for record in records)
        outcomes = {name.removeprefix("rows_"): n for name, n in shown.items() if name.startswith("rows_")}
        for name, count in outcomes.items():
            assert count == sum(record["row_flow"]["outcomes"].get(name, 0) for record in records)
