"""What a commit says about itself. One record, built by one function, written inside the Delta commit."""

import hashlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

Partition = Mapping[str, str]

FORMAT = 1


@dataclass(frozen=True)
class Input:
    """What a stage read: a partition of a table at a version, by the digest of its rows.

    An input from outside the lake (a crawl listing, a model file) has `version` None.
    """

    table: str
    partition: Partition
    version: int | None
    digest: str


@dataclass(frozen=True)
class Shard:
    """One data file of a commit."""

    shard: str
    path: str
    rows: int
    digest: str


@dataclass(frozen=True)
class Provenance:
    """Where a version of a partition comes from, and what flowed through it.

    `steps` are the VERSIONs of the steps used; `options` the resolved part of the recipe; `fingerprint` hashes both;
    `key` hashes the fingerprint with the digests of the inputs: the partition is current while this is unchanged.
    `row_flow` counts rows in and rows out by outcome; `digest` covers the rows of all shards. `warnings` names the
    checks that may fail and be published. `started` is when the work began, UTC; the end is the commit's own time.
    """

    table: str
    partition: Partition
    inputs: tuple[Input, ...]
    steps: Mapping[str, int]
    options: Mapping[str, Any]
    fingerprint: str
    key: str
    row_flow: Mapping[str, Any]
    rows: int
    digest: str
    checks: Mapping[str, bool]
    details: Mapping[str, Any] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    started: str = ""
    warnings: tuple[str, ...] = ()
    format: int = FORMAT

    def to_json(self) -> str:
        """Canonical text of the record."""
        return canonical(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Provenance":
        """The record a commit carries."""
        data = json.loads(text)
        inputs = tuple(Input(**entry) for entry in data.pop("inputs"))
        return cls(inputs=inputs, warnings=tuple(data.pop("warnings", ())), **data)


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(table: str, steps: Mapping[str, int], options: Mapping[str, Any]) -> str:
    """Hash of how a table is made: the steps' versions and the resolved options, never the code's commit."""
    return hashlib.sha256(canonical([FORMAT, table, dict(steps), options]).encode()).hexdigest()


def key(fingerprint: str, inputs: tuple[Input, ...]) -> str:
    """Hash of how a partition is made and from which rows. Versions are left out: equal rows are equal."""
    read = sorted(canonical([i.table, dict(i.partition), i.digest]) for i in inputs)
    return hashlib.sha256(canonical([fingerprint, read]).encode()).hexdigest()


def digest_of_shards(shards: list[Shard]) -> str:
    """Digest of a partition's rows from those of its shards, whatever order they came in."""
    lines = sorted(f"{s.shard} {s.rows} {s.digest}" for s in shards)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def digest_of_folder(folder: Path, patterns: tuple[str, ...]) -> str:
    """Digest of the names and contents of the files in a folder that match, folders matched by name being whole."""
    found = {f for p in patterns for top in folder.glob(p) for f in ([top] if top.is_file() else top.rglob("*"))}
    total = hashlib.sha256()
    for file in sorted(f for f in found if f.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return total.hexdigest()


def digest_of_checkpoint(folder: Path) -> str:
    """SHA-256 over the names and contents of all files in a checkpoint folder; one that is not there has none."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return total.hexdigest()


def now() -> str:
    """The time in UTC, ISO 8601 to the millisecond."""
    return datetime.now(tz=UTC).isoformat(timespec="milliseconds")


@cache
def code_version() -> dict[str, str]:
    """The installed version and, in a checkout, the git commit: recorded, never compared."""
    found = {"headwater": package_version("headwater")}
    folder = Path(__file__).resolve().parent
    if (folder.parent.parent / ".git").exists():
        git = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        answer = subprocess.run(git, capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            found["git"] = answer.stdout.strip()
    return found
