"""Whether every release still holds what it pinned: its files, their rows, the recipe it names, and its anchor."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from headwater import releases
from headwater.lake import journal, lineage
from headwater.lake.files import read_footer
from headwater.lake.lineage import Shard, canonical
from headwater.project import Project
from headwater.releases import Pinned, Release


def breaks(project: Project) -> Iterator[str]:
    """What is wrong with the releases of a lake, each finding with the release's name."""
    anchors = {entry.hash for entry in journal.entries(project.lake)} | {journal.START}
    for release in releases.current(project):
        if release.details["audit_head"] not in anchors:
            yield f"release {release.name}: the audit log does not hold the entry it was made on"
        for pin in release.pinned:
            yield from (f"release {release.name}: {what}" for what in _pinned(project, pin))
            yield from (f"release {release.name}: {what}" for what in _recipe(project, release, pin))


def _pinned(project: Project, pin: Pinned) -> Iterator[str]:
    where = f"{pin.table}@{pin.version} {' '.join(pin.partition.values())}"
    missing = [name for name in pin.files if not project.lake.storage.exists(name)]
    yield from (f"{where}: {name} is gone" for name in missing)
    if missing:
        return
    try:
        shards = [_shard(project, name) for name in pin.files]
    except Exception as error:  # noqa: BLE001  # whatever a damaged file raises is the finding
        yield f"{where}: a file cannot be read: {error}"
        return
    if lineage.digest_of_shards(shards) != pin.digest:
        yield f"{where}: its files are not those that were released"


def _shard(project: Project, name: str) -> Shard:
    footer = read_footer(project.lake.storage, name)
    return Shard(footer.shard, name, footer.rows, footer.digest)


def _recipe(project: Project, release: Release, pin: Pinned) -> Iterator[str]:
    """Where the options that a table was made with are not those of the recipe as it was released."""
    said = next((c.provenance for c in project.lake.log(pin.table) if c.version == pin.version), None)
    if said is None or pin.partition.get("recipe") != release.recipe:
        return
    for name, wanted in _wanted(release.details["resolved"]).get(pin.table, {}).items():
        if name in said.options and canonical(json.loads(canonical(said.options[name]))) != canonical(wanted):
            yield f"{pin.table}@{pin.version} was made with another {name} than the released recipe says"


def _wanted(resolved: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Per table, the options that a recipe decides, as the stages write them down."""
    steps = {part: [[step["name"], step["options"]] for step in resolved[part]] for part in ("filters", "dedup")}
    return {
        "filtered": {"filters": steps["filters"]},
        "minhash_index": {"dedup": steps["dedup"]},
        "duplicate_pairs": {"dedup": steps["dedup"]},
        "mixed": dict(resolved["mix"]),
        "tokenized": {k: v for k, v in resolved["tokenizer"].items() if k != "file"},
        "proxy_model": dict(resolved["model"]),
    }
