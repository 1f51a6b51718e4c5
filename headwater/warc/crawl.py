"""A crawl root in Common Crawl's layout, in a folder or behind any fsspec URL (https://data.commoncrawl.org).

* `collinfo.json`: which crawls there are, and when each began
* `crawl-data/CRAWL/warc.paths.gz`: the WARC files of one crawl, a path below the root on each line
* `crawl-data/CRAWL/robotstxt.paths.gz`: those that hold the robots.txt files the crawler met; a crawl may have none
"""

import gzip
import io
import json
import re
import shutil
import tempfile
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec

from headwater.errors import MissingInput, UnknownName, UserError

CRAWL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
ARCHIVE_SUFFIX = re.compile(r"(?:\.(?:warc|arc|wacz|wat|wet|gz|lz4|zst))+$", re.IGNORECASE)
UNSAFE_IN_SHARD = re.compile(r"[^A-Za-z0-9._-]|^[._-]")
UNSAFE_IN_PATH = re.compile(r"[\x00-\x1f\x7f\\]|^/|^[A-Za-z][A-Za-z0-9+.-]*:|(?:^|/)\.\.?(?:/|$)")
MAX_SHARD_CHARS = 120
MAX_LISTING_BYTES = 256 << 20


@dataclass(frozen=True, slots=True, order=True)
class Crawl:
    """One crawl of the root. `started` is the listing's own text, None where it gives none."""

    id: str
    started: str | None = None


@dataclass(frozen=True, slots=True)
class WarcFile:
    """One archive file of a crawl: `path` below the root, `shard` its name in every table."""

    shard: str
    path: str


@dataclass(frozen=True, slots=True)
class CrawlRoot:
    """Where crawls are read from: a folder, or a URL with `storage_options` for its file system."""

    root: str
    storage_options: Mapping[str, Any] | None = None

    def crawls(self) -> list[Crawl]:
        """All crawls, oldest first."""
        listing = self._read("collinfo.json")
        found = self._from_folders() if listing is None else self._from_listing(listing)
        return sorted(found, key=lambda crawl: (crawl.started or "", crawl.id))

    def paths(self, crawl_id: str) -> list[WarcFile]:
        """The archive files of one crawl, in the order of its listing."""
        place = f"crawl-data/{_checked_id(crawl_id, 'asked for')}/warc.paths.gz"
        packed = self._read(place)
        if packed is None:
            known = [crawl.id for crawl in self.crawls()]
            if crawl_id not in known:
                raise UnknownName.among("crawl", crawl_id, known)
            raise MissingInput(f"{self._url(place)} is not there, though collinfo.json lists crawl {crawl_id!r}")
        return self._listed_files(place, packed)

    def robots(self, crawl_id: str) -> list[WarcFile]:
        """The archive files that hold a crawl's robots.txt files, in the order of their listing; none where the crawl
        has no such listing. Raises MissingInput where the crawl itself is not there."""
        place = f"crawl-data/{_checked_id(crawl_id, 'asked for')}/robotstxt.paths.gz"
        packed = self._read(place)
        if packed is None:
            self.paths(crawl_id)
            return []
        return self._listed_files(place, packed)

    def _listed_files(self, place: str, packed: bytes) -> list[WarcFile]:
        text = _unpack(packed, self._url(place))
        return _named([_checked_path(p, self._url(place)) for p in dict.fromkeys(text.split("\n")) if p.strip()])

    def open(self, path: str) -> BinaryIO:
        """The file at `path` below the root, seekable."""
        files, full = self._at(_checked_path(path, "a request"))
        try:
            if _is_local(files):
                return Path(full).open("rb")
            if _is_http(files) and not _has_ranges(files, full):
                return _spooled(cast(BinaryIO, files.open(full, "rb", block_size=0)))
            stream = cast(BinaryIO, files.open(full, "rb"))
        except FileNotFoundError:
            raise MissingInput(f"no file {self._url(path)}") from None
        return stream if stream.seekable() else _spooled(stream)

    def size(self, path: str) -> int:
        """Bytes of the file at `path`."""
        files, full = self._at(_checked_path(path, "a request"))
        try:
            known = files.info(full).get("size")
        except FileNotFoundError:
            raise MissingInput(f"no file {self._url(path)}") from None
        if known is not None:
            return int(known)
        with self.open(path) as stream:
            return stream.seek(0, io.SEEK_END)

    def _from_listing(self, listing: bytes) -> list[Crawl]:
        place = self._url("collinfo.json")
        try:
            entries = json.loads(listing)
        except ValueError as error:
            raise UserError(f"{place} is not JSON: {error}") from None
        if not isinstance(entries, list):
            raise UserError(f"{place} must be a list of crawls, not {type(entries).__name__}")
        crawls = [_listed(entry, place) for entry in entries]
        repeated = [name for name, times in Counter(c.id for c in crawls).items() if times > 1]
        if repeated:
            raise UserError(f"{place} lists crawl {repeated[0]!r} more than once")
        return crawls

    def _from_folders(self) -> list[Crawl]:
        files, full = self._at("crawl-data")
        if _is_http(files) or not files.isdir(full):
            raise MissingInput(
                f"{self.root} cannot be reached, or holds neither collinfo.json nor a crawl-data folder to list"
            )
        listings = files.glob(f"{full}/*/warc.paths.gz")
        return [Crawl(_checked_id(str(p).split("/")[-2], self._url("crawl-data"))) for p in listings]

    def _read(self, path: str) -> bytes | None:
        files, full = self._at(path)
        try:
            with files.open(full, "rb") as stream:
                content: bytes = stream.read(MAX_LISTING_BYTES + 1)
        except FileNotFoundError:
            return None
        except Exception as error:  # every file system has errors of its own: of rights, credentials, the network
            raise MissingInput(f"{self._url(path)} cannot be read: {error}; check the crawl root") from error
        if len(content) > MAX_LISTING_BYTES:
            raise UserError(f"{self._url(path)} has more than {MAX_LISTING_BYTES} bytes; a listing is smaller")
        return content

    def _at(self, path: str) -> tuple[fsspec.AbstractFileSystem, str]:
        files, base = fsspec.core.url_to_fs(self.root, **(self.storage_options or {}))
        return files, f"{base.rstrip('/')}/{path}"

    def _url(self, path: str) -> str:
        return f"{self.root.rstrip('/')}/{path}"


def _listed(entry: object, place: str) -> Crawl:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise UserError(f"{place}: each crawl needs an 'id', found {str(entry)[:100]!r}")
    crawl_id, started = _checked_id(entry["id"], place), entry.get("from")
    if started is None:
        return Crawl(crawl_id)
    try:
        datetime.fromisoformat(started)
    except (TypeError, ValueError):
        raise UserError(f"{place}: crawl {crawl_id!r} has 'from' {started!r}, which is no ISO 8601 time") from None
    return Crawl(crawl_id, started)


def _checked_id(crawl_id: str, place: str) -> str:
    if not CRAWL_ID.fullmatch(crawl_id):
        raise UserError(f"{place}: crawl id {crawl_id[:120]!r} must be letters, digits, '.', '_' or '-', at most 100")
    return crawl_id


def _checked_path(path: str, place: str) -> str:
    path = path.strip()
    if not path or UNSAFE_IN_PATH.search(path):
        raise UserError(f"{place}: path {path[:200]!r} must stay below the crawl root")
    return path


def _unpack(packed: bytes, place: str) -> str:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
            content = stream.read(MAX_LISTING_BYTES + 1)
        if len(content) > MAX_LISTING_BYTES:
            raise UserError(f"{place} unpacks to more than {MAX_LISTING_BYTES} bytes; a listing is smaller")
        return content.decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise UserError(f"{place} is not a gzip file of paths: {error}") from None


def _named(paths: list[str]) -> list[WarcFile]:
    """Shard names: the file name, with a digest of the path where that alone is repeated, long or unsafe."""
    names = {path: ARCHIVE_SUFFIX.sub("", path.rsplit("/", 1)[-1]) for path in paths}
    times = Counter(names.values())
    return [WarcFile(_shard(name, path, times[name] > 1), path) for path, name in names.items()]


def _shard(name: str, path: str, repeated: bool) -> str:
    safe = UNSAFE_IN_SHARD.sub("_", name)[:MAX_SHARD_CHARS] or "_"
    if safe == name and not repeated:
        return name
    return f"{safe}-{sha256(path.encode()).hexdigest()[:10]}"


def _is_http(files: Any) -> bool:
    return "http" in ((files.protocol,) if isinstance(files.protocol, str) else files.protocol)


def _has_ranges(files: Any, full: str) -> bool:
    """Whether a server gives part of a file: asked for the last byte, since headers do not tell reliably."""
    size = files.info(full).get("size")
    if not size or size < 2:
        return False
    try:
        with files.open(full, "rb", block_size=1) as stream:
            stream.seek(size - 1)
            return len(stream.read(1)) == 1
    except ValueError:
        return False


def _is_local(files: fsspec.AbstractFileSystem) -> bool:
    return "file" in ((files.protocol,) if isinstance(files.protocol, str) else files.protocol)


def _spooled(stream: BinaryIO) -> BinaryIO:
    """A seekable copy on disk, for servers that cannot give part of a file."""
    copy = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
    with stream:
        shutil.copyfileobj(stream, copy, 1 << 20)
    copy.seek(0)
    return copy
