"""What a name stands for when two are compared: a release, a recipe's live tables, or TABLE@VERSION.

Each becomes one side: for every table and partition the version and files that it holds, and their records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from headwater import freshness, graph, releases
from headwater.errors import BrokenLake, UnknownName, UserError
from headwater.lake.lineage import Partition, Provenance
from headwater.lake.store import Published
from headwater.lake.tables import TABLES
from headwater.project import Project

# The tables in which documents are judged, in order; a document's fate is the last of them that has it.
JUDGED = ("raw", "extracted", "filtered", "deduped", "mixed")

Kind = Literal["release", "recipe", "version"]
Place = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Held:
    """One partition of a table as a side holds it."""

    table: str
    partition: Partition
    version: int
    digest: str
    files: tuple[str, ...]
    said: Provenance


@dataclass(frozen=True)
class Side:
    """One of two that are compared. `last` is the table whose kept documents are in it."""

    name: str
    kind: Kind
    held: tuple[Held, ...]
    last: str
    warnings: tuple[str, ...] = ()

    def files(self, name: str, crawls: Iterable[str] | None = None) -> list[str]:
        """Files of a table, of some crawls where they are given."""
        wanted = None if crawls is None else set(crawls)
        mine = (h for h in self.held if h.table == name)
        return [f for h in mine if wanted is None or h.partition.get("crawl") in wanted for f in h.files]

    def of(self, name: str) -> list[Held]:
        """The partitions of a table."""
        return [held for held in self.held if held.table == name]


def side(project: Project, name: str) -> Side:
    """What a name stands for: `release:NAME`, `recipe:NAME` or TABLE@VERSION; the prefix may go where one has the name.

    Raises UserError, UnknownName or NotFound.
    """
    kind, _, bare = name.rpartition(":")
    if kind == "" and "@" in name:
        return _version(project, name)
    found = {"release": releases.names(project), "recipe": _recipes(project)}
    if kind and kind not in found:
        raise UserError(f"{name!r}: say release:NAME, recipe:NAME or TABLE@VERSION")
    kinds = [k for k in ([kind] if kind else found) if bare in found[k]]
    if len(kinds) > 1:
        raise UserError(f"{bare!r} is a release and a recipe; say release:{bare} or recipe:{bare}")
    if not kinds:
        known = [f"{k}:{n}" for k, names in found.items() for n in names]
        raise UnknownName.among("release or recipe in the lake", bare, known)
    return _release(project, bare) if kinds[0] == "release" else _recipe(project, bare)


def _recipes(project: Project) -> list[str]:
    return sorted({p["recipe"] for p in project.lake.partitions("filtered")})


def _release(project: Project, name: str) -> Side:
    release = releases.load(project, name)
    held = []
    for pin in release.pinned:
        said = _commit(project, pin.table, pin.version).provenance
        if said is None:
            raise BrokenLake(f"release {name}: {pin.table}@{pin.version} has no lineage record; run headwater verify")
        held.append(Held(pin.table, pin.partition, pin.version, pin.digest, pin.files, said))
    return _made(name, "release", _used(held), ())


def _used(held: list[Held]) -> list[Held]:
    """Without what a release pins and nothing in it was made from, such as indexes: a recipe's side has none either."""
    read = {_place(i.table, i.partition) for h in held for i in h.said.inputs}
    beside = (*freshness.LEAVES, *freshness.ASIDE)
    kept = [h for h in held if h.table not in beside or _place(h.table, h.partition) in read]
    return kept if len(kept) == len(held) else _used(kept)


def _place(name: str, partition: Partition) -> Place:
    return name, tuple(sorted(partition.items()))


def _recipe(project: Project, name: str) -> Side:
    """The live tables of a recipe, and what they say they were made from."""
    live = [
        (table, commit)
        for table in freshness.ORDER
        if "recipe" in TABLES[table].partitions
        for partition in project.lake.partitions(table)
        if partition["recipe"] == name and (commit := project.lake.published(table, partition)) is not None
    ]
    return _closed(project, name, "recipe", [(table, commit.version) for table, commit in reversed(live)])


def _version(project: Project, name: str) -> Side:
    node = graph.place(project.lake, name)
    table, version = node.rsplit("@", 1)
    said = _commit(project, table, int(version)).provenance
    if said is None or not said.key:
        raise UserError(f"{name} holds no rows of a partition: it made the table, or was not written by headwater")
    found = _closed(project, name, "version", [(table, int(version))])
    if "crawl" not in said.partition:
        return found
    # What was read of earlier crawls is not what this version is about.
    mine = [h for h in found.held if h.partition.get("crawl", said.partition["crawl"]) == said.partition["crawl"]]
    return _made(name, "version", mine, found.warnings)


def _closed(project: Project, name: str, kind: Kind, roots: Sequence[tuple[str, int]]) -> Side:
    """The roots and everything they were made from; of two versions of a partition the one nearer to a root."""
    found: dict[Place, Held] = {}
    warnings: dict[str, None] = {}
    waiting = list(roots)
    for table, version in waiting:
        said = _commit(project, table, version).provenance
        if said is None:
            raise BrokenLake(f"{table}@{version} has no lineage record; run headwater verify")
        place = _place(table, said.partition)
        if place in found:
            if found[place].digest != said.digest:
                older = f"{table}@{version}, of {' '.join(said.partition.values())}, was read as well"
                warnings[f"{name} is not of one piece: it holds {table}@{found[place].version}, and {older}"] = None
            continue
        files = tuple(f.name for f in project.lake.files(table, said.partition, version))
        found[place] = Held(table, dict(said.partition), version, said.digest, files, said)
        waiting += [(i.table, i.version) for i in said.inputs if i.version is not None]
    return _made(name, kind, list(found.values()), tuple(warnings))


def _commit(project: Project, table: str, version: int) -> Published:
    commit = next((c for c in project.lake.log(table) if c.version == version), None) if table in TABLES else None
    if commit is None:
        raise BrokenLake(f"{table}@{version} is not in the log; run headwater verify")
    return commit


def _made(name: str, kind: Kind, held: list[Held], warnings: tuple[str, ...]) -> Side:
    there = [table for table in JUDGED if any(h.table == table for h in held)]
    if not there:
        raise UserError(f"{name} holds no documents; compare releases, recipes, or versions of {', '.join(JUDGED)}")
    order = {table: place for place, table in enumerate(TABLES)}
    ordered = sorted(held, key=lambda h: (order[h.table], tuple(sorted(h.partition.items()))))
    return Side(name, kind, tuple(ordered), there[-1], warnings)


def crawls(one: Side) -> list[str]:
    """The crawls whose documents a side holds."""
    return sorted({held.partition["crawl"] for held in one.of("raw")})


def texts(one: Side, name: str | None = None) -> Mapping[str, str]:
    """For each crawl the digest of the rows that hold the texts as they are kept, or of those of another table."""
    there = name or ("filtered" if one.of("filtered") else "extracted")
    return {held.partition["crawl"]: held.digest for held in one.of(there)}
