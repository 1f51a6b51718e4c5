"""A host's own files about the use of its pages, as rows of `robots`: robots.txt, ai.txt, tdmrep.json and RSL terms.

Read from archive records, or from a folder `HOST/robots.txt`, `HOST/ai.txt`, `HOST/.well-known/tdmrep.json`.
Nothing is fetched.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from headwater import decoding
from headwater.errors import MissingInput, UserError
from headwater.rights import robots, rsl
from headwater.warc import facts
from headwater.warc.limits import Limits
from headwater.warc.reader import Reader
from headwater.warc.record import Record

VERSION = 1
KINDS = {"/robots.txt": "robots_txt", "/ai.txt": "ai_txt", "/.well-known/tdmrep.json": "tdmrep"}
RSL_NAMES = ("license.xml", "rsl.xml")
MAX_URL_CHARS = 2_048
# Past the text that is kept, so that a file of just more is known to be cut.
LIMITS = Limits(max_payload_bytes=4 << 20, bomb_bytes=16 << 20)
ARCHIVES = (".warc", ".warc.gz", ".arc", ".arc.gz", ".wacz", ".warc.zst", ".warc.lz4")
TOO_MANY = 429
Row = dict[str, Any]


def kind_of(url: str | None, media_type: str | None) -> str | None:
    """What a record is, by its address or media type; None where it is none of these files."""
    if not url or len(url) > MAX_URL_CHARS:
        return None
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    return KINDS.get(path) or ("rsl" if media_type == rsl.MEDIA_TYPE else None)


def of_archive(stream: BinaryIO, name: str, shard: str) -> Iterator[Row]:
    """The rows of an archive file, in file order; records that are none of these files are passed over."""
    for record in Reader(stream, name=name, limits=LIMITS):
        row = of_record(record, shard)
        if row is not None:
            yield row


def of_record(record: Record, shard: str) -> Row | None:
    """The row of one record; None where it is none of these files, or where it has no host."""
    kind, host = kind_of(record.url, record.media_type), facts.host(record.url)
    if kind is None or host is None or record.record_type not in ("response", "resource"):
        return None
    data = record.payload()
    status = record.http_status
    state, body = _redirect(record) if status in (301, 302, 303, 307, 308) else _read(status, data, record)
    return {
        "host": host,
        "kind": kind,
        "url": record.url,
        "fetched_at": record.date,
        "http_status": status,
        "shard": shard,
        "offset": record.offset,
        "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "state": state,
        "body": body,
    }


def _redirect(record: Record) -> tuple[str, str | None]:
    """A redirected file: its body is where it went."""
    return "redirected", (record.http_headers.get("location") or "")[:MAX_URL_CHARS] or None


def _read(status: int | None, data: bytes, record: Record) -> tuple[str, str | None]:
    """State and text by RFC 9309, section 2.3.1: 4xx says that there is no file, 5xx that it cannot be known.

    429 is no answer about the file, as for Google; a record without HTTP is the file itself.
    """
    if status == TOO_MANY or (status is not None and status >= 500):
        return "unreachable", None
    if status is not None and 400 <= status < 500:
        return "missing", None
    if status is not None and not 200 <= status < 300:
        return "undecodable", None
    if record.problem == "payload_too_large":
        # More than anybody need read; what the limits left of it may be nothing.
        return "too_large", text_of(data, record.charset) if data else None
    if record.problem is not None and not data:
        return "undecodable", None
    return state_of(data, record.charset)


def state_of(data: bytes, charset: str | None = None) -> tuple[str, str | None]:
    """State and text of a file's bytes: `read`, `too_large` with the text that counts, or `undecodable`."""
    text = text_of(data, charset)
    if text is None:
        return "undecodable", None
    return ("too_large" if len(data) > robots.MAX_BYTES else "read"), text


def text_of(data: bytes, charset: str | None) -> str | None:
    """The text of the first 512 KiB; None where they are not text. A stray byte is no reason not to read the rest."""
    start = data[: robots.MAX_BYTES]
    page = decoding.decode(start, charset)
    if page.replaced > decoding.MAX_REPLACED or page.text.count("\0") > len(page.text) * decoding.MAX_REPLACED:
        return None
    return page.text.removeprefix("\ufeff")


def found_in(place: Path) -> list[Path]:
    """The files of a set: one archive, or those in a folder. Raises MissingInput or UserError."""
    if not place.exists():
        raise MissingInput(f"{place} is not there; give a folder HOST/robots.txt or archive files of robots.txt")
    if place.is_file():
        if not place.name.lower().endswith(ARCHIVES):
            raise UserError(f"{place} is no archive; give a folder HOST/robots.txt, or one of {', '.join(ARCHIVES)}")
        return [place]
    found = sorted(f for f in place.rglob("*") if f.is_file() and (_is_archive(f) or _kind_in(place, f) is not None))
    if not found:
        names = "HOST/robots.txt, HOST/ai.txt, HOST/.well-known/tdmrep.json"
        raise MissingInput(f"{place} holds neither {names} nor archives")
    return found


def digest_of(place: Path, files: list[Path]) -> str:
    """What a set of files digests to: their names below the folder, and their content."""
    total = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        name = file.relative_to(place).as_posix() if place.is_dir() else file.name
        total.update(f"{name}\0{content}\n".encode())
    return total.hexdigest()


def of_file(place: Path, file: Path, shard: str, seen: datetime) -> Iterator[Row]:
    """The rows of one file of a set; a file that is no archive was seen at `seen`."""
    if _is_archive(file):
        with file.open("rb") as stream:
            yield from of_archive(stream, file.name, shard)
        return
    kind = _kind_in(place, file)
    folder, *rest = file.relative_to(place).parts
    with file.open("rb") as stream:
        data = stream.read(robots.MAX_BYTES + 1)
    state, body = state_of(data)
    yield {
        "host": facts.host(f"https://{folder}/"),
        "kind": kind,
        "url": f"https://{folder}/{'/'.join(rest)}",
        "fetched_at": seen,
        "http_status": None,
        "shard": shard,
        "offset": 0,
        "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "state": state,
        "body": body,
    }


def _is_archive(file: Path) -> bool:
    return file.name.lower().endswith(ARCHIVES)


def _kind_in(place: Path, file: Path) -> str | None:
    folder, *rest = file.relative_to(place).parts
    if not rest or facts.host(f"https://{folder}/") is None:
        return None
    return KINDS.get(f"/{'/'.join(rest)}") or ("rsl" if rest[-1] in RSL_NAMES else None)
