"""Releases that hold removed documents: listed, or, where that is asked for, amended to hold cleaned files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from headwater import openlineage, pipeline, releases
from headwater.lake import lineage
from headwater.lake.files import read_footer, shard_of
from headwater.lake.lineage import Shard
from headwater.lake.store import DataFile
from headwater.project import Project
from headwater.releases import Pinned, Release
from headwater.takedown.amends import BY_CONTENT, BY_SHARD, Job, Removal, holding, rewritten

# Removed in every table: also where a document is only spoken of.
TABLES = (*BY_SHARD, *BY_CONTENT, "duplicate_pairs", "mixed")


def amend(removal: Removal) -> None:
    """Give every release that holds the documents files without them."""
    for release in list(releases.current(removal.project)):
        pins = tuple(_amended(removal, pin) for pin in release.pinned)
        if pins != release.pinned:
            _write(removal, release, pins)


def amended_by(project: Project, takedown: str) -> list[str]:
    """The releases that a takedown amended, in this run or an earlier one."""
    found = (r for r in releases.current(project) if any(takedown in pin.amended_by for pin in r.pinned))
    return [release.name for release in found]


def _amended(removal: Removal, pin: Pinned) -> Pinned:
    if pin.table not in TABLES or removal.takedown in pin.amended_by:
        return pin
    new = {entry.old.name: entry.name for entry in rewritten(removal, list(_jobs(removal, pin)))}
    if not new:
        return pin
    files = tuple(sorted(new.get(name, name) for name in pin.files))
    shards = [_shard(removal, name) for name in files]
    # The version stays that of the release: it says what was pinned, `amended_by` why the rows are fewer.
    return replace(
        pin,
        files=files,
        digest=lineage.digest_of_shards(shards),
        rows=sum(shard.rows for shard in shards),
        amended_by=tuple(sorted({*pin.amended_by, removal.takedown})),
    )


def _jobs(removal: Removal, pin: Pinned) -> Sequence[Job]:
    shards = {(d.crawl, d.shard) for d in removal.documents}
    files = [DataFile(name, shard_of(name), 0, 0, dict(pin.partition)) for name in pin.files]
    if pin.table in BY_CONTENT:
        return [Job(pin.table, file, file.partition.get("crawl")) for file in holding(removal, files)]
    jobs = []
    for file in files:
        crawl, _, shard = (
            file.shard.partition("~") if pin.table == "mixed" else (pin.partition["crawl"], "", file.shard)
        )
        # A pair can name a document of another crawl.
        if (crawl, shard) in shards or pin.table == "duplicate_pairs":
            jobs.append(Job(pin.table, file, crawl))
    return jobs


def _shard(removal: Removal, name: str) -> Shard:
    footer = read_footer(removal.project.lake.storage, name)
    return Shard(shard_of(name), name, footer.rows, footer.digest)


def _write(removal: Removal, release: Release, pins: tuple[Pinned, ...]) -> None:
    amended: Mapping[str, object] = {"amended_by": sorted({t for pin in pins for t in pin.amended_by})}
    plan = releases.plan_of(release.name, pins, release.recipe, {**release.details, **amended})
    project = removal.project
    pipeline.publish(project.lake, plan, project.engine, tellers=openlineage.tellers(project))
