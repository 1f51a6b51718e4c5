"""One WARC or ARC record: where it lies, what its headers say, and its body; each part is parsed when first asked for.

WARC-Payload-Digest is over the HTTP body as it came over the wire, so `body()` keeps chunks and compression. That held
for every response of the sample and of four larger crawls, chunked and gzip ones among them.
"""

import re
from datetime import UTC, datetime

from headwater.warc.facts import parse_content_type
from headwater.warc.http import Head, Headers, decode_body, parse_head
from headwater.warc.limits import DEFAULT, Limits

Fields = tuple[tuple[bytes, bytes], ...]
NO_HEAD = Head(None, b"", 0)
DIGITS = re.compile(r"[0-9]{8,14}")
HTTP_TYPES = ("response", "revisit", "request")


class Record:
    """A record. `problem` is a machine word where something is wrong with it, else None; nothing here raises.

    * truncated, bad_gzip, not_a_record, bad_length, header_too_long: found while reading the file
    * bad_http_header: the block of a response is no HTTP message; `body()` is then the whole block
    * payload_too_large, bad_chunked, bad_content_encoding: set by `payload()`, which gives what it could
    """

    __slots__ = (
        "_detail", "_fields", "_head", "_http", "_http_list", "_limits", "_problem",
        "block", "length", "name", "offset",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        offset: int,
        length: int,
        fields: Fields,
        block: bytes,
        problem: str | None = None,
        detail: str | None = None,
        limits: Limits = DEFAULT,
    ) -> None:
        self.name, self.offset, self.length, self.block = name, offset, length, block
        self._fields, self._problem, self._detail, self._limits = fields, problem, detail, limits
        self._head: Head | None = None
        self._http_list: Headers | None = None
        self._http: dict[str, str] | None = None

    def __repr__(self) -> str:
        return f"Record({self.name!r}, {self.offset}, {self.record_type!r}, {self.url!r}, problem={self._problem!r})"

    def blame(self, problem: str, detail: str) -> None:
        """Note what is wrong; the first problem stays."""
        if self._problem is None:
            self._problem, self._detail = problem, detail

    @property
    def problem(self) -> str | None:
        """What is wrong with the record, or None."""
        return self._problem or self.head.problem

    @property
    def detail(self) -> str | None:
        """The problem in words, or None."""
        return self._detail if self._problem else self.head.detail

    @property
    def warc_header_list(self) -> tuple[tuple[str, str], ...]:
        """All WARC headers in order."""
        return tuple((text(k), text(v)) for k, v in self._fields)

    @property
    def warc_headers(self) -> dict[str, str]:
        """WARC headers by lower-cased name; of a repeated one the first value."""
        return {text(k).lower(): text(v) for k, v in reversed(self._fields)}

    def warc_header(self, name: bytes) -> str | None:
        """The first WARC header of this lower-cased name, or None where it is missing or empty."""
        for key, value in self._fields:
            if key.lower() == name:
                return text(value).strip() or None
        return None

    @property
    def record_type(self) -> str:
        """WARC-Type in lower case; "unknown" where there is none."""
        return (self.warc_header(b"warc-type") or "unknown").lower()

    @property
    def record_id(self) -> str | None:
        """WARC-Record-ID as in the header, or None."""
        return self.warc_header(b"warc-record-id")

    @property
    def url(self) -> str | None:
        """WARC-Target-URI, without the angle brackets some writers put around it."""
        url = self.warc_header(b"warc-target-uri") or ""
        return (url[1:-1] if url[:1] == "<" and url[-1:] == ">" else url) or None

    @property
    def date_text(self) -> str | None:
        """WARC-Date or the ARC date as it stands there."""
        return self.warc_header(b"warc-date")

    @property
    def date(self) -> datetime | None:
        """The same in UTC; None where it cannot be read as a time."""
        return parse_date(self.date_text)

    @property
    def payload_digest(self) -> str | None:
        """WARC-Payload-Digest, for example sha1:4E7VBUTCTFCNZWVLMMP64FD56CYP2EFC."""
        return self.warc_header(b"warc-payload-digest")

    @property
    def head(self) -> Head:
        """Status and headers of the HTTP message; empty where the record holds none."""
        if self._head is None:
            kind = self.record_type
            is_http = kind in HTTP_TYPES and bool(self.block) and self._says_http(kind)
            self._head = parse_head(self.block, response=kind != "request", limits=self._limits) if is_http else NO_HEAD
        return self._head

    @property
    def http_status(self) -> int | None:
        """HTTP status code, or None."""
        return self.head.status

    @property
    def http_header_list(self) -> tuple[tuple[str, str], ...]:
        """All HTTP headers in order."""
        if self._http_list is None:
            self._http_list = self.head.headers
        return self._http_list

    @property
    def http_headers(self) -> dict[str, str]:
        """HTTP headers by lower-cased name; of a repeated one the first value."""
        if self._http is None:
            self._http = {k.lower(): v for k, v in reversed(self.http_header_list)}
        return self._http

    @property
    def content_type(self) -> str | None:
        """Content-Type of the HTTP message; of the record where that holds no HTTP."""
        return self.warc_header(b"content-type") if self.head is NO_HEAD else self.http_headers.get("content-type")

    @property
    def media_type(self) -> str | None:
        """The content type without parameters, in lower case."""
        return parse_content_type(self.content_type)[0]

    @property
    def charset(self) -> str | None:
        """The charset that the content type names, in lower case."""
        return parse_content_type(self.content_type)[1]

    def body(self) -> bytes:
        """The bytes that WARC-Payload-Digest is over: the HTTP body as sent, or the whole block without HTTP."""
        return self.block[self.head.body :] if self.head.body else self.block

    def payload(self) -> bytes:
        """The body with chunks and compression undone. What went wrong is in `problem`."""
        if self._problem == "payload_too_large":
            return b""
        headers = self.http_headers
        transfer, content = headers.get("transfer-encoding", ""), headers.get("content-encoding", "")
        if not transfer and not content:
            return self.body()
        decoded = decode_body(self.body(), transfer, content, limits=self._limits)
        if decoded.problem:
            self.blame(decoded.problem, decoded.detail or "")
        return decoded.data

    def _says_http(self, kind: str) -> bool:
        if (self.warc_header(b"content-type") or "").lower().startswith("application/http"):
            return True
        # Other types in a response (text/dns, ARC's own field) hold HTTP only where the block says so itself.
        return kind != "request" and self.block.startswith(b"HTTP")


def text(raw: bytes) -> str:
    """A header's bytes as text, whatever they are: UTF-8, else Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def parse_date(value: str | None) -> datetime | None:
    """ISO 8601 as WARC writes it, or ARC's 14 digits (longer and shorter ones are met), in UTC."""
    value = (value or "").strip()
    digits = DIGITS.match(value)
    try:
        if digits:
            return datetime.strptime(digits[0].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if len(value) in (4, 7):
            value += "-01-01"[: 10 - len(value)]
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
