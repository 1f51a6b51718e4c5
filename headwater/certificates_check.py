"""Whether every certificate in the lake is whole, and the one that its takedown says was issued last."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from headwater.damage import guarded
from headwater.lake.storage import Storage
from headwater.project import Project
from headwater.takedown import certificate
from headwater.takedown import request as requests

FILES = ("certificate.json", "documents.csv")


def breaks(project: Project, anchors: frozenset[str]) -> Iterator[str]:
    """What is wrong with the certificates of a lake; `anchors` are the hashes of the audit log's entries."""
    for name in project.lake.storage.names(certificate.FOLDER):
        place = f"{certificate.FOLDER}/{name}/{FILES[0]}"
        yield from guarded(_certificate(project, name, place, anchors), place)


def _certificate(project: Project, name: str, place: str, anchors: frozenset[str]) -> Iterator[str]:
    said = _read(project.lake.storage, name)
    if said["takedown"] != name:
        yield f"{place} is the certificate of takedown {said['takedown']}"
    if said["audit_log_head"] not in anchors:
        yield f"{place}: the audit log does not hold the entry that it was issued on"
    if requests.load(project, name).details.get("certificate") != said["digest"]:
        yield f"{place} is not the certificate that its takedown says was issued last"


def _read(storage: Storage, name: str) -> certificate.Said:
    """What a certificate says. Raises UserError where it was changed."""
    if storage.local:
        return certificate.read(Path(storage.uri(f"{certificate.FOLDER}/{name}/{FILES[0]}")))[0]
    with TemporaryDirectory() as folder:
        for file in FILES:
            Path(folder, file).write_bytes(storage.read(f"{certificate.FOLDER}/{name}/{file}"))
        return certificate.read(Path(folder, FILES[0]))[0]
