"""The one-line header of ARC records, as WARC fields (Internet Archive ARC file format, versions 1 and 2)."""

import re

SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{0,15}:")
ADDRESS = re.compile(rb"[0-9A-Fa-f:.]+|-|None|null")
DATE = re.compile(rb"\d{8,20}[^ ]*|null")
MAX_LINE_BYTES = 1 << 14

Fields = tuple[tuple[bytes, bytes], ...]


def arc_fields(line: bytes) -> Fields | None:
    """The header line as WARC fields, or None if it is no ARC header. Addresses may hold spaces."""
    words = line.strip().split(b" ")
    if len(words) < 5 or not SCHEME.match(words[0]):
        return None
    if words[0].startswith(b"filedesc:"):
        return _fields(b"warcinfo", words[0], words[2], b"application/x-arc-info", words[-1])
    for at in range(1, len(words) - 3):
        first, second = words[at], words[at + 1]
        if DATE.fullmatch(first) and ADDRESS.fullmatch(second) and not DATE.fullmatch(second):
            first, second = second, first  # some writers put the date before the address
        if ADDRESS.fullmatch(first) and DATE.fullmatch(second):
            url, media_type = b" ".join(words[:at]), words[at + 2]
            kind = b"response" if url[:5].lower() in (b"http:", b"https") else b"resource"
            return _fields(kind, url, second, media_type, words[-1])
    return None


def _fields(kind: bytes, url: bytes, date: bytes, media_type: bytes, length: bytes) -> Fields:
    return (
        (b"WARC-Type", kind),
        (b"WARC-Target-URI", url),
        (b"WARC-Date", date),
        (b"Content-Type", media_type),
        (b"Content-Length", length),
    )
