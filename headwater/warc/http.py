"""HTTP messages as crawlers stored them (RFC 9112): headers, and bodies decoded within limits."""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

from headwater.warc.limits import DEFAULT, Limits

STATUS = re.compile(rb"HTTP(?:/\d+(?:\.\d+)?)?[ \t]+(\d{3})(?!\d)")
CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]{0,4096})?\r?\n")
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
STEP = 1 << 18

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What precedes the body, which starts at byte `body`: the status, and the header lines as they stand."""

    status: int | None
    lines: bytes
    body: int
    problem: str | None = None
    detail: str | None = None

    @property
    def headers(self) -> Headers:
        """The header lines as names and values."""
        return parse_fields(self.lines)


@dataclass(frozen=True, slots=True)
class Body:
    """A decoded body; where `problem` is set, `data` is what could be decoded before it."""

    data: bytes
    problem: str | None = None
    detail: str | None = None


def head_end(block: bytes, limit: int) -> int:
    """Where the blank line after the headers ends, or -1. Bare line feeds are taken too."""
    crlf = block.find(b"\n\r\n", 0, limit)
    bare = block.find(b"\n\n", 0, crlf if crlf >= 0 else limit)
    if bare >= 0:
        return bare + 2
    return crlf + 3 if crlf >= 0 else -1


def parse_head(block: bytes, *, response: bool = True, limits: Limits = DEFAULT) -> Head:
    """Status and headers at the start of an HTTP block. Never raises; see `problem`."""
    end = head_end(block, limits.max_header_bytes)
    if end < 0 and len(block) > limits.max_header_bytes:
        return Head(None, b"", 0, "bad_http_header", f"no end of headers in {limits.max_header_bytes} bytes")
    end = len(block) if end < 0 else end
    first = block.find(b"\n", 0, end) + 1 or end
    status = STATUS.match(block, 0, first)
    if response and status is None:
        shown = block[: min(first, 80)].decode("latin-1").strip()
        return Head(None, b"", 0, "bad_http_header", f"not an HTTP status line: {shown!r}")
    return Head(int(status[1]) if status else None, block[first:end], end)


def parse_fields(lines: bytes) -> Headers:
    """Header lines as names and values; a folded line continues the one before, a line without a colon is left out."""
    fields: list[tuple[str, str]] = []
    for line in lines.decode("latin-1").split("\n"):
        if line[:1] in (" ", "\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}".strip())
        elif ":" in line:
            name, value = line.split(":", 1)
            fields.append((name.strip(), value.strip()))
    return tuple(fields)


def decode_body(body: bytes, transfer: str, content: str, *, limits: Limits = DEFAULT) -> Body:
    """Undo Transfer-Encoding, then Content-Encoding. A body that its crawler had already decoded is given as it is."""
    hops = _codings(transfer)
    result = _dechunk(body) if "chunked" in hops else Body(body)
    codings = [c for c in _codings(content) + hops if c != "chunked"]
    if len(codings) > limits.max_encodings:
        return Body(b"", "payload_too_large", f"{len(codings)} content codings, at most {limits.max_encodings}")
    for coding in reversed(codings):
        if coding in DECODERS and result.data:
            decoded = _bounded(DECODERS[coding], result.data, coding, limits.max_payload_bytes)
            result = Body(decoded.data, result.problem or decoded.problem, result.detail or decoded.detail)
    if len(result.data) > limits.max_payload_bytes:
        return Body(b"", "payload_too_large", f"more than {limits.max_payload_bytes} bytes")
    return result


def _codings(value: str) -> list[str]:
    return [coding.strip().lower() for coding in value.split(",") if coding.strip()]


def _dechunk(body: bytes) -> Body:
    pieces: list[bytes] = []
    at = 0
    while at < len(body):
        line = CHUNK_SIZE.match(body, at)
        if line is None:
            break
        size, start = int(line[1], 16), line.end()
        if size == 0:
            return Body(b"".join(pieces))
        pieces.append(body[start : start + size])
        at = start + size
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    if not pieces:
        return Body(body)
    return Body(b"".join(pieces), "bad_chunked", f"chunk framing breaks at byte {at} of {len(body)}")


def _bounded(decode: Callable[[bytes], Iterator[bytes]], data: bytes, coding: str, limit: int) -> Body:
    """Decode step by step and stop at the limit, so that a bomb costs no more than the limit."""
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in decode(data):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                return Body(b"", "payload_too_large", f"{coding} unpacks to more than {limit} bytes")
    except (zlib.error, OSError, EOFError) as error:
        if not size and not _is_packed(data, coding):
            return Body(data)
        return Body(b"".join(pieces), "bad_content_encoding", f"{coding}: {error}")
    return Body(b"".join(pieces))


def _is_packed(data: bytes, coding: str) -> bool:
    """False where a header names a coding but the crawler stored the body decoded."""
    magic = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}.get(coding)
    return data.startswith(magic) if magic else CONTROL.search(data, 0, 512) is not None


def _gzip(data: bytes) -> Iterator[bytes]:
    yield from _inflate(data, 31)


def _deflate(data: bytes) -> Iterator[bytes]:
    """`deflate` should be zlib (RFC 1950); some servers send bare deflate (RFC 1951)."""
    is_zlib = len(data) > 1 and data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0
    yield from _inflate(data, 15 if is_zlib else -15)


def _inflate(data: bytes, window_bits: int) -> Iterator[bytes]:
    while True:
        inflater = zlib.decompressobj(window_bits)
        while not inflater.eof:
            piece = inflater.decompress(data, STEP)
            data = inflater.unconsumed_tail
            if not piece and not data and not inflater.eof:
                raise EOFError("the stream ends early")
            yield piece
        data = inflater.unused_data
        if window_bits != 31 or not data.startswith(b"\x1f\x8b"):
            return


def _brotli(data: bytes) -> Iterator[bytes]:
    from fastwarc.stream_io import BrotliReader

    reader = BrotliReader(BytesIO(data))
    while piece := reader.read(STEP):
        yield piece


def _zstd(data: bytes) -> Iterator[bytes]:
    from fastwarc.stream_io import ZstdReader

    reader = ZstdReader(BytesIO(data))
    while piece := reader.read(STEP):
        yield piece


DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
