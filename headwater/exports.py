"""Exports: files made of a release for people and programs elsewhere, under `exports/RELEASE/KIND/` of the lake.

A kind is replaced whole: the new files are written beside the old ones, with `export.json` last, and then take their
place. A takedown calls `remake`, so that no export keeps what the release no longer holds.
"""

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from headwater import configuration, registry
from headwater.errors import UnknownName, UserError
from headwater.lake.storage import Storage

if TYPE_CHECKING:
    from headwater.project import Project
    from headwater.releases import Release

ROOT = "exports"
LIST = "export.json"
REPORT, ATTRIBUTION = "report", "attribution"
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")

Writer = Callable[[BinaryIO], None]
Files = Mapping[str, bytes | Writer] | Iterable[tuple[str, bytes | Writer]]


@dataclass(frozen=True)
class File:
    """One exported file: its name within the export, the SHA-256 of its bytes, and how many they are."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Export:
    """What `export.json` says: a kind of export of a release, with the options it was made with."""

    release: str
    kind: str
    files: tuple[File, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Where the files are, relative to the lake root."""
        return folder(self.release, self.kind)

    def to_json(self) -> bytes:
        """The bytes of `export.json`."""
        said = {"release": self.release, "kind": self.kind, "files": [asdict(f) for f in self.files]}
        return (json.dumps({**said, "options": dict(self.options)}, indent=1) + "\n").encode()


def folder(release: str, kind: str) -> str:
    """Where an export is, relative to the lake root."""
    return f"{ROOT}/{_plain(release)}/{_plain(kind)}"


def kinds() -> list[str]:
    """What can be made of a release: the exporters' formats, the attribution bundle, and the report."""
    return [*registry.names("exporters"), ATTRIBUTION, REPORT]


def make(project: "Project", release: "Release", kind: str, options: Mapping[str, Any] | None = None) -> Export:
    """Make one kind of export, or make it again. Raises UnknownName for a kind or an option that is not there."""
    from headwater import attribution, report, training_documents

    if kind == REPORT:
        with report.documents(project, release) as files:
            return write(project, release.name, REPORT, files)
    if kind == ATTRIBUTION:
        with attribution.documents(project, release) as files:
            return write(project, release.name, ATTRIBUTION, files)
    if kind not in kinds():
        raise UnknownName.among("export", kind, kinds())
    resolved = configuration.resolve("exporters", kind, options or {})
    exporter = registry.step("exporters", kind)
    documents = training_documents.batches(project, release)
    return write(project, release.name, kind, exporter(documents, **resolved), resolved)


def write(
    project: "Project", release: str, kind: str, files: Files, options: Mapping[str, Any] | None = None
) -> Export:
    """Replace a kind of export whole. A writer is called with an open file before the next pair is asked for."""
    storage, final = project.lake.storage, folder(release, kind)
    project.lake.prepare()
    with storage.lock(f"_locks/exports.{release}.{kind}"):
        _settle(storage, release, kind)
        place = _beside(release, kind) if storage.local else final
        pairs = files.items() if isinstance(files, Mapping) else files
        written = tuple(_written(storage, place, name, content) for name, content in pairs)
        export = Export(release, kind, tuple(sorted(written, key=lambda f: f.name)), dict(options or {}))
        storage.write(f"{place}/{LIST}", export.to_json())
        if storage.local:
            _settle(storage, release, kind)
        else:
            _clear(storage, export)
    return export


def find(project: "Project", release: str, kind: str) -> Export | None:
    """An export by release and kind; None where it was never made."""
    storage = project.lake.storage
    if any(name.startswith(f".{_plain(kind)}.") for name in storage.names(f"{ROOT}/{_plain(release)}")):
        with storage.lock(f"_locks/exports.{release}.{kind}"):
            _settle(storage, release, kind)
    name = f"{folder(release, kind)}/{LIST}"
    if not storage.exists(name):
        return None
    said = json.loads(storage.read(name))
    files = tuple(File(**entry) for entry in said["files"])
    return Export(said["release"], said["kind"], files, said.get("options", {}))


def listed(project: "Project") -> list[Export]:
    """Every export of the lake, by release and kind."""
    storage = project.lake.storage
    found = [find(project, name, kind) for name in storage.names(ROOT) for kind in _kinds_of(storage, name)]
    return [export for export in found if export is not None]


def remake(project: "Project", release_name: str) -> list[Export]:
    """Make every export of a release again, from the release as it is now; the report last, for it names the others."""
    from headwater import releases

    names = _kinds_of(project.lake.storage, release_name)
    found = [e for e in (find(project, release_name, kind) for kind in names) if e is not None]
    if not found:
        return []
    release = releases.load(project, release_name)
    ordered = sorted(found, key=lambda e: (e.kind == REPORT, e.kind))
    return [make(project, release, e.kind, e.options if e.kind != REPORT else None) for e in ordered]


class _Hashed(io.RawIOBase):
    """Hashes and counts what is written through it; the file below stays open."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file, self.sha256, self.count = file, hashlib.sha256(), 0

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        size = memoryview(data).nbytes
        self.count += size
        self._file.write(data)
        return size

    def writable(self) -> bool:
        return True


def _written(storage: Storage, place: str, name: str, content: bytes | Writer) -> File:
    if name == LIST or not all(PLAIN.fullmatch(part) for part in name.split("/")):
        raise UserError(f"export file {name!r}: a name is letters, digits, . _ - and / between folders, not {LIST}")
    with storage.create(f"{place}/{name}") as file:
        hashed = _Hashed(file)
        if isinstance(content, bytes):
            hashed.write(content)
        else:
            content(cast(BinaryIO, hashed))
    return File(name, hashed.sha256.hexdigest(), hashed.count)


def _settle(storage: Storage, release: str, kind: str) -> None:
    """Bring a killed replacement to its end: forward where the new files are whole, else back. The lock is held."""
    if not storage.local:
        return
    new, old = (Path(storage.uri(_beside(release, kind, ending))) for ending in ("new", "old"))
    final = Path(storage.uri(folder(release, kind)))
    if (new / LIST).exists():
        if final.exists():
            storage.remove(_beside(release, kind, "old"))
            final.rename(old)
        new.rename(final)
    storage.remove(_beside(release, kind, "new"))
    storage.remove(_beside(release, kind, "old"))


def _beside(release: str, kind: str, ending: str = "new") -> str:
    return f"{ROOT}/{_plain(release)}/.{_plain(kind)}.{ending}"


def _clear(storage: Storage, export: Export) -> None:
    """Of an object store, which cannot rename a folder: remove what the list does not name."""
    keep = {storage.uri(f"{export.folder}/{name}") for name in [LIST, *(f.name for f in export.files)]}
    root = storage.uri(export.folder)
    for path in storage.filesystem.find(storage.filesystem._strip_protocol(root)):
        if not any(wanted.endswith(path.lstrip("/")) for wanted in keep):
            storage.filesystem.rm_file(path)


def _kinds_of(storage: Storage, release: str) -> Iterator[str]:
    """Kinds that were ever made of a release, one whose replacement was killed included."""
    seen = set()
    for name in storage.names(f"{ROOT}/{_plain(release)}"):
        kind = name[1:].rsplit(".", 1)[0] if name.startswith(".") else name
        if PLAIN.fullmatch(kind) and kind not in seen:
            seen.add(kind)
            yield kind


def _plain(name: str) -> str:
    if not PLAIN.fullmatch(name):
        raise UserError(f"{name!r} cannot name an export; use letters, digits, . _ -")
    return name
