"""The lake: read any version of a table, draft a partition, and commit it. Nothing else writes a table.

A draft is files at their final place that nobody sees: they are in no version until `Lake.commit` adds them, together
with the lineage record, in one Delta commit that replaces the partition.
"""

import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.transaction import AddAction

from headwater.errors import BadRecipe, BrokenLake, ConcurrentCommit, LakeUnavailable, MissingInput
from headwater.lake import journal
from headwater.lake.files import Footer, ShardWriter, delta_statistics, read_footer, shard_of
from headwater.lake.lineage import Input, Partition, Provenance, code_version
from headwater.lake.storage import Storage
from headwater.lake.tables import TABLES, table

LAKE_FORMAT = 1
MARKER = "headwater-lake.json"
METADATA = "headwater"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")

# Lineage must never age out, so neither may the log; files are removed by takedown, not by age.
RETENTION = {
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
    "delta.enableExpiredLogCleanup": "false",
}


@dataclass(frozen=True)
class Published:
    """One commit of a table: its version, when, and what it says of itself (None: not written by Headwater)."""

    version: int
    time: datetime
    operation: str
    provenance: Provenance | None


@dataclass(frozen=True)
class DataFile:
    """One live data file of a version: `name` is relative to the lake root."""

    name: str
    shard: str
    rows: int
    size: int
    partition: Partition


@dataclass(frozen=True)
class Draft:
    """A partition being written. `key` names its files, so that a later run with the same key finds them finished.

    `base` is the number of commits that had replaced this partition when the draft began; a commit fails when another
    came between. Sent to workers: plain data only.
    """

    storage: Storage
    table: str
    partition: Partition
    key: str
    base: int

    @property
    def folder(self) -> str:
        """Where the files are, relative to the lake root."""
        return "/".join([self.table, *(f"{name}={self.partition[name]}" for name in table(self.table).partitions)])

    def name(self, shard: str) -> str:
        """The file of a shard."""
        return f"{self.folder}/{shard}-{self.key[:16]}.parquet"

    def writer(self, shard: str) -> ShardWriter:
        """Writes the file of a shard."""
        return ShardWriter(self.storage, self.table, self.name(shard), shard=shard, key=self.key)

    def finished(self) -> set[str]:
        """Shards whose files are there, by an earlier run or by this one."""
        ending = f"-{self.key[:16]}.parquet"
        return {n.removesuffix(ending) for n in self.storage.names(self.folder) if n.endswith(ending) and n[0] != "."}


class Lake:
    """All tables under one root."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._removing = False
        self._check_format()

    def _check_format(self) -> None:
        if not self.storage.exists(MARKER):
            return
        try:
            found = int(json.loads(self.storage.read(MARKER))["format"])
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenLake(
                f"{self.storage.uri(MARKER)} does not say the lake's format ({type(error).__name__}: {error}); "
                f"put it back as it was, for this headwater: {json.dumps({'format': LAKE_FORMAT})}"
            ) from error
        if found > LAKE_FORMAT:
            raise LakeUnavailable(
                f"the lake at {self.storage.root} has format {found}, this headwater knows {LAKE_FORMAT}; upgrade it"
            )

    def prepare(self) -> None:
        """Make the root, or say why it cannot be written."""
        if not self.storage.exists(MARKER):
            self.storage.write(MARKER, json.dumps({"format": LAKE_FORMAT}).encode())

    def check_writable(self) -> None:
        """Raise LakeUnavailable where the root cannot be written; nothing is made."""
        if not self.storage.local:
            return
        root = Path(self.storage.root)
        nearest = next(folder for folder in (root, *root.parents) if folder.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK):
            raise LakeUnavailable(f"cannot write {root}: {nearest} is not a folder one may write to")

    def delta(self, name: str, version: int | None = None) -> DeltaTable | None:
        """The Delta table at a version (None: the newest); None where nothing was ever committed."""
        uri = self.storage.uri(table(name).name)
        options = dict(self.storage.options) or None
        try:
            return DeltaTable(uri, version=version, storage_options=options)
        except TableNotFoundError:
            return None

    def version(self, name: str) -> int | None:
        """The newest version of a table; None before its first commit."""
        found = self.delta(name)
        return None if found is None else found.version()

    def log(self, name: str) -> list[Published]:
        """Every commit of a table, newest first."""
        found = self.delta(name)
        return [] if found is None else list(_history(self, found, name))

    def published(self, name: str, partition: Partition) -> Published | None:
        """The newest commit of one partition; None where it was never published."""
        wanted = dict(partition)
        for commit in self.log(name):
            if commit.provenance is not None and dict(commit.provenance.partition) == wanted:
                return commit
        return None

    def partitions(self, name: str) -> list[dict[str, str]]:
        """Every partition that was ever published, sorted; a table without partitions has one, {}."""
        seen = {
            tuple(sorted(c.provenance.partition.items())) for c in self.log(name) if c.provenance and c.provenance.key
        }
        return [dict(items) for items in sorted(seen)]

    def files(self, name: str, partition: Partition | None = None, version: int | None = None) -> list[DataFile]:
        """Live data files of a version, by partition and shard; those of matching partitions where one is given."""
        found = self.delta(name, version)
        wanted = (partition or {}).items()
        files = [] if found is None else _data_files(name, found)
        return [f for f in files if wanted <= f.partition.items()]

    def input(self, name: str, partition: Partition) -> Input:
        """What a stage that reads this partition now depends on. Raises MissingInput where it was never published."""
        commit = self.published(name, partition)
        if commit is None or commit.provenance is None:
            where = " ".join(f"{k}={v}" for k, v in partition.items())
            raise MissingInput(f"table {name} has no {where}; run what comes before it first")
        return Input(name, dict(partition), commit.version, commit.provenance.digest)

    def made_from(self, read: Input, name: str) -> Input:
        """The input `name` of the commit that an input refers to: what its rows were made from."""
        return self.all_made_from(read, name)[0]

    def all_made_from(self, read: Input, name: str) -> tuple[Input, ...]:
        """All such inputs, of which there is at least one, in the order in which the commit names them."""
        commit = next((c for c in self.log(read.table) if c.version == read.version), None)
        inputs = () if commit is None or commit.provenance is None else commit.provenance.inputs
        found = tuple(made for made in inputs if made.table == name)
        if not found:
            raise BrokenLake(f"{read.table}@{read.version} was not made from {name}; run headwater verify")
        return found

    def read(self, read: Input) -> list[DataFile]:
        """The files of exactly the version that an input names."""
        return self.files(read.table, read.partition, read.version)

    @contextmanager
    def claim(self, name: str, partition: Partition) -> Iterator[None]:
        """Make this process the only one on this machine that drafts a partition; another waits here.

        Between machines nothing is claimed: there the commit itself decides who was first.
        """
        self.prepare()
        with self.storage.lock(f"_locks/{application(name, partition).replace('/', '.')}"):
            yield

    @contextmanager
    def drafting(self) -> Iterator[None]:
        """Held from a draft's first file to its commit: a takedown waits for it, and it waits for a takedown."""
        if self._removing:
            yield
            return
        self.prepare()
        with self.storage.lock("_locks/_removal", shared=True):
            yield

    @contextmanager
    def removing(self) -> Iterator[None]:
        """Held while documents are removed: no draft of this machine is being written, so none can bring them back."""
        self.prepare()
        with self.storage.lock("_locks/_removal"):
            self._removing = True
            try:
                yield
            finally:
                self._removing = False

    def met(self, name: str, partition: Partition) -> str:
        """What to say when another run replaced a partition first."""
        where = " ".join(partition.values())
        return f"another run committed {name} {where} while this one worked; nothing was changed, run again"

    def draft(self, name: str, partition: Partition, key: str) -> Draft:
        """Begin, or take up again, a partition of a table."""
        for column in table(name).partitions:
            if not NAME.fullmatch(partition[column]):
                raise BadRecipe(f"{column} {partition[column]!r} cannot name a partition; use letters, digits, . _ -")
        self.prepare()
        found = self.delta(name)
        base = None if found is None else found.transaction_version(application(name, partition))
        draft = Draft(self.storage, name, dict(partition), key, -1 if base is None else base)
        self.storage.sweep(draft.folder)
        return draft

    def footers(self, draft: Draft, shards: Sequence[str]) -> list[Footer]:
        """What the files of a draft say of themselves, by shard."""
        return [read_footer(self.storage, draft.name(shard)) for shard in sorted(shards)]

    def commit(self, draft: Draft, footers: Sequence[Footer], provenance: Provenance) -> int:
        """Replace the draft's partition by its files in one Delta commit that carries its lineage; gives the version.

        Raises ConcurrentCommit when another commit replaced the partition since the draft began.
        """
        target = self.created(draft.table)
        transaction = application(draft.table, draft.partition)
        seen = target.transaction_version(transaction)
        if (-1 if seen is None else seen) != draft.base:
            raise ConcurrentCommit(self.met(draft.table, draft.partition))
        properties = CommitProperties(
            custom_metadata={METADATA: provenance.to_json()},
            max_commit_retries=15,
            app_transactions=[Transaction(transaction, draft.base + 1)],
        )
        filters = [(column, "=", draft.partition[column]) for column in table(draft.table).partitions]
        try:
            target.create_write_transaction(
                [_add(draft, footer) for footer in footers],
                mode="overwrite",
                schema=table(draft.table).schema,
                partition_by=list(table(draft.table).partitions),
                partition_filters=filters,
                commit_properties=properties,
            )
        except CommitFailedError as error:
            raise ConcurrentCommit(self.met(draft.table, draft.partition)) from error
        version = self.version_of(draft.table, provenance.run)
        journal.record(self, [draft.table])
        return version

    def version_of(self, name: str, run: str) -> int:
        """The version that a run committed."""
        for commit in self.log(name):
            if commit.provenance is not None and commit.provenance.run == run:
                return commit.version
        raise ConcurrentCommit(f"the commit of run {run} is not in the log of {name}; run headwater verify")

    def created(self, name: str) -> DeltaTable:
        """The Delta table, made where it is not there."""
        found = self.delta(name)
        if found is not None:
            return found
        # Two that make a table at once can both be its first version, and the log of one is lost.
        with self.storage.lock(f"_locks/create.{name}"):
            return self.delta(name) or self._born(name)

    def _born(self, name: str) -> DeltaTable:
        described = table(name)
        birth = Provenance(name, {}, (), {}, {}, "", "", {}, 0, "", {}, code=code_version(), run=uuid.uuid4().hex)
        DeltaTable.create(
            self.storage.uri(name),
            schema=described.schema,
            mode="ignore",
            partition_by=list(described.partitions),
            name=name,
            configuration={**RETENTION, "delta.dataSkippingStatsColumns": ",".join(described.statistics)},
            storage_options=dict(self.storage.options) or None,
            commit_properties=CommitProperties(custom_metadata={METADATA: birth.to_json()}),
        )
        created = self.delta(name)
        if created is None:
            raise LakeUnavailable(f"table {name} could not be made under {self.storage.root}")
        return created


def application(name: str, partition: Partition) -> str:
    """The Delta transaction id of a partition."""
    # Two writers to a partition that is still empty do not conflict by files; the same transaction id makes them.
    return "/".join([name, *(partition[column] for column in table(name).partitions)])


def _add(draft: Draft, footer: Footer) -> AddAction:
    name = draft.name(footer.shard).removeprefix(f"{draft.table}/")
    # The time is not a fact about the rows: a constant keeps the log a function of them.
    return AddAction(name, footer.size, dict(draft.partition), 0, True, delta_statistics(footer))


@lru_cache(maxsize=256)
def _history_cached(root: str, options: str, name: str, identity: str, version: int) -> tuple[Published, ...]:
    # The identity is new for a table that was removed and made again, whose versions start anew.
    return tuple(history(Storage(root, json.loads(options)), name, version))


def history(storage: Storage, name: str, newest: int) -> Iterator[Published]:
    """Every commit of a table up to a version, newest first; each is read when it is asked for.

    Not by delta-rs, whose history says no version numbers and begins with what others committed since it was opened.
    """
    for version in range(newest, -1, -1):
        yield read_commit(storage, name, version)


def read_commit(storage: Storage, name: str, version: int) -> Published:
    """One commit of a table; its operation is `missing` where its file is not there."""
    return _commit(_commit_info(storage, f"{name}/_delta_log/{version:020d}.json"), version)


def _commit_info(storage: Storage, name: str) -> Mapping[str, Any]:
    try:
        with storage.open(name) as file:
            for line in file:
                action = json.loads(line)
                if "commitInfo" in action:
                    found: Mapping[str, Any] = action["commitInfo"]
                    return found
    except FileNotFoundError:
        return {"operation": "missing"}
    return {}


def _history(lake: Lake, found: DeltaTable, name: str) -> tuple[Published, ...]:
    options = json.dumps(dict(lake.storage.options))
    return _history_cached(lake.storage.root, options, name, str(found.metadata().id), found.version())


def _commit(entry: Mapping[str, Any], version: int) -> Published:
    text = entry.get(METADATA)
    time = datetime.fromtimestamp(entry.get("timestamp", 0) / 1000, tz=UTC)
    return Published(version, time, entry.get("operation", "?"), Provenance.from_json(text) if text else None)


def _data_files(name: str, found: DeltaTable) -> list[DataFile]:
    # Not by pa.table(): it would import pandas, a quarter of a second, to see whether this is a data frame.
    adds = pa.RecordBatchReader.from_stream(found.get_add_actions(flatten=True)).read_all().to_pylist()
    files = [
        DataFile(
            name=f"{name}/{add['path']}",
            shard=shard_of(add["path"]),
            rows=add["num_records"],
            size=add["size_bytes"],
            partition={column: add[f"partition.{column}"] for column in TABLES[name].partitions},
        )
        for add in adds
    ]
    return sorted(files, key=lambda f: f.name)
