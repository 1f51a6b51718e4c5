"""Events hold what the commit holds, are valid by the published schemas, and name every column's origin."""

import copy
from dataclasses import replace

import pytest

from headwater import editors, openlineage, registry
from headwater.errors import NotFound
from headwater.lake.tables import TABLES
from headwater.openlineage import events as building
from headwater.openlineage.columns import DECLARED
from tests import chain
from tests.openlineage.schemas import facets, problems

UNTOLD = {"audit_log"}
OWN = {"rowFlow", "consentPolicy", "licenceComposition", "deltaCommit"}


def complete(events, table=None):
    done = [event for event in events if event["eventType"] == "COMPLETE"]
    return [event for event in done if table is None or output(event)["table"] == table]


def output(event):
    return event["outputs"][0]["facets"]["headwater_deltaCommit"]


def commit(project, table):
    return project.lake.log(table)[0]


def altered(project, table, **changed):
    """The COMPLETE event that the newest commit of a table would have with another record."""
    found = commit(project, table)
    return building.of_commit(project, replace(found, provenance=replace(found.provenance, **changed)))[1]


def test_every_commit_has_a_start_and_an_end(trained, events):
    runs = [c.provenance.run for name in TABLES for c in trained.lake.log(name) if c.provenance and c.provenance.key]
    for kind in ("START", "COMPLETE"):
        told = [event["run"]["runId"].replace("-", "") for event in events if event["eventType"] == kind]
        assert sorted(told) == sorted(runs)
    assert len(runs) > 20


def test_every_event_of_the_chain_is_valid_by_the_published_schemas_and_ours(events):
    assert [problem for event in events for problem in problems(event)] == []
    assert {key.removeprefix("headwater_") for event in events for key, _ in facets(event)} >= OWN


@pytest.mark.parametrize(("path", "value"), [
    (("run", "runId"), "no uuid"),
    (("outputs", 0, "facets", "version", "datasetVersion"), 3),
    (("outputs", 0, "facets", "headwater_deltaCommit", "digest"), "short"),
    (("run", "facets", "headwater_rowFlow", "rows"), -1),
    (("inputs", 0, "inputFacets", "dataQualityAssertions", "assertions", 0, "success"), "yes"),
    (("outputs", 0, "facets", "columnLineage", "fields", "doc_id", "inputFields"), None),
])  # fmt: skip
def test_an_event_that_is_not_valid_is_found(events, path, value):
    event = copy.deepcopy(complete(events, "deduped")[-1])
    place = event
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert problems(event)


def test_a_facet_under_another_key_is_found(events):
    event = copy.deepcopy(complete(events, "deduped")[-1])
    event["run"]["facets"]["rowFlow"] = event["run"]["facets"]["headwater_rowFlow"]
    assert problems(event) == ["rowFlow: its schema names ['headwater_rowFlow']"]


def test_every_table_names_its_inputs(events):
    assert {output(event)["table"] for event in complete(events)} >= {"sources", "mixed", "eval_scores", "releases"}
    assert all(event["inputs"] for event in events)


def test_inputs_are_tables_at_versions_with_their_partitions(trained, events):
    for event in complete(events):
        said = output(event)
        record = next(c for c in trained.lake.log(said["table"]) if c.version == said["version"]).provenance
        for told, read in zip(event["inputs"], record.inputs, strict=True):
            version = read.digest if read.version is None else str(read.version)
            assert told["facets"]["version"]["datasetVersion"] == version
            if read.version is not None:
                assert told["name"] == trained.lake.storage.uri(read.table)
                assert told["facets"]["headwater_deltaCommit"]["digest"] == read.digest
                where = told["inputFacets"]["subset"]["inputCondition"]["partitions"]
                assert [entry["dimensions"] for entry in where] == [dict(read.partition)]


def test_a_crawl_and_a_file_of_examples_are_datasets_too(trained, events):
    (crawl,) = {event["inputs"][0]["name"].rsplit("/crawl-data/", 1)[0] for event in complete(events, "sources")}
    assert crawl == trained.settings.place(trained.settings.crawls)
    (scores,) = complete(events, "eval_scores")
    named = {told["name"] for told in scores["inputs"]}
    assert f"{trained.settings.place(trained.settings.evals)}/arc_easy.jsonl" in named


def test_a_store_elsewhere_is_a_namespace_without_who_reads_it(trained):
    from headwater.openlineage import datasets

    far = replace(trained.lake.storage, root="s3://key:secret@bucket/a/lake")
    assert datasets.placed(far.uri("raw")) == ("s3://bucket", "a/lake/raw")


def test_rows_and_files_are_those_of_the_version(trained, events):
    for event in complete(events):
        said = output(event)
        files = trained.lake.files(said["table"], said["partition"], said["version"])
        counted = event["outputs"][0]["outputFacets"]["outputStatistics"]
        assert (counted["rowCount"], counted["fileCount"]) == (sum(f.rows for f in files), len(files))
        assert counted["size"] == sum(f.size for f in files)
        assert event["run"]["facets"]["headwater_rowFlow"]["rows"] == counted["rowCount"]


def test_rows_by_outcome_are_told_of_inputs_and_output(trained, events):
    flow = complete(events, "deduped")[-1]["run"]["facets"]["headwater_rowFlow"]
    rows = chain.rows(trained, "deduped", ["outcome"], crawl=flow["inputs"][0]["partition"]["crawl"])
    assert flow["outcomes"] == {o: sum(row["outcome"] == o for row in rows) for o in ("duplicate", "kept")}
    assert flow["inputs"][0]["outcomes"]["kept"] == flow["rows"]


def test_the_mix_tells_its_policy_and_its_licences(trained, events):
    (mixed,) = complete(events, "mixed")
    policy = trained.policy(trained.recipe("tiny").policy)
    told = mixed["run"]["facets"]["headwater_consentPolicy"]
    assert (told["name"], told["digest"]) == (policy.name, policy.fingerprint)
    classes = mixed["outputs"][0]["facets"]["headwater_licenceComposition"]["classes"]
    rows = chain.rows(trained, "mixed", ["licence_class"])
    assert {c["licenceClass"]: c["documents"] for c in classes} == {
        use: sum(row["licence_class"] == use for row in rows) for use in {row["licence_class"] for row in rows}
    }


def test_checks_are_assertions_of_the_table_and_of_whoever_reads_it(events):
    (first, second) = complete(events, "deduped")
    own = first["outputs"][0]["outputFacets"]["dataQualityAssertions"]["assertions"]
    assert [(a["assertion"], a["success"], a["severity"]) for a in own] == [("rows_in_equal_rows_out", True, "error")]
    (mixed,) = complete(events, "mixed")
    read = next(i for i in mixed["inputs"] if i["facets"]["headwater_deltaCommit"]["run"] == output(second)["run"])
    assert read["inputFacets"]["dataQualityAssertions"]["assertions"] == own


@pytest.mark.parametrize("name", sorted(set(TABLES) - UNTOLD))
def test_column_lineage_is_declared_for_every_column_and_no_other(name):
    assert set(DECLARED[name].columns) == set(TABLES[name].schema.names)
    for sources in [*DECLARED[name].columns.values(), DECLARED[name].rows]:
        assert all(s.table[0] == "~" or s.column in TABLES[s.table].schema.names for s in sources)


def test_every_column_that_data_decides_names_a_column_of_an_input(events):
    for event in complete(events):
        table = output(event)["table"]
        read = {(i["namespace"], i["name"]) for i in event["inputs"]}
        fields = event["outputs"][0]["facets"]["columnLineage"]["fields"]
        schema = [field["name"] for field in event["outputs"][0]["facets"]["schema"]["fields"]]
        assert set(fields) == set(schema)
        for column, said in fields.items():
            assert bool(said["inputFields"]) == bool(DECLARED[table].columns[column]), f"{table}.{column}"
            assert {(f["namespace"], f["name"]) for f in said["inputFields"]} <= read


def test_every_input_table_decides_something(events):
    for event in complete(events):
        if output(event)["table"] == "releases":
            continue
        lineage = event["outputs"][0]["facets"]["columnLineage"]
        used = [f for said in lineage["fields"].values() for f in said["inputFields"]] + lineage["dataset"]
        missing = {i["name"] for i in event["inputs"]} - {f["name"] for f in used}
        assert missing == set(), output(event)["table"]


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Two editors on a shelf of their own."""
    (tmp_path / "mask_mail.py").write_text('"""Mask addresses."""\nVERSION = 1\nMASKS = True\n')
    (tmp_path / "drop_lines.py").write_text('"""Drop lines."""\nVERSION = 1\n')
    monkeypatch.setattr(editors, "__path__", [*editors.__path__, str(tmp_path)])
    yield tmp_path
    registry.module.cache_clear()


def of_text(event):
    ((how,),) = (
        f["transformations"] for f in event["outputs"][0]["facets"]["columnLineage"]["fields"]["text"]["inputFields"]
    )
    return how


@pytest.mark.parametrize(("steps", "masking"), [
    (["drop_lines"], False), (["mask_mail"], True), (["drop_lines", "mask_mail"], True),
])  # fmt: skip
def test_a_text_that_an_editor_changed_says_so_and_whether_it_was_masked(trained, shelf, steps, masking):
    record = commit(trained, "filtered").provenance
    event = altered(trained, "filtered", steps={**record.steps, **{f"editors/{step}": 1 for step in steps}})
    how = of_text(event)
    assert (how["type"], how["subtype"], how["masking"]) == ("DIRECT", "TRANSFORMATION", masking)
    assert how["description"] == " ".join(f"editors/{step}" for step in steps)
    assert problems(event) == []


def test_a_text_that_no_editor_changed_is_the_same_and_not_masked(trained):
    how = of_text(altered(trained, "filtered"))
    assert (how["subtype"], how["masking"]) == ("IDENTITY", False)


def test_of_an_editor_that_is_gone_it_is_not_known_whether_it_masked(trained):
    record = commit(trained, "filtered").provenance
    assert "masking" not in of_text(altered(trained, "filtered", steps={**record.steps, "editors/gone": 1}))


def test_a_takedown_is_an_overwriting_that_names_it(trained):
    record = commit(trained, "filtered").provenance
    flow = {"rows": record.rows, "outcomes": {"kept": record.rows - 2, "removed": 2}}
    event = altered(trained, "filtered", details={"takedown": "2026-001"}, row_flow=flow)
    told = event["run"]["facets"]["headwater_takedown"]
    assert (told["takedown"], told["counts"]) == ("2026-001", {"rows": record.rows, "removed": 2})
    assert event["outputs"][0]["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "OVERWRITE"
    assert problems(event) == []


def test_the_first_rows_create_a_table_and_another_partition_changes_no_state(events):
    first, second = complete(events, "raw")
    assert first["outputs"][0]["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "CREATE"
    assert "lifecycleStateChange" not in second["outputs"][0]["facets"]


def test_a_version_that_is_not_there_and_one_without_lineage_are_not_found(trained):
    with pytest.raises(NotFound, match="no version 99"):
        openlineage.of_version(trained, "raw", 99)
    with pytest.raises(NotFound, match="has no lineage"):
        openlineage.of_version(trained, "raw", 0)
