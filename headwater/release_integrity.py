"""Whether every release still holds what it pinned: its files, their rows, the recipe it names, and its anchor."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from headwater import deduplication, releases
from headwater.damage import Logs, guarded
from headwater.errors import reason
from headwater.lake import journal, lineage
from headwater.lake.files import read_footer
from headwater.lake.lineage import Shard, canonical
from headwater.project import Project
from headwater.releases import Pinned, Release


def breaks(project: Project, logs: Logs, anchors: frozenset[str]) -> Iterator[str]:
    """What is wrong with the releases of a lake, each finding with the release's name.

    `anchors` are the hashes of the audit log's entries.
    """
    # Not by `releases.names`: that stops at the first version of the table that cannot be read.
    places = (c.provenance.partition for c in logs.commits("releases") if c.provenance and c.provenance.key)
    for name in sorted({place["release"] for place in places}):
        yield from guarded(_release(project, logs, anchors, name), f"release {name}: {_files(project, name)}")


def _files(project: Project, name: str) -> str:
    """The files that hold a release's rows, to name them where they cannot be read."""
    try:
        found = project.lake.files("releases", {"release": name})
    except Exception:  # noqa: BLE001  # the files cannot be named where the log cannot be read; the folder can
        return f"releases/release={name}"
    return ", ".join(file.name for file in found)


def _release(project: Project, logs: Logs, anchors: frozenset[str], name: str) -> Iterator[str]:
    release = releases.load(project, name)
    if release.details["audit_head"] not in anchors | {journal.START}:
        yield f"release {name}: the audit log does not hold the entry it was made on"
    for pin in release.pinned:
        where = f"{pin.table}@{pin.version} {' '.join(pin.partition.values())}"
        for findings in (_pinned(project, pin), _recipe(logs, release, pin)):
            yield from (f"release {name}: {what}" for what in guarded(findings, where))


def _pinned(project: Project, pin: Pinned) -> Iterator[str]:
    where = f"{pin.table}@{pin.version} {' '.join(pin.partition.values())}"
    missing = [name for name in pin.files if not project.lake.storage.exists(name)]
    yield from (f"{where}: {name} is gone" for name in missing)
    if missing:
        return
    try:
        shards = [_shard(project, name) for name in pin.files]
    except Exception as error:  # noqa: BLE001  # whatever a damaged file raises is the finding
        yield f"{where}: a file cannot be read: {reason(error)}"
        return
    if lineage.digest_of_shards(shards) != pin.digest:
        yield f"{where}: its files are not those that were released"


def _shard(project: Project, name: str) -> Shard:
    footer = read_footer(project.lake.storage, name)
    return Shard(footer.shard, name, footer.rows, footer.digest)


def _recipe(logs: Logs, release: Release, pin: Pinned) -> Iterator[str]:
    """Where the options that a table was made with are not those of the recipe as it was released."""
    said = next((c.provenance for c in logs.commits(pin.table) if c.version == pin.version), None)
    if said is None or pin.partition.get("recipe") != release.recipe:
        return
    for name, wanted in _wanted(release.details["resolved"]).get(pin.table, {}).items():
        if name in said.options and canonical(json.loads(canonical(said.options[name]))) != canonical(wanted):
            yield f"{pin.table}@{pin.version} was made with another {name} than the released recipe says"


def _wanted(resolved: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Per table, the options that a recipe decides, as the stages write them down."""
    steps = {part: [[step["name"], step["options"]] for step in resolved[part]] for part in ("filters", "dedup")}
    pairs = [step for step in steps["dedup"] if deduplication.compares(*step)]
    scope = resolved.get("scope", "global")
    return {
        "filtered": {"filters": steps["filters"]},
        "minhash_index": {"dedup": pairs},
        "duplicate_pairs": {"dedup": pairs, "scope": scope},
        "repeated_spans": {"dedup": steps["dedup"], "scope": scope},
        "mixed": dict(resolved["mix"]),
        "tokenized": {k: v for k, v in resolved["tokenizer"].items() if k != "file"},
        "proxy_model": dict(resolved["model"]),
    }
