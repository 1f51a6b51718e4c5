"""SPDX 3.0.1 (JSON-LD): the release as a DatasetPackage, its proxy models as AIPackages trained on it.

Source: spdx.github.io/spdx-spec/v3.0.1, profiles dataset, ai and simpleLicensing.
"""

import re
from typing import Any

from headwater.exports import Export
from headwater.lake.lineage import canonical
from headwater.report import reservations
from headwater.report.croissant import ENCODED
from headwater.report.numbers import Facts, said_time
from headwater.report.provider import Provider

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
NO_LICENCE = "expandedlicensing_NoAssertionLicense"
EXPRESSION = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")


def document(facts: Facts, provider: Provider, lines: Export | None) -> dict[str, Any]:
    """The whole document: one graph."""
    base = f"urn:headwater:{facts.release.name}"
    files = [_file(base, file) for file in (lines.files if lines is not None else ())]
    models = facts.listings["models.each"].dicts()
    elements = [
        _agent(base, provider),
        _tool(base, facts),
        _dataset(base, facts, provider),
        *files,
        *(_model(base, row, facts) for row in models),
        *_licences(base, provider),
        *_relations(base, facts, [file["spdxId"] for file in files], models, provider),
    ]
    top = {
        "type": "SpdxDocument",
        "spdxId": f"{base}#document",
        "creationInfo": "_:made",
        "name": f"{facts.release.name}, a data set made by headwater",
        "profileConformance": ["core", "software", "dataset", "simpleLicensing", *(["ai"] if models else [])],
        "rootElement": [f"{base}#dataset"],
        "element": [element["spdxId"] for element in elements],
    }
    made = {
        "type": "CreationInfo",
        "@id": "_:made",
        "specVersion": "3.0.1",
        "created": said_time(facts.updated),
        "createdBy": [f"{base}#provider"],
        "createdUsing": [f"{base}#headwater"],
    }
    return {"@context": CONTEXT, "@graph": [made, top, *elements]}


def _agent(base: str, provider: Provider) -> dict[str, Any]:
    name = provider.provider.name or "not stated"
    return {"type": "Organization", "spdxId": f"{base}#provider", "creationInfo": "_:made", "name": name}


def _tool(base: str, facts: Facts) -> dict[str, Any]:
    code = " ".join(str(value) for value in facts.release.details.get("code", {}).values())
    name = f"headwater {code}".strip()
    return {"type": "Tool", "spdxId": f"{base}#headwater", "creationInfo": "_:made", "name": name}


def _dataset(base: str, facts: Facts, provider: Provider) -> dict[str, Any]:
    about, resolved = provider.dataset, facts.release.details.get("resolved", {})
    steps = [step["name"] for part in ("filters", "dedup") for step in resolved.get(part, ())]
    behaviour = " ".join((provider.crawls.behaviour or "").split())
    collected = f"Web crawls from {facts.value('crawls.first')} to {facts.value('crawls.last')}. {behaviour}"
    policy = [reservations.in_words(facts.policy)] if facts.policy is not None else []
    return {
        "type": "dataset_DatasetPackage",
        "spdxId": f"{base}#dataset",
        "creationInfo": "_:made",
        "name": about.title or facts.release.name,
        "description": about.description or "Web documents for language model pre-training.",
        "software_packageVersion": about.version,
        "software_primaryPurpose": "data",
        "software_downloadLocation": about.url or base,
        "originatedBy": [f"{base}#provider"],
        "builtTime": said_time(facts.release.created_at),
        "releaseTime": said_time(facts.updated),
        "dataset_datasetType": ["text"],
        "dataset_datasetSize": facts.count("training.bytes"),
        "dataset_dataCollectionProcess": collected.strip(),
        "dataset_dataPreprocessing": [*steps, *policy],
        "dataset_hasSensitivePersonalInformation": "noAssertion",
        "dataset_datasetUpdateMechanism": "A release never changes, except that takedowns remove documents.",
        **_stated(provider),
    }


def _stated(provider: Provider) -> dict[str, Any]:
    """What only people can say, where they did."""
    about = provider.dataset
    found: dict[str, Any] = {}
    if about.intended_use:
        found["dataset_intendedUse"] = " ".join(about.intended_use.split())
    if about.known_biases:
        found["dataset_knownBias"] = [" ".join(about.known_biases.split())]
    return found


def _file(base: str, file: Any) -> dict[str, Any]:
    return {
        "type": "software_File",
        "spdxId": f"{base}#file-{file.name}",
        "creationInfo": "_:made",
        "name": file.name,
        "contentType": ENCODED[file.name.rsplit(".", 1)[1]],
        "software_fileKind": "file",
        "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": file.sha256}],
    }


def _model(base: str, row: dict[str, Any], facts: Facts) -> dict[str, Any]:
    numbers = {"parameters": row["parameters"], "steps": row["steps"], "tokens_seen": row["tokens_seen"]}
    scores = [s for s in facts.listings["scores"].dicts() if s["model"] == row["model"]]
    return {
        "type": "ai_AIPackage",
        "spdxId": f"{base}#model-{row['model']}",
        "creationInfo": "_:made",
        "name": str(row["model"]),
        "software_primaryPurpose": "model",
        "ai_typeOfModel": ["decoder-only transformer language model"],
        "ai_domain": ["proxy model that compares training sets"],
        "ai_hyperparameter": [_entry(name, value) for name, value in numbers.items()],
        "ai_metric": [_entry(f"{s['task']} {s['metric']}", s["score"]) for s in scores],
        "ai_informationAboutTraining": "Trained once on the training stream of the data set, for evaluation.",
        "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": str(row["checkpoint_digest"])}],
    }


def _entry(name: str, value: Any) -> dict[str, Any]:
    return {"type": "DictionaryEntry", "key": name, "value": canonical(value)}


def _licences(base: str, provider: Provider) -> list[dict[str, Any]]:
    licence = provider.dataset.licence
    if licence is None or not EXPRESSION.fullmatch(licence):
        return []
    return [{
        "type": "simplelicensing_LicenseExpression",
        "spdxId": f"{base}#licence",
        "creationInfo": "_:made",
        "simplelicensing_licenseExpression": licence,
    }]  # fmt: skip


def _relations(
    base: str, facts: Facts, files: list[str], models: list[dict[str, Any]], provider: Provider
) -> list[dict[str, Any]]:
    declared = [entry["spdxId"] for entry in _licences(base, provider)] or [NO_LICENCE]
    named = facts.listings["licences"].dicts()
    evidence = "; ".join(f"{row['licence']} ({row['class']}): {row['documents']} documents" for row in named)
    concluded = _relation(base, "concluded", f"{base}#dataset", "hasConcludedLicense", [NO_LICENCE])
    # Evidence of the pages is no conclusion: it stands beside the relation.
    concluded["comment"] = f"By evidence on the pages: {evidence or 'none'}."
    found = [_relation(base, "declared", f"{base}#dataset", "hasDeclaredLicense", declared), concluded]
    if files:
        found.append(_relation(base, "files", f"{base}#dataset", "hasDistributionArtifact", files))
    for row in models:
        model = f"{base}#model-{row['model']}"
        found.append(_relation(base, f"trained-{row['model']}", model, "trainedOn", [f"{base}#dataset"]))
        for kind in ("Declared", "Concluded"):
            name = f"{kind.lower()}-{row['model']}"
            found.append(_relation(base, name, model, f"has{kind}License", [NO_LICENCE]))
    return found


def _relation(base: str, name: str, source: str, kind: str, targets: list[str]) -> dict[str, Any]:
    return {
        "type": "Relationship",
        "spdxId": f"{base}#relation-{name}",
        "creationInfo": "_:made",
        "from": source,
        "relationshipType": kind,
        "to": targets,
    }
