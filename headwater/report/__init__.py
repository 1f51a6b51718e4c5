"""`headwater report`: the documents of a release for people, each number with the query and table versions behind it.

Everything is made from the release and provider.yaml alone: made again, the same bytes.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from headwater import cluster_plot
from headwater.report import (
    croissant,
    data_card,
    dataset_card,
    domains,
    eu_summary,
    markup,
    numbers,
    provenance_initiative,
    provider,
    spdx,
)
from headwater.report.numbers import Facts
from headwater.report.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.exports import Export
    from headwater.project import Project
    from headwater.releases import Release


@contextmanager
def documents(project: "Project", release: "Release") -> Iterator[Mapping[str, "bytes | Callable[[BinaryIO], None]"]]:
    """Every document by file name; write them while the block lasts."""
    said = provider.load(project)
    lines = _lines(project, release)
    with numbers.opened(project, release) as db:
        facts = numbers.gather(project, release, db, small=bool(said.provider.small_or_medium))
        yield {
            "numbers.json": as_json({**facts.to_json(), "provider_sha256": said.digest}),
            "domains.csv": domains.every(db),
            "clusters.svg": _clusters(facts),
            **_pages(facts, said, lines),
            "croissant.json": as_json(croissant.metadata(project, facts, said, lines)),
            "spdx.json": as_json(spdx.document(facts, said, lines)),
            "provenance-initiative.json": as_json(provenance_initiative.entries(facts, said)),
        }


def _clusters(facts: Facts) -> bytes:
    """Cluster sizes as a picture."""
    sizes = facts.listings["clusters.sizes"].dicts()
    crawls = facts.listings["crawls.each"].column("crawl")
    told = {"crawls": crawls, "sizes": sizes, "largest": facts.count("clusters.largest")}
    title = f"{facts.release.recipe}: clusters by size"
    return cluster_plot.svg(title, cluster_plot.described(told), sizes).encode()


def as_json(value: Any) -> bytes:
    """JSON for people and programs."""
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def completeness(project: "Project", release: "Release") -> dict[str, tuple[int, int]]:
    """How many fields of each document have an answer, and how many there are, as exported."""
    storage, found = project.lake.storage, {}
    for name in ("data-card", "eu-summary"):
        said = json.loads(storage.read(f"exports/{release.name}/report/{name}.json"))["completeness"]
        found[name] = (said["answered"], said["fields"])
    return found


def _pages(facts: Facts, said: Provider, lines: "Export | None") -> dict[str, bytes]:
    summary, card = eu_summary.page(facts, said), data_card.page(facts, said)
    found = {
        "README.md": dataset_card.readme(facts, said, lines).encode(),
        "eu-summary-domains.csv": domains.listed(facts),
    }
    for name, page in {"eu-summary": summary, "data-card": card}.items():
        found[f"{name}.json"] = as_json(page.to_json())
        found[f"{name}.md"] = markup.as_markdown(page).encode()
        found[f"{name}.html"] = markup.as_html(page).encode()
    return found


def _lines(project: "Project", release: "Release") -> "Export | None":
    """The export of the documents as JSON lines, which descriptions of the data set then point at."""
    from headwater import exports

    return exports.find(project, release.name, "jsonl")
