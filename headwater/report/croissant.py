"""Croissant 1.1 with the RAI vocabulary, PROV and usage information (docs.mlcommons.org/croissant).

The context says `https://schema.org/`: the specification recommends http, and its validator reads https only
(mlcommons/croissant issue 1018).
"""

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from headwater.exports import Export
from headwater.lake.storage import Storage
from headwater.report import reservations
from headwater.report.eu_summary import COMMON_CRAWL
from headwater.report.numbers import Facts, said_time
from headwater.report.provider import Provider
from headwater.training_documents import SCHEMA

if TYPE_CHECKING:
    from headwater.project import Project

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "conformsTo": "dct:conformsTo",
    **{
        name: f"cr:{name}"
        for name in (
            "annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes", "extract",
            "field", "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset",
            "jsonPath", "parentField", "path", "readLines", "recordSet", "references", "regex", "repeated", "replace",
            "samplingRate", "sdVersion", "separator", "source", "subField", "transform", "unArchive", "value",
        )
    },
}  # fmt: skip
TYPES = {"string": "sc:Text", "int32": "cr:Int32", "int64": "cr:Int64"}
# What a field of a document says of where the document comes from (PROV-O).
MEANS = {
    "doc_id": "prov:wasDerivedFrom",
    "url": "prov:hadPrimarySource",
    "language": "sc:inLanguage",
    "licence": "sc:license",
}
ENCODED = {"zst": "application/zstd", "gz": "application/gzip"}


def metadata(project: "Project", facts: Facts, provider: Provider, lines: Export | None) -> dict[str, Any]:
    """The description of one release: over its export as JSON lines, or over its Parquet files where there is none."""
    files = _lines(lines) if lines is not None and lines.files else _parquet(project.lake.storage, facts)
    about = provider.dataset
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": about.title or facts.release.name,
        "description": _description(facts, provider),
        "license": _licence(about.licence),
        "url": about.url or f"urn:headwater:release:{facts.release.name}",
        "version": about.version,
        "datePublished": said_time(facts.release.created_at),
        "dateModified": said_time(facts.updated),
        "creator": [{"@type": "sc:Organization", "name": name} for name in _creators(provider)],
        "inLanguage": [str(code) for code in facts.listings["languages"].column("language")],
        "isLiveDataset": False,
        **({"citeAs": about.citation} if about.citation else {}),
        **({"keywords": list(about.keywords)} if about.keywords else {}),
        "usageInfo": _usage(facts),
        **_responsible(facts, provider),
        **_provenance(facts, provider),
        "distribution": [*files, *_sets(files)],
        "recordSet": [_records(files)],
    }


def _description(facts: Facts, provider: Provider) -> str:
    count = f"{facts.count('training.documents')} documents, {facts.count('training.tokens')} tokens"
    return f"{provider.dataset.description or 'Web documents for language model pre-training.'} {count}."


def _creators(provider: Provider) -> list[str]:
    return list(provider.dataset.creators) or [provider.provider.name or "not stated"]


def _licence(licence: str | None) -> str:
    if licence is None:
        return "NOASSERTION"
    return licence if "://" in licence else f"https://spdx.org/licenses/{licence}.html"


def _lines(lines: Export) -> list[dict[str, Any]]:
    return [
        {
            "@type": "cr:FileObject",
            "@id": file.name,
            "name": file.name,
            "contentUrl": f"../{lines.kind}/{file.name}",
            "contentSize": f"{file.bytes} B",
            "encodingFormat": ["application/jsonlines", ENCODED[file.name.rsplit(".", 1)[1]]],
            "sha256": file.sha256,
        }
        for file in lines.files
    ]


def _parquet(storage: Storage, facts: Facts) -> list[dict[str, Any]]:
    """The Parquet files of `filtered` that the release holds: texts, and what the filters decided."""
    found = []
    for name in sorted(facts.release.files("filtered")):
        with storage.open(name) as file:
            digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
        found.append({
            "@type": "cr:FileObject",
            "@id": name.replace("=", "-").replace("/", "."),
            "name": PurePosixPath(name).name,
            "contentUrl": f"../../../{name}",
            "contentSize": f"{storage.size(name)} B",
            "encodingFormat": "application/x-parquet",
            "sha256": digest,
        })  # fmt: skip
    return found


def _sets(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The union of several files, which a record set can be read from."""
    if len(files) < 2:
        return []
    ending = str(files[0]["name"]).split(".", 1)[1]
    return [{
        "@type": "cr:FileSet",
        "@id": "files",
        "name": "files",
        "containedIn": [{"@id": file["@id"]} for file in files],
        "encodingFormat": files[0]["encodingFormat"],
        "includes": f"*.{ending}",
    }]  # fmt: skip


def _records(files: list[dict[str, Any]]) -> dict[str, Any]:
    """One record a document; a field is read from every file, in order."""
    lines = _exported(files)
    names = SCHEMA.names if lines or not files else ["doc_id", "url", "text", "language"]
    return {
        "@type": "cr:RecordSet",
        "@id": "documents",
        "name": "documents",
        "description": "One record a document." if lines else "One record a document that the filters saw.",
        "key": {"@id": "documents/doc_id"},
        "field": [_field(name, files) for name in names],
    }


def _exported(files: list[dict[str, Any]]) -> bool:
    """Whether the files are those of an export, and not tables of the lake."""
    return bool(files) and isinstance(files[0]["encodingFormat"], list)


def _field(name: str, files: list[dict[str, Any]]) -> dict[str, Any]:
    kind = str(SCHEMA.field(name).type)
    means = {"equivalentProperty": MEANS[name]} if name in MEANS else {}
    place = (
        {"fileSet": {"@id": "files"}} if len(files) > 1 else {"fileObject": {"@id": files[0]["@id"]}} if files else {}
    )
    source = {**place, "extract": {"column": name}} if files else {}
    return {
        "@type": "cr:Field",
        "@id": f"documents/{name}",
        "name": name,
        "description": AS_FILTERED.get(name, DESCRIBED[name]) if files and not _exported(files) else DESCRIBED[name],
        "dataType": "sc:URL" if name == "url" else TYPES[kind],
        **means,
        **({"source": source} if source else {}),
    }


DESCRIBED = {
    "doc_id": "First 32 hex digits of SHA-256 over the WARC-Record-ID of the captured page.",
    "crawl": "The crawl that captured the page.",
    "url": "The address the page was captured from.",
    "text": "The text of the page after filters, less what deduplication removed of it.",
    "language": "Language by a fastText model.",
    "licence": "SPDX identifier by evidence on the page; null where none was found.",
    "licence_class": "Class that the policy of the recipe gives the evidence.",
    "copies": "How often the training stream holds the document.",
    "tokens": "Tokens of one copy.",
}


# The tables of the lake hold texts before deduplication; what it removed of them is in another one.
AS_FILTERED = {"text": "The text of the page after filters; what deduplication removed of it is in deduped.edits."}


def _usage(facts: Facts) -> dict[str, Any]:
    """An ODRL offer: what evidence on the pages asks for, of the documents that it is found on."""
    found = facts.listings["licences.crawls"].dicts()
    asked = " ".join(str(row["obligations"] or "") for row in found)
    duties = [action for word, action in DUTIES.items() if word in asked]
    reserved = any(row["class"] in ("non-commercial", "academic-only") for row in found)
    offer: dict[str, Any] = {
        "@type": ["CreativeWork", "odrl:Offer"],
        "name": "Terms of single documents",
        "description": "By evidence on the pages, which is no verdict; each document's licence is in its field.",
        "odrl:permission": {"@type": "odrl:Permission", "odrl:action": {"@id": "odrl:use"}},
    }
    if duties:
        offer["odrl:permission"]["odrl:duty"] = [{"@type": "odrl:Duty", "odrl:action": {"@id": d}} for d in duties]
    if reserved:
        offer["odrl:prohibition"] = {"@type": "odrl:Prohibition", "odrl:action": {"@id": "odrl:commercialize"}}
    return offer


DUTIES = {"attribution": "odrl:attribute", "share-alike": "odrl:shareAlike"}


def _responsible(facts: Facts, provider: Provider) -> dict[str, Any]:
    """The RAI fields that are known; what nobody stated is left out."""
    about = provider.dataset
    resolved = facts.release.details.get("resolved", {})
    steps = [step["name"] for part in ("filters", "dedup") for step in resolved.get(part, ())]
    behaviour = " ".join((provider.crawls.behaviour or "").split())
    ways = resolved.get("extractors") or [resolved.get("extractor", {})]
    extractor = " or ".join(way.get("name", "an extractor") for way in ways)
    found = {
        "dataCollection": f"{facts.count('crawls')} web crawls in WARC files. {behaviour}".strip(),
        "dataCollectionType": ["Web Scraping"],
        "dataCollectionRawData": ", ".join(str(name) for name in facts.listings["crawls.each"].column("crawl")),
        "dataCollectionTimeframe": [v for v in (facts.value("crawls.first"), facts.value("crawls.last")) if v],
        "dataCollectionMissingData": f"{facts.count('quarantined')} records could not be read safely and are left out.",
        "dataPreprocessingProtocol": [f"Text of HTML by {extractor}.", *steps],
        "dataManipulationProtocol": f"{facts.count('removed')} documents were removed by takedown.",
        "machineAnnotationTools": ["fastText language identification"],
        "dataBiases": about.known_biases,
        "dataUseCases": about.intended_use,
        "dataLimitations": about.limitations,
        "dataSocialImpact": about.social_impact,
        "personalSensitiveInformation": about.personal_data,
        "dataReleaseMaintenancePlan": about.maintenance,
    }
    if facts.policy is not None:
        found["dataManipulationProtocol"] = f"{found['dataManipulationProtocol']} {reservations.in_words(facts.policy)}"
    return {f"rai:{name}": value for name, value in found.items() if value}


def _provenance(facts: Facts, provider: Provider) -> dict[str, Any]:
    """PROV-O of the whole data set: from which crawls, by which recipe and code, for whom."""
    code = " ".join(str(value) for value in facts.release.details.get("code", {}).values())
    return {
        "prov:wasDerivedFrom": [_crawl(row) for row in facts.listings["crawls.each"].dicts()],
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": f"headwater recipe {facts.release.recipe}",
            "prov:endedAtTime": said_time(facts.release.created_at),
            "prov:wasAssociatedWith": {"@type": "prov:SoftwareAgent", "prov:label": f"headwater {code}".strip()},
            "prov:used": [_used(pin) for pin in facts.release.pinned],
        },
        "prov:wasAttributedTo": [{"@type": "prov:Agent", "prov:label": name} for name in _creators(provider)],
    }


def _crawl(row: dict[str, Any]) -> dict[str, Any]:
    name = str(row["crawl"])
    known = f"https://data.commoncrawl.org/crawl-data/{name}/index.html"
    place = known if COMMON_CRAWL.fullmatch(name) else f"urn:headwater:crawl:{name}"
    said = {"@id": place, "@type": "prov:Entity", "prov:label": name}
    return {**said, "prov:generatedAtTime": row["last"]} if row["last"] else said


def _used(pin: Any) -> dict[str, Any]:
    where = "/".join(f"{key}={value}" for key, value in sorted(pin.partition.items()))
    label = f"{pin.table}@{pin.version} {where}".strip()
    return {"@id": f"urn:headwater:{pin.table}:{pin.digest}", "@type": "prov:Entity", "prov:label": label}
