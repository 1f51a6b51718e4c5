"""The dataset card of the Hugging Face Hub: README.md with a YAML header (huggingface.co/docs/hub/datasets-cards).

The body has the sections of the Hub's template, filled from the data card.
"""

import re
from dataclasses import replace
from typing import Any

import yaml

from headwater.exports import Export
from headwater.report import data_card, markup
from headwater.report.numbers import Facts
from headwater.report.page import Field, Page, Section
from headwater.report.provider import Provider

# Licences that the Hub has a word for, of those that data sets have; any other is `other` with its name.
HUB_LICENCES = (
    "apache-2.0", "mit", "cc0-1.0", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nc-4.0",
    "cc-by-nd-4.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-4.0", "odc-by", "odbl", "pddl", "cdla-permissive-1.0",
    "cdla-permissive-2.0", "cdla-sharing-1.0", "gfdl", "unlicense",
)  # fmt: skip
_SAME = {"odc-by-1.0": "odc-by", "odbl-1.0": "odbl", "pddl-1.0": "pddl", "gfdl-1.3-or-later": "gfdl"}
SIZES = (
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"), (10**9, "100M<n<1B"), (10**10, "1B<n<10B"), (10**11, "10B<n<100B"), (10**12, "100B<n<1T"),
)  # fmt: skip
# The Hub's headings, and the fields of the data card below each.
SECTIONS = (
    ("Dataset Description", ("snapshot", "publishers", "creators", "funding", "licences")),
    ("Uses", ("intended_use", "suitable_uses", "unsuitable_uses")),
    ("Dataset Structure", ("fields", "splits", "statistics")),
    ("Dataset Creation", ("motivating_factors", "collection", "sources", "consent", "criteria", "breakdown", "sampling",
                          "annotations", "personal_data")),
    ("Bias, Risks, and Limitations", ("known_biases", "limitations", "residual_risks")),
    ("Citation", ("citation",)),
    ("Maintenance", ("version", "deletion", "maintenance_plan")),
    ("Glossary", ("terms_of_art",)),
    ("More Information", ("benchmarks", "known_applications", "reflections")),
)  # fmt: skip


def readme(facts: Facts, provider: Provider, lines: Export | None) -> str:
    """The card as text. `lines` is the export of documents as JSON lines, where there is one."""
    said = yaml.safe_dump(header(facts, provider, lines), sort_keys=False, allow_unicode=True, width=120)
    return f"---\n{said}---\n\n{markup.as_markdown(page(facts, provider))}"


def header(facts: Facts, provider: Provider, lines: Export | None) -> dict[str, Any]:
    """The YAML header."""
    languages = [str(code) for code in facts.listings["languages"].column("language")]
    known = sorted(code for code in languages if re.fullmatch(r"[a-z]{2,3}", code))
    found: dict[str, Any] = {
        "pretty_name": provider.dataset.title or facts.release.name,
        "language": known,
        **_licence(provider.dataset.licence),
        "annotations_creators": ["no-annotation"],
        "language_creators": ["found"],
        "multilinguality": ["multilingual" if len(known) > 1 else "monolingual"],
        "size_categories": [size_category(facts.count("training.documents"))],
        "source_datasets": ["original"],
        "task_categories": ["text-generation"],
        "task_ids": ["language-modeling"],
        "tags": sorted({"web", "pre-training", "headwater", *provider.dataset.keywords}),
    }
    if lines is not None and lines.files:
        ending = lines.files[0].name.split(".", 1)[1]
        files = [{"split": "train", "path": f"{lines.kind}/*.{ending}"}]
        found["configs"] = [{"config_name": "default", "data_files": files}]
    return found


def size_category(documents: int) -> str:
    """The Hub's word for a number of documents."""
    return next((words for limit, words in SIZES if documents < limit), "n>1T")


def _licence(licence: str | None) -> dict[str, str]:
    if licence is None:
        return {"license": "unknown"}
    word = _SAME.get(licence.lower(), licence.lower())
    if word in HUB_LICENCES:
        return {"license": word}
    link = {"license_link": licence} if licence.startswith(("https://", "http://")) else {}
    return {"license": "other", "license_name": re.sub(r"[^a-z0-9.-]+", "-", licence.lower()).strip("-"), **link}


def page(facts: Facts, provider: Provider) -> Page:
    """The body: the Hub's sections."""
    card = data_card.page(facts, provider)
    by_id: dict[str, Field] = {entry.id: entry for entry in card.fields()}
    sections = tuple(Section(title, title, tuple(by_id[id] for id in ids)) for title, ids in SECTIONS)
    title = provider.dataset.title or facts.release.name
    return replace(card, title=f"Dataset Card for {title}", sections=sections)
