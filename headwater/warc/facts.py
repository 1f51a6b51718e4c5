"""Facts that a URL or a header states: host, registered domain, consent, content type, document id.

Registered domains follow the public suffix list (https://publicsuffix.org) as packaged, offline.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from hashlib import sha256
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+*-]{1,127}/[a-z0-9!#$&^_.+*-]{1,127}")
CHARSET = re.compile(r"""(?:^|[;,\s])charset\s*=\s*["']?\s*([a-z0-9_.:+()-]{1,64})""")
CONSENT_HEADERS = ("x-robots-tag", "tdm-reservation", "tdm-policy", "content-usage", "content-signal")
LICENCE_LINK = re.compile(
    r"""<([^<>]{1,1000})>[^<>]{0,300}?;\s{0,9}rel\s{0,9}=\s{0,9}(?:"[^"<>]{0,200}?\blicense\b|license\b)""",
    re.IGNORECASE,
)
# Really Simple Licensing, https://rslstandard.org: terms on use, and no licence of the page itself.
RSL_LINK = re.compile(
    r"<([^<>]{1,1000})>[^<>,]{0,300}?;\s{0,9}type\s{0,9}=\s{0,9}\"?application/rsl\+xml", re.IGNORECASE
)
MAX_CONSENT_CHARS = 2048
MAX_URL_CHARS = 1 << 16


@lru_cache(maxsize=65536)
def host(url: str | None) -> str | None:
    """Host name or IP address of a URL, lower case, without port, userinfo and final dot; internationalised names in
    punycode. None where there is none."""
    if not url or len(url) > MAX_URL_CHARS:
        return None
    try:
        name = urlsplit(url.strip()).hostname
    except ValueError:
        return None
    name = (name or "").rstrip(".")
    if name and not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            return None
    return name if name and not re.search(r"[\s/<>\"\\%]", name) else None


@lru_cache(maxsize=65536)
def registered_domain(url: str | None) -> str | None:
    """The part of the host that somebody registered: `example.co.uk` of `a.b.example.co.uk`. An IP address stands for
    itself; None for a public suffix alone and for a name without a dot."""
    name = host(url)
    if name is None or _is_address(name):
        return name
    domain: str | None = _suffixes().privatesuffix(name)
    return domain


def consent(headers: Iterable[tuple[str, str]], page: Mapping[str, list[str]] | None = None) -> str | None:
    """What speaks of permitted use, as JSON of name -> values, or None where nothing does: the response headers, and
    what the page's own markup says (`page`, its keys are not names of headers).

    Values are cut at `MAX_CONSENT_CHARS` characters in all, for the headers and for the page.
    """
    found: dict[str, list[str]] = {}
    _gather(found, _of_headers(headers))
    _gather(found, ((name, value) for name, values in (page or {}).items() for value in values))
    return json.dumps(found, sort_keys=True, ensure_ascii=False) if found else None


def _of_headers(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        name = name.lower()
        if name == "link":
            start = value[: 4 * MAX_CONSENT_CHARS]
            terms = RSL_LINK.findall(start)
            yield from (("link-rsl", url) for url in terms)
            yield from (("link-license", url) for url in LICENCE_LINK.findall(start) if url not in terms)
        elif name in CONSENT_HEADERS:
            yield name, value


def _gather(found: dict[str, list[str]], said: Iterable[tuple[str, str]]) -> None:
    left = MAX_CONSENT_CHARS
    for name, value in said:
        if left > 0:
            found.setdefault(name, []).append(value[:left])
            left -= len(value)


@lru_cache(maxsize=4096)
def parse_content_type(value: str | None) -> tuple[str | None, str | None]:
    """Media type and charset of a Content-Type header, lower case; None for each that cannot be made out."""
    lowered = (value or "")[:1024].lower()
    kind = re.split(r"[;,\s]", lowered.strip(), maxsplit=1)[0]
    charset = CHARSET.search(lowered)
    return (kind if MEDIA_TYPE.fullmatch(kind) else None), (charset[1] if charset else None)


def doc_id(record_id: str | None, name: str, offset: int) -> str:
    """First 32 hex digits of SHA-256 over the WARC-Record-ID, or over `name:offset` where it is missing."""
    record_id = (record_id or "").strip()
    return sha256((record_id or f"{name}:{offset}").encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
