"""What a page's own markup says of its use: meta robots, meta for an AI agent, TDM-Reservation, a link to RSL terms.

A scan of bytes, not a parse: it runs on every page of a crawl. Only the head is looked at, and where no end of a head
is found the first 64 KiB. Pages in UTF-16 are not read.
"""

import html
import re
import zlib
from collections.abc import Iterator
from itertools import islice

from headwater.rights import rsl
from headwater.rights.ai_agents import BY_TOKEN
from headwater.warc.http import decode_body
from headwater.warc.limits import Limits
from headwater.warc.record import Record

HEAD_BYTES = 64 << 10
FIRST_BYTES = 8 << 10
MAX_TAGS = 64
MAX_TAG_BYTES = 2_000
MAX_VALUE_CHARS = 500
LIMITS = Limits(bomb_bytes=16 << 20)

ENDS_OF_HEAD = (b"</head", b"<body", b"</HEAD", b"<BODY")
NAMED = re.compile(rb"""name\s*=\s*["']?\s*([a-z0-9_-]+)""")
# What is inside these is no markup of the page. A part that is never closed reaches to the end.
HIDDEN = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style|title|textarea|template)\b.*?(?:</\1|\Z)", re.DOTALL)
MAY_HIDE = (
    (b"<!--", b"-->"),
    *((b"<" + n, b"</" + n) for n in (b"script", b"style", b"title", b"textarea", b"template")),
)
VALUE = rb"""\s*=\s*(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\s"'>]{1,2000}))"""
ATTRIBUTE = {name: re.compile(rb"\b" + name + VALUE) for name in (b"name", b"content", b"rel", b"type", b"href")}
TDM = ("tdm-reservation", "tdm-policy")


TERMS = b"rsl+xml"
INTERESTING = frozenset(name.encode() for name in ("robots", *TDM, *BY_TOKEN))


def of_record(record: Record, body: bytes) -> dict[str, list[str]]:
    """What the markup of a record's page says, by key: `meta:robots`, `meta:gptbot`, `meta:tdm-policy`, `link:rsl`.

    `body` is the record's own, which the caller has; no more of its encodings is undone than its head needs.
    """
    headers = record.http_headers
    transfer, content = headers.get("transfer-encoding", ""), headers.get("content-encoding", "")
    if transfer:
        body = decode_body(body, transfer, "", limits=LIMITS).data
    if content.strip().lower() in ("gzip", "x-gzip") and body.startswith(b"\x1f\x8b"):
        body = _inflated(body)
    elif content:
        body = decode_body(body, "", content, limits=LIMITS).data
    return said(body)


def _inflated(body: bytes) -> bytes:
    """The head's share of a gzip body: a little, and more only where the head does not end in it."""
    inflater = zlib.decompressobj(31)
    try:
        start = inflater.decompress(body[: 2 * HEAD_BYTES], FIRST_BYTES)
        if _end(start) == FIRST_BYTES and not inflater.eof:
            start += inflater.decompress(inflater.unconsumed_tail, HEAD_BYTES - FIRST_BYTES)
    except zlib.error:
        return b""
    return start


def said(page: bytes) -> dict[str, list[str]]:
    """What the head of a page says, values as they stand, cut and with entities resolved."""
    start = page[: _end(page)]
    lowered = start.lower()
    # Nearly every page is done with here.
    if INTERESTING.isdisjoint(NAMED.findall(lowered)) and TERMS not in lowered:
        return {}
    found: dict[str, list[str]] = {}
    for begin, end in islice(dict.fromkeys(_tags(lowered)), MAX_TAGS):
        if not _is_hidden(lowered, begin):
            _add(found, lowered[begin:end], start[begin:end])
    return found


def _tags(lowered: bytes) -> Iterator[tuple[int, int]]:
    """Where the meta and link tags are that say something of interest."""
    named = (match.start() for match in NAMED.finditer(lowered) if match[1] in INTERESTING)
    for at in (*named, *(match.start() for match in re.finditer(re.escape(TERMS), lowered))):
        begin = lowered.rfind(b"<", max(0, at - MAX_TAG_BYTES), at)
        end = lowered.find(b">", at, at + MAX_TAG_BYTES) + 1
        if begin >= 0 and end > 0 and lowered.startswith((b"<meta", b"<link"), begin):
            yield begin, end


def _is_hidden(lowered: bytes, at: int) -> bool:
    """Whether a tag is inside a comment or a script. The slow answer is asked for where the quick one is: perhaps."""
    if all(lowered.rfind(begin, 0, at) <= lowered.rfind(end, 0, at) for begin, end in MAY_HIDE):
        return False
    return any(match.start() <= at < match.end() for match in HIDDEN.finditer(lowered))


def _end(start: bytes) -> int:
    """Where the head ends, as far as its usual spellings tell."""
    for spelling in ENDS_OF_HEAD:
        at = start.find(spelling, 0, HEAD_BYTES)
        if at >= 0:
            return at
    return min(len(start), HEAD_BYTES)


def _add(found: dict[str, list[str]], lowered: bytes, tag: bytes) -> None:
    if lowered.startswith(b"<link"):
        if (
            _value(lowered, tag, b"type").lower() == rsl.MEDIA_TYPE
            and "license" in _value(lowered, tag, b"rel").lower()
        ):
            found.setdefault("link:rsl", []).append(_value(lowered, tag, b"href"))
        return
    name = _value(lowered, tag, b"name").lower()
    if name in ("robots", *TDM) or name in BY_TOKEN:
        found.setdefault(f"meta:{name}", []).append(_value(lowered, tag, b"content"))


def _value(lowered: bytes, tag: bytes, attribute: bytes) -> str:
    match = ATTRIBUTE[attribute].search(lowered)
    if match is None:
        return ""
    start, end = next(match.span(number) for number in (1, 2, 3) if match[number] is not None)
    return html.unescape(tag[start:end].decode("utf-8", errors="replace")).strip()[:MAX_VALUE_CHARS]
