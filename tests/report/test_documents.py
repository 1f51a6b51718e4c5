"""The other documents validate by their own standards' means, and say what the release says."""

import gzip
import json
import logging
from pathlib import Path

import jsonschema
import pytest
import yaml

from headwater import exports
from headwater.report import data_card, dataset_card
from tests.chain import ROOT

SCHEMA = ROOT / "tests" / "data" / "spdx" / "spdx-3.0.1-schema.json.gz"
HEADINGS = (
    "Authorship", "Dataset overview", "Example of data points", "Motivations and intentions",
    "Access, retention, wipeout", "Provenance", "Human and other sensitive attributes", "Extended use",
    "Transformations and sampling", "Annotations and labelling", "Validation", "Known applications and benchmarks",
    "Terms of art and reflections",
)  # fmt: skip


@pytest.fixture
def folder(released):
    return Path(released.lake.storage.uri("exports/first/report"))


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # of rdflib, within itself
def test_croissant_validates_and_its_records_are_the_documents(folder, numbers, monkeypatch):
    import mlcroissant

    monkeypatch.setattr(logging.getLogger("absl"), "disabled", True)
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert not dataset.metadata.ctx.issues.errors
    records = list(dataset.records("documents"))
    assert len(records) == numbers.values["training.documents"]
    assert {"documents/doc_id", "documents/text", "documents/url"} <= set(records[0])


def test_croissant_says_where_the_data_comes_from(read):
    said = read("croissant.json")
    assert [entry["prov:label"] for entry in said["prov:wasDerivedFrom"]] == ["SAMPLE-2024-10", "SAMPLE-2025-03"]
    assert said["prov:wasGeneratedBy"]["prov:label"] == "headwater recipe tiny"
    assert said["@context"]["@vocab"] == "https://schema.org/"
    assert said["rai:dataCollectionType"] == ["Web Scraping"]
    assert said["usageInfo"]["@type"] == ["CreativeWork", "odrl:Offer"]
    (source,) = [f for f in said["recordSet"][0]["field"] if f["name"] == "doc_id"]
    assert source["equivalentProperty"] == "prov:wasDerivedFrom"


def test_croissant_names_the_files_by_their_digests(read, released):
    (export,) = [e for e in exports.listed(released) if e.kind == "jsonl"]
    said = {f["name"]: f["sha256"] for f in read("croissant.json")["distribution"] if f["@type"] == "cr:FileObject"}
    assert said == {file.name: file.sha256 for file in export.files}


def test_spdx_is_valid_by_the_published_schema(read):
    schema = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    validator = jsonschema.Draft202012Validator(schema)
    document = read("spdx.json")
    assert list(validator.iter_errors(document)) == []
    document["@graph"][4]["dataset_datasetType"] = ["letters"]
    assert list(validator.iter_errors(document)) != []


def test_spdx_has_one_concluded_and_one_declared_licence_a_package(read):
    graph = read("spdx.json")["@graph"]
    packages = [e["spdxId"] for e in graph if e["type"] in ("dataset_DatasetPackage", "ai_AIPackage")]
    for kind in ("hasConcludedLicense", "hasDeclaredLicense"):
        assert sorted(e["from"] for e in graph if e.get("relationshipType") == kind) == sorted(packages)
    assert len(packages) == 2


def test_spdx_says_which_model_was_trained_on_the_data(read, numbers):
    graph = read("spdx.json")["@graph"]
    (trained,) = [e for e in graph if e.get("relationshipType") == "trainedOn"]
    (model,) = [e for e in graph if e["type"] == "ai_AIPackage"]
    assert trained["from"] == model["spdxId"]
    assert trained["to"] == ["urn:headwater:first#dataset"]
    assert model["name"] == numbers.listings["models.each"][0][0]


def test_every_element_of_spdx_that_is_referred_to_is_there(read):
    graph = read("spdx.json")["@graph"]
    there = {e.get("spdxId", e.get("@id")) for e in graph} | {"expandedlicensing_NoAssertionLicense"}
    named = {to for e in graph for to in [*e.get("to", []), *e.get("element", [])]}
    named |= {e["from"] for e in graph if "from" in e}
    assert named <= there


def test_the_dataset_card_is_one_for_the_hub(read):
    from huggingface_hub import DatasetCard

    card = DatasetCard(read("README.md"))
    said = card.data.to_dict()
    assert said["license"] == "odc-by"
    assert said["language"] == ["en"]
    assert said["size_categories"] == ["n<1K"]
    assert said["configs"][0]["data_files"] == [{"split": "train", "path": "jsonl/*.jsonl.gz"}]
    assert "# Dataset Card for Example Web Text" in card.text


def test_the_header_of_the_dataset_card_is_plain_yaml(read):
    said = yaml.safe_load(read("README.md").split("---\n")[1])
    assert said["task_categories"] == ["text-generation"]


@pytest.mark.parametrize(
    ("documents", "words"), [(0, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (10**6, "1M<n<10M"), (10**13, "n>1T")]
)
def test_the_size_category_of_the_hub(documents, words):
    assert dataset_card.size_category(documents) == words


def test_the_data_card_has_its_sections_and_counts_what_is_to_do(read):
    card = read("data-card.json")
    assert tuple(section["title"] for section in card["sections"]) == HEADINGS
    fields = [field for section in card["sections"] for field in section["fields"]]
    to_do = [field["id"] for field in fields if field["state"] == "TODO"]
    assert "owners" in to_do
    assert "purposes" not in to_do
    assert card["completeness"] == {
        "answered": len(fields) - len(to_do), "fields": len(fields),
        "share": round((len(fields) - len(to_do)) / len(fields), 4),
    }  # fmt: skip


def test_every_human_field_is_on_the_card(read):
    fields = {field["id"] for section in read("data-card.json")["sections"] for field in section["fields"]}
    assert set(data_card.HUMAN) <= fields


def test_the_card_lists_what_each_stage_did(read, ask):
    (field,) = [f for s in read("data-card.json")["sections"] for f in s["fields"] if f["id"] == "breakdown"]
    rows = {(table, outcome, rule): n for table, outcome, rule, n in field["answer"][0]["rows"]}
    for outcome, rule, n in ask("select outcome, rule, count(*) from {filtered} group by all"):
        assert rows["filtered", outcome, rule] == n


def test_the_provenance_initiative_gets_one_entry_a_crawl(read, ask):
    entries = read("provenance-initiative.json")
    counted = dict(ask("select crawl, count(*) from {mixed} where outcome = 'kept' group by 1"))
    assert {e["Dataset Name"]: e["Text Metrics"]["Num Dialogs"] for e in entries.values()} == counted
    required = ("Unique Dataset Identifier", "Dataset Name", "Collection", "Collection URL", "Dataset URL", "Languages",
                "Task Categories", "Format", "Human Annotation", "Dataset Filter IDs")  # fmt: skip
    assert all(name in entry for entry in entries.values() for name in required)


def test_the_provenance_initiative_says_the_licences_that_were_found(read, ask):
    for entry in read("provenance-initiative.json").values():
        named = ask("select distinct licence from {mixed} where outcome = 'kept' and licence is not null and crawl = "
                    f"'{entry['Dataset Name']}' order by 1")  # fmt: skip
        assert [licence["License"] for licence in entry["Licenses"]] == [name for (name,) in named]


def test_made_again_the_report_has_the_same_bytes(released):
    before = exports.find(released, "first", "report")
    assert exports.remake(released, "first")[-1] == before
