"""The fields of the Data Provenance Initiative, one entry a crawl (Longpre et al. 2023, arXiv:2310.16787).

Field names are those of the collection's template; hub numbers, which a crawl has none of, are null.
"""

from typing import Any

from headwater.report.eu_summary import COMMON_CRAWL
from headwater.report.numbers import Facts
from headwater.report.provider import Provider

# The order in which a stricter class takes all: one document of it makes the whole crawl so.
STRICTEST = ("reserved", "academic-only", "non-commercial", "unspecified", "commercial")
NOTES = (
    "By evidence on the pages, which is no verdict; License Use is that of the strictest document, and attribution and "
    "share-alike hold where one document asks for them."
)
NO_HUB = (
    "GitHub URL", "Hugging Face URL", "Papers with Code URL", "ArXiv URL", "Semantic Scholar Corpus ID", "Paper Title",
)  # fmt: skip
INFERRED = (
    "HF Date", "HF Downloads", "HF Likes", "HF Yaml License", "HF Config License", "GitHub License", "GitHub Stars",
    "GitHub Date", "GitHub Topics", "PwC License Name", "PwC License URL", "PwC Date", "PwC Description", "S2 Date",
    "S2 Citation Count",
)  # fmt: skip


def entries(facts: Facts, provider: Provider) -> dict[str, dict[str, Any]]:
    """Every crawl of the release by its unique identifier."""
    return {f"{facts.release.name}-{row['crawl']}": _entry(facts, provider, row) for row in _crawls(facts)}


def _crawls(facts: Facts) -> list[dict[str, Any]]:
    return facts.listings["crawls.each"].dicts()


def _entry(facts: Facts, provider: Provider, row: dict[str, Any]) -> dict[str, Any]:
    crawl = str(row["crawl"])
    known = COMMON_CRAWL.fullmatch(crawl)
    collection = "Common Crawl" if known else provider.crawls.name
    link = "https://commoncrawl.org/" if known else provider.crawls.link
    languages = [r for r in facts.listings["languages.crawls"].dicts() if r["crawl"] == crawl]
    return {
        "Unique Dataset Identifier": f"{facts.release.name}-{crawl}",
        "Dataset Name": crawl,
        "Collection": collection,
        "Collection URL": link,
        "Dataset URL": f"https://data.commoncrawl.org/crawl-data/{crawl}/index.html" if known else link,
        **dict.fromkeys(NO_HUB),
        "Languages": [str(r["language"]) for r in languages],
        "Task Categories": ["Language Modeling"],
        "Text Topics": [],
        "Format": ["Free text"],
        "Text Metrics": _metrics(facts, crawl, row),
        "Text Sources": ["web crawl"],
        "Text Domains": ["Web"],
        "Model Generated": [],
        "Human Annotation": "No",
        "Derived from Datasets": [crawl],
        "Creators": [collection] if collection else [],
        **_licences(facts, crawl),
        "License Verified By": None,
        "Dataset Filter IDs": [crawl],
        "Bibtex": None,
        "Inferred Metadata": dict.fromkeys(INFERRED),
        "Collected": {"from": row["first"], "to": row["last"]},
    }


def _metrics(facts: Facts, crawl: str, row: dict[str, Any]) -> dict[str, Any]:
    """Lengths in characters; a document of the web has one text and no turns."""
    lengths = next((r for r in facts.listings["lengths.crawls"].dicts() if r["crawl"] == crawl), {})
    return {
        "Num Dialogs": row["documents"],
        "Min Inputs Length": lengths.get("shortest"),
        "Mean Inputs Length": lengths.get("mean"),
        "Max Inputs Length": lengths.get("longest"),
        "Mean Targets Length": 0,
        "Min Targets Length": 0,
        "Max Targets Length": 0,
        "Min Dialog Turns": 1,
        "Mean Dialog Turns": 1,
        "Max Dialog Turns": 1,
        "Num Tokens": row["tokens"],
    }


def _licences(facts: Facts, crawl: str) -> dict[str, Any]:
    found = [r for r in facts.listings["licences.crawls"].dicts() if r["crawl"] == crawl]
    named = sorted({str(r["licence"]) for r in found if r["licence"]})
    asked = {word for r in found for word in _words(r["obligations"])}
    classes = {r["class"] for r in found}
    recorded = bool(classes) and None not in classes
    return {
        "Licenses": [{"License": name, "License URL": _link(name)} for name in named],
        "License Notes": NOTES if recorded else "Licences are not recorded in this release.",
        "License Use": next((use for use in STRICTEST if use in classes), None) if recorded else None,
        "License Attribution": int("attribution" in asked) if recorded else None,
        "License Share Alike": int("share-alike" in asked) if recorded else None,
        "License Documents": [{k: r[k] for k in ("class", "licence", "obligations", "documents")} for r in found],
    }


def _words(obligations: Any) -> list[str]:
    """The obligations of a document, as `mixed` joins them."""
    return str(obligations).split(",") if obligations else []


def _link(name: str) -> str | None:
    return None if name.startswith("LicenseRef-") or " " in name else f"https://spdx.org/licenses/{name}.html"
