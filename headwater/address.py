"""URLs as they are compared: two spellings of one address are equal."""

import re
from urllib.parse import quote, urlsplit

from headwater.warc import facts

_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def address(url: str) -> str:
    """A URL as it is matched: without scheme, userinfo and fragment, host as facts.host has it, no default port,
    percent-encoding as RFC 3986 normalises it (6.2.2). The same page by http and https."""
    bare = url.strip().partition("#")[0]
    try:
        parts = urlsplit(bare)
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return bare
    query = f"?{_encoded(parts.query)}" if parts.query else ""
    return f"{facts.host(bare) or ''}{port}{_encoded(parts.path) or '/'}{query}"


def _encoded(part: str) -> str:
    plain = "".join(c if c.isascii() else quote(c, errors="replace") for c in part)
    return _ESCAPE.sub(lambda found: _unreserved(found[0]), plain)


def _unreserved(escape: str) -> str:
    char = chr(int(escape[1:], 16))
    return char if char.isascii() and (char.isalnum() or char in "-._~") else escape.upper()
