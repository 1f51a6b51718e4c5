"""Compiled loops of licence detection: find words in a page, and say where in the page's tags they are.

`find` looks at every third byte: each word is at least six bytes long, so that one of its first three 4-grams starts
at a multiple of three, and few 4-grams of a page belong to a word. `place` reads tags as the HTML standard's tokenizer
does (html.spec.whatwg.org, 13.2.5), with a stack of fixed depth. Both take time linear in the page, whatever is in it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from headwater.rights._kinds import ANCESTORS, COMMENT, RAW, TAG, TEXT

Bytes = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]
U64 = np.uint64
F = TypeVar("F", bound=Callable[..., object])

MIN_WORD = 6
STRIDE = 3
HASHES = 1 << 15
DEPTH, SEARCHED = 256, 64
MAX_QUOTED = 65_536


class Index(NamedTuple):
    """Words by the hash of a 4-gram: whether it is `some` word's, and the range `first[h]:first[h + 1]` of `word` and
    `behind` (bytes before the 4-gram)."""

    some: npt.NDArray[np.bool_]
    first: npt.NDArray[np.int32]
    word: npt.NDArray[np.int32]
    behind: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    text: Bytes


def index(words: Sequence[str]) -> Index:
    """Index of words in lower case, at least six bytes each. ASCII letters match in either case."""
    encoded = [word.encode() for word in words]
    if min(map(len, encoded)) < MIN_WORD:
        raise ValueError(f"a word of less than {MIN_WORD} bytes cannot be found: {min(encoded, key=len).decode()!r}")
    entries = sorted((_hashed(word[j : j + 4]), k, j) for k, word in enumerate(encoded) for j in range(STRIDE))
    first = np.searchsorted([entry[0] for entry in entries], np.arange(HASHES + 1)).astype(np.int32)
    return Index(
        np.diff(first) > 0,
        first,
        np.array([k for _, k, _ in entries], np.int32),
        np.array([j for _, _, j in entries], np.int32),
        np.cumsum([0, *map(len, encoded)]).astype(np.int32),
        np.frombuffer(b"".join(encoded), np.uint8),
    )


def _hashed(gram: bytes) -> int:
    a, b, c, d = (byte | 32 for byte in gram)
    return ((a | b << 8 | c << 16 | d << 24) * 0x9E3779B1 >> 20) & (HASHES - 1)


def compiled(function: F) -> F:
    """The function as machine code, cached on disk; it holds no lock of the interpreter."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


def _packed(name: str) -> int:
    return int.from_bytes(name.encode()[:8], "little")


_P, _LI, _TR, _TD, _TH, _DT, _DD, _OPTION = (_packed(n) for n in ("p", "li", "tr", "td", "th", "dt", "dd", "option"))
_VOID = np.array(sorted(map(_packed, (
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
))), np.int64)  # fmt: skip
# An open <p> ends where one of these starts.
_BLOCK = np.array(sorted(map(_packed, (
    "address", "article", "aside", "blockquote", "body", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "table", "td", "th", "tr", "ul",
))), np.int64)  # fmt: skip
_RAW = np.array(sorted(map(_packed, ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"))),
                np.int64)  # fmt: skip


@compiled
def find(page: Bytes, some: npt.NDArray[np.bool_], first: npt.NDArray[np.int32], word: npt.NDArray[np.int32],
         behind: npt.NDArray[np.int32], start: npt.NDArray[np.int32], text: Bytes, found: Longs) -> int:  # fmt: skip
    """Fill `found` with the places of words, in order but for a few bytes, and give their number.

    Where there are more than fit, the first and the last half are kept: what a page says of itself is at its ends.
    Unsigned numbers spare numba's test for negative indices, half of the time.
    """
    count, half, fold = 0, found.size // 2, U64(32)
    for i in range(U64(0), U64(max(page.size - 3, 0)), U64(STRIDE)):
        gram = (page[i] | fold) | (page[i + U64(1)] | fold) << U64(8) | (page[i + U64(2)] | fold) << U64(16)
        gram |= (page[i + U64(3)] | fold) << U64(24)
        hashed = (gram * U64(0x9E3779B1) >> U64(20)) & U64(HASHES - 1)
        if not some[hashed]:
            continue
        for entry in range(first[hashed], first[hashed + U64(1)]):
            at, low = int(np.int64(i) - behind[entry]), start[word[entry]]
            if at >= 0 and _is(page, at, text, low, start[word[entry] + 1]):
                found[count if count < found.size else half + (count - half) % (found.size - half)] = at
                count += 1
                break
    return count


@compiled
def _is(page: Bytes, at: int, text: Bytes, low: int, high: int) -> bool:
    if at + high - low > page.size:
        return False
    for j in range(high - low):
        byte = page[at + j]
        if 65 <= byte <= 90:
            byte |= 32
        if byte != text[low + j]:
            return False
    return True


@compiled
def place(page: Bytes, hits: Longs, kinds: Longs, starts: Longs, ancestors: Longs) -> None:
    """For each hit, ascending: its kind, where its text, tag, comment or raw element starts, and the places of the
    tags that are open there, innermost first, -1 for none."""
    names, offsets = np.empty(DEPTH, np.int64), np.empty(DEPTH, np.int64)
    depth, i, hit = 0, 0, 0
    while hit < hits.size:
        tag = _next(page, i, 60)
        hit = _record(hits, hit, tag, TEXT, i, offsets, depth, kinds, starts, ancestors)
        if tag + 1 >= page.size:
            # A lone `<` at the very end is text.
            _record(hits, hit, page.size, TEXT, i, offsets, depth, kinds, starts, ancestors)
            return
        byte = page[tag + 1]
        if byte == 33 or byte == 63:
            i = _comment_end(page, tag)
            hit = _record(hits, hit, i, COMMENT, tag, offsets, depth, kinds, starts, ancestors)
            continue
        closing = byte == 47
        name = _name(page, tag + 2 if closing else tag + 1)
        if name == 0:
            i = tag + 1
            hit = _record(hits, hit, i, TEXT, tag, offsets, depth, kinds, starts, ancestors)
            continue
        i = _tag_end(page, tag)
        hit = _record(hits, hit, i, TAG, tag, offsets, depth, kinds, starts, ancestors)
        if closing:
            depth = _closed(names, depth, name)
        elif _in(_RAW, name):
            end = _raw_end(page, i, name)
            hit = _record(hits, hit, end, RAW, tag, offsets, depth, kinds, starts, ancestors)
            i = end
        elif not _in(_VOID, name) and page[i - 2] != 47:
            depth = _implied(names, depth, name)
            if depth < DEPTH:
                names[depth], offsets[depth] = name, tag
                depth += 1


@compiled
def _record(hits: Longs, hit: int, until: int, kind: int, start: int, offsets: Longs, depth: int, kinds: Longs,
            starts: Longs, ancestors: Longs) -> int:  # fmt: skip
    while hit < hits.size and hits[hit] < until:
        kinds[hit], starts[hit] = kind, start
        for k in range(ANCESTORS):
            ancestors[hit, k] = offsets[depth - 1 - k] if k < depth else -1
        hit += 1
    return hit


@compiled
def _next(page: Bytes, start: int, byte: int) -> int:
    i, n = U64(start), U64(page.size)
    while i < n and page[i] != byte:
        i += U64(1)
    return int(np.int64(i))


@compiled
def _name(page: Bytes, i: int) -> int:
    """The first eight letters of a tag's name, in lower case, as one number; 0 where no name starts."""
    name = 0
    for j in range(8):
        if i + j >= page.size:
            break
        byte = page[i + j] | 32
        letter = 97 <= byte <= 122
        if not letter and (j == 0 or not 48 <= page[i + j] <= 57):
            break
        name |= int(np.int64(byte if letter else page[i + j]) << (8 * j))
    return name


@compiled
def _tag_end(page: Bytes, start: int) -> int:
    """Behind the `>` of a tag. A quoted value that does not end is no value."""
    i, n, before = U64(start), U64(page.size), 0
    while i < n:
        byte = page[i]
        if byte == 62:
            return int(np.int64(i)) + 1
        if (byte == 34 or byte == 39) and before == 61:
            end, limit = i + U64(1), min(n, i + U64(MAX_QUOTED))
            while end < limit and page[end] != byte:
                end += U64(1)
            if end < limit:
                i = end
        if byte > 32:
            before = byte
        i += U64(1)
    return int(np.int64(n))


@compiled
def _comment_end(page: Bytes, i: int) -> int:
    n = page.size
    if i + 3 < n and page[i + 1] == 33 and page[i + 2] == 45 and page[i + 3] == 45:
        # `<!-->` and `<!--->` are whole comments.
        j = i + 2
        while j + 2 < n:
            if page[j] == 45 and page[j + 1] == 45 and page[j + 2] == 62:
                return j + 3
            j += 1
        return n
    return min(n, _next(page, i, 62) + 1)


@compiled
def _raw_end(page: Bytes, i: int, name: int) -> int:
    """Where the end tag of a raw text element starts."""
    n = page.size
    while i < n:
        i = _next(page, i, 60)
        if i + 2 < n and page[i + 1] == 47 and _name(page, i + 2) == name:
            return i
        i += 1
    return n


@compiled
def _in(names: Longs, name: int) -> bool:
    k = 0
    while k < names.size and names[k] != name:
        k += 1
    return k < names.size


@compiled
def _closed(names: Longs, depth: int, name: int) -> int:
    """Depth behind an end tag; one that closes nothing near changes nothing."""
    for k in range(depth - 1, max(-1, depth - 1 - SEARCHED), -1):
        if names[k] == name:
            return k
    return depth


@compiled
def _implied(names: Longs, depth: int, name: int) -> int:
    """Depth once what a start tag ends by itself has been ended."""
    if depth and names[depth - 1] == _P and _in(_BLOCK, name):
        depth -= 1
    if depth == 0:
        return 0
    top = names[depth - 1]
    if (name == _LI and top == _LI) or (name == _OPTION and top == _OPTION):
        return depth - 1
    if name in (_DT, _DD) and top in (_DT, _DD):
        return depth - 1
    if name in (_TD, _TH, _TR) and top in (_TD, _TH):
        depth -= 1
    if name == _TR and depth and names[depth - 1] == _TR:
        depth -= 1
    return depth
