"""Licence evidence of one page: what it says of licences, where in the page, and what the statement seems to cover.

Sources: rel=license (microformats.org/wiki/rel-license), licence URLs, meta tags, Dublin Core, RDFa (ccREL),
microdata, JSON-LD (schema.org/license), phrases in the page's text, SPDX-License-Identifier tags. Nothing is decided
here: a policy does that. A page without a word of `_words` costs one scan; others are read near such words only.
"""

import re
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

import numpy as np

from headwater.lake.lineage import canonical
from headwater.rights import _json_ld, _kinds, _negation, _pictures, _tags, phrases
from headwater.rights._words import WORDS
from headwater.rights.spdx import RESERVED, UNKNOWN

if TYPE_CHECKING:
    from headwater.rights import _scan

VERSION = 2
MAX_HITS, MAX_ENTRIES, MAX_SAID, MAX_AUTHOR = 512, 32, 200, 100
NEAR_IMAGE, LANDMARKS, OPENING = 5, 3_000, 120
BEFORE, AFTER = 400, 500
BASE_WITHIN, LOCAL = 8_192, 1_000
_BLOCK = re.compile(
    rb"</?(?:p|div|li|td|th|tr|section|article|footer|header|h[1-6]|ul|ol|dl|dt|dd|table|aside|figure|figcaption|form|"
    rb"nav|main|body|head|html|blockquote|pre|script|style|title|option|select|button)(?=[\s/>])[^>]*>", re.IGNORECASE
)  # fmt: skip
_ADDRESSED = ("rel_license", "microdata", "rdfa")
_MARKUP = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<br[^>]*>", re.IGNORECASE)
_VERSION = re.compile(r"-\d.*$")
_BASE = re.compile(rb"<base\s[^>]{0,40}?href\s*=\s*[\"']?([^\"'\s>]{1,500})", re.IGNORECASE)


class Evidence(NamedTuple):
    """One statement: `licence` is an SPDX id or a `LicenseRef-`; docs/rights.md has the words of the other fields."""

    licence: str
    source: str
    place: str
    scope: str
    said: str
    author: str | None = None


class _At(NamedTuple):
    """A hit: where it is, where the tag, text or comment around it starts, and the places of the tags open there."""

    hit: int
    start: int
    ancestors: list[int]


def find(html: str | bytes, url: str) -> list[Evidence]:
    """Statements of a page, in the order of appearance, at most 32; any text will do.

    The page is Unicode, or its bytes where they are known to be UTF-8, which spares encoding it.
    """
    from headwater.rights import _scan

    page = html if isinstance(html, bytes) else html.encode("utf-8", "replace")
    view, places = np.frombuffer(page, np.uint8), np.empty(MAX_HITS, np.int64)
    some, first, word, behind, start, text = _index()
    count = min(_scan.find(view, some, first, word, behind, start, text, places), MAX_HITS)
    hits, known = [], 0
    for hit in sorted(set(places[:count].tolist())):
        worth, end = _worth_it(page, hit, known)
        known = max(known, end)
        if worth:
            hits.append(hit)
    return _examine(page, view, np.array(hits, np.int64), url) if hits else []


def prepare() -> None:
    """Compile, or load what was compiled: it takes longer than a page may."""
    find(b'<a href="https://creativecommons.org/licenses/by/4.0/">licensed under CC BY 4.0</a>', "")


def as_json(evidence: list[Evidence]) -> str | None:
    """Canonical JSON for `extracted.licence_evidence`; None where there is none."""
    said = [{k: v for k, v in e._asdict().items() if v is not None} for e in evidence]
    return canonical(said) if said else None


@lru_cache(maxsize=1)
def _index() -> "_scan.Index":
    from headwater.rights import _scan

    return _scan.index(WORDS)


def _worth_it(page: bytes, hit: int, known: int) -> tuple[bool, int]:
    """Whether a hit may be a statement, by its surroundings alone (where its tags are is asked of few), and how far
    text is `known` then: a block that was looked at is not looked at again."""
    low = max(0, hit - LOCAL)
    opening, closing = page.rfind(b"<", low, hit), page.rfind(b">", low, hit)
    if page[hit : hit + 5].lower() == b"spdx-" or page[hit : hit + 1] == b'"':
        return True, 0
    if opening > closing:
        return bool(_tags.statements(_tag_at(page, opening))), 0
    # What looks like text may be an attribute behind another one with a `>` in it.
    if b'="' in page[max(closing, low) : hit]:
        return True, 0
    if hit < known:
        return False, 0
    return bool(_sentences(_block(page, hit))), hit + _block_end(page[hit : hit + AFTER])


def _block(page: bytes, hit: int) -> str:
    return _block_until(page, hit, hit + AFTER)


def _block_until(page: bytes, hit: int, end: int) -> str:
    return "".join(_around(page[max(0, hit - BEFORE) : hit], page[hit:end]))


def _examine(page: bytes, view: "_scan.Bytes", hits: "_scan.Longs", url: str) -> list[Evidence]:
    from headwater.rights import _scan

    kinds, starts = np.empty_like(hits), np.empty_like(hits)
    ancestors = np.empty((hits.size, _kinds.ANCESTORS), np.int64)
    _scan.place(view, hits, kinds, starts, ancestors)
    found: list[Evidence] = []
    tag, block, read = -1, -1, -1
    for hit, kind, start, row in zip(hits.tolist(), kinds.tolist(), starts.tolist(), ancestors, strict=True):
        if page[hit : hit + 5].lower() == b"spdx-" and kind in (_kinds.TEXT, _kinds.COMMENT):
            found += _spdx_tag(page, _At(hit, start, row.tolist()), kind)
        elif kind == _kinds.TAG and start != tag:
            tag = start
            found += _of_tag(page, hit, start, row, url)
        elif kind == _kinds.RAW and start != read:
            read = start
            found += _of_script(page, start, row)
        elif kind == _kinds.TEXT and hit >= block:
            said, block = _of_text(page, hit, row)
            found += said
    return _bounded(_without_repeats(found))


def _tag_at(page: bytes, start: int) -> bytes:
    end = page.find(b">", start, start + _tags.MAX_TAG)
    tag = page[start : end + 1 if end >= 0 else start + _tags.MAX_TAG]
    # A `>` in a quoted value.
    if tag.count(b'"') % 2 and end >= 0:
        close = page.find(b'"', end, start + _tags.MAX_TAG)
        end = page.find(b">", close, start + _tags.MAX_TAG) if close >= 0 else -1
        tag = page[start : end + 1] if end >= 0 else tag
    return tag


def _of_tag(page: bytes, hit: int, start: int, row: "_scan.Longs", url: str) -> list[Evidence]:
    tag = _tag_at(page, start)
    stated = _tags.statements(tag)
    if not stated:
        return []
    at = _At(hit, start, row.tolist())
    landmark, place = _place(page, at)
    # `link` and `meta` belong to the head, wherever a template put them.
    if tag[:5].lower() in (b"<link", b"<meta") and place != "image":
        place, landmark = ("head" if place == "body" else place), landmark
    # What comes before the tag, and what comes after it starts with the tag's own text.
    behind = page[start + len(tag) : start + len(tag) + AFTER]
    before, after = _around(page[max(0, start - BEFORE) : start], behind)
    if place != "head" and _denied(before.lower(), behind):
        return []
    found = []
    for licence, source, said in stated:
        text = said or after.split("<")[0].strip()[:MAX_SAID]
        known = licence or _json_ld.licence(text)
        if not text or (not licence and known == UNKNOWN and not said):
            continue
        about = None if place == "head" else phrases.subject(before.lower(), after.lower())
        if about is None and known != RESERVED and place != "head" and _pictured(page, start, landmark):
            about = "image"
        granted = source == "license_url" and about is None and phrases.grants((before + after[:120]).lower())
        scope = _scope(place, landmark, about, known, source, granted)
        said = _absolute(text, url, page) if known == UNKNOWN and source in _ADDRESSED else text
        by = phrases.author(before[-200:] + after[:200]) if scope != "image" else None
        found.append(_entry(known, source, "image" if scope == "image" and place == "body" else place, scope, said, by))
    return found


def _of_script(page: bytes, start: int, row: "_scan.Longs") -> list[Evidence]:
    tag = _tag_at(page, start)
    if b"ld+json" not in tag.lower():
        return []
    begin = start + len(tag)
    end = page.find(b"</script", begin, begin + 4 * _json_ld.MAX_CHARS)
    text = page[begin : end if end >= 0 else begin + 4 * _json_ld.MAX_CHARS].decode("utf-8", "ignore")
    place = "head" if _landmarks(page, _At(start, start, row.tolist())).count("head") else "body"
    return [_entry(s.licence, "json_ld", place, s.scope, s.said, s.author) for s in _json_ld.read(text)]


def _spdx_tag(page: bytes, at: _At, kind: int) -> list[Evidence]:
    text = _plain(page[at.hit : at.hit + 300])
    place = _place(page, at)[1]
    # In a comment ahead of the page it is the file's own, as REUSE (reuse.software) has it; else it is code shown.
    scope = "page" if kind == _kinds.COMMENT and place in ("head", "body") and at.ancestors[1] < 0 else "part"
    said = phrases.SPDX_TAG.search(text)
    return [_entry(i, "spdx_tag", place, scope, said[0] if said else "") for i in phrases.spdx_ids(text)]


def _of_text(page: bytes, hit: int, row: "_scan.Longs") -> tuple[list[Evidence], int]:
    """Statements of the block of text around a hit, and where the block ends."""
    end = hit + _block_end(page[hit : hit + AFTER])
    stated = _sentences(_block(page, hit))
    if not stated:
        return [], end
    landmark, place = _place(page, _At(hit, hit, row.tolist()))
    found = []
    picture = _picture(page, hit, end, landmark)
    for licence, said, about, opening, by, stands in stated:
        # Rights that are reserved are not taken back by a picture: that would loosen what the page says.
        if about is None and licence != RESERVED and picture <= stands:
            about = "image"
        scope = _scope(place, landmark, about, licence, "phrase", opening)
        place_of = "image" if scope == "image" and place == "body" else place
        found.append(_entry(licence, "phrase", place_of, scope, said, by))
    return found, end


@lru_cache(maxsize=4096)
def _sentences(text: str) -> tuple[tuple[str, str, str | None, bool, str | None, int], ...]:
    """Of a block: licence, the words around it, what it is about, whether the block is the statement, author, place."""
    lower, found = text.lower(), []
    named = [n for n in phrases.names(lower) if phrases.GRANT.search(lower, max(0, n.start - 160), n.end + 24)]
    reserved = phrases.reserved(lower)
    for name in [*named, *([reserved] if reserved is not None else [])]:
        before, after = lower[: name.start], lower[name.end : name.end + 120]
        if name is not reserved and _negation.denied(before, after):
            continue
        grant = phrases.GRANT.search(lower, 0, OPENING)
        opening = name is reserved or (grant is not None and len(lower[: grant.start()].split()) < 3)
        said = text[max(0, name.start - 120) : name.end + 40].strip()
        about = phrases.subject(before, after)
        # "All rights reserved. Powered by ...": the rights are not those in what powers the page.
        about = None if name is reserved and about == "part" else about
        found.append((name.licence, said, about, opening, phrases.author(text), name.end))
    return tuple(found)


def _denied(before: str, behind: bytes) -> bool:
    """Whether the text before a link, or the link's own text, denies the licence."""
    close = behind.lower().find(b"</a")
    own = _plain(behind[:close]).lower() if close >= 0 else ""
    inside = phrases.names(own)
    if inside and _negation.denied(before + own[: inside[0].start]):
        return True
    return _negation.denied(before, _plain(behind[max(close, 0) : _block_end(behind)]).lower())


def _pictured(page: bytes, at: int, landmark: str | None) -> bool:
    """Whether a picture is in the block of a place, ahead of it; in a side bar's box, with words of its own."""
    ahead = page[max(0, at - _pictures.FAR) : at]
    blocks = list(_BLOCK.finditer(ahead))
    return _pictures.near_its_end(ahead[blocks[-1].end() :] if blocks else ahead, worded=landmark == "side")


def _picture(page: bytes, hit: int, end: int, landmark: str | None) -> float:
    """Where in the text of a hit's block the first picture is that a statement can be behind; infinite: nowhere."""
    if _pictured(page, hit, landmark):
        return 0
    inside = _pictures.first(page[hit:end])
    return len(_block_until(page, hit, hit + inside)) if inside is not None else float("inf")


def _scope(place: str, landmark: str | None, about: str | None, licence: str, source: str, granted: bool) -> str:
    """page, image, site or part."""
    if place == "image" or about == "image":
        return "image"
    if place == "head":
        return "page"
    if landmark in ("code", "comments"):
        return "part"
    if about is not None:
        return about
    if place in ("footer", "header"):
        return "site"
    said_so = source not in ("license_url", "phrase")
    if landmark == "side":
        # A software licence named in a box is a mention of it.
        return "site" if said_so or licence == RESERVED or licence.startswith(("CC", "LicenseRef-CC")) else "part"
    return "page" if said_so or granted else "part"


def _landmarks(page: bytes, at: _At) -> list[str]:
    """Places that the tags open at a hit are, innermost first. An image's is near, or it is another thing's."""
    found = []
    for k, start in enumerate(at.ancestors):
        if start < 0:
            break
        place = _tags.opens(_tag_at(page, start))
        if place == "image" and (k >= NEAR_IMAGE or at.hit - start > LANDMARKS):
            continue
        if place is not None:
            found.append(place)
    return found


def _place(page: bytes, at: _At) -> tuple[str | None, str]:
    """The innermost landmark and the place of the record: head, footer, header, image or body."""
    found = _landmarks(page, at)
    # A picture in a side bar's box is that box: Creative Commons' button in a widget of its own.
    if "side" in found:
        found = [place for place in found if place != "image"]
    place = next((p for p in found if p in ("head", "footer", "header", "image")), "body")
    return (found[0] if found else None), place


@lru_cache(maxsize=4096)
def _around(before: bytes, after: bytes) -> tuple[str, str]:
    """The text of a block before and after a place in it, from the bytes on both sides."""
    blocks = list(_BLOCK.finditer(before))
    return _plain(before[blocks[-1].end() :] if blocks else _whole(before)), _plain(after[: _block_end(after)])


def _block_end(after: bytes) -> int:
    block = _BLOCK.search(after)
    return block.start() if block is not None else len(after)


def _whole(cut: bytes) -> bytes:
    """Without the tail of a tag that the cut went through."""
    close, opening = cut.find(b">"), cut.find(b"<")
    return cut[close + 1 :] if close >= 0 and (opening < 0 or close < opening) else cut


def _plain(markup: bytes) -> str:
    text = _BREAK.sub(" . ", markup.decode("utf-8", "ignore"))
    return unescape(_MARKUP.sub("", text).split("<")[0]).replace("\xad", "").replace("\xa0", " ")


def _absolute(said: str, url: str, page: bytes) -> str:
    base = _BASE.search(page[:BASE_WITHIN])
    try:
        origin = urljoin(url, base[1].decode("utf-8", "ignore")) if base is not None else url
        return urljoin(origin, said) if origin and not said.startswith("#") else said
    except ValueError:
        # A page may write what is no URL at all.
        return said


def _entry(licence: str, source: str, place: str, scope: str, said: str, author: str | None = None) -> Evidence:
    text = " ".join(said.split())[:MAX_SAID]
    return Evidence(licence, source, place, scope, text, author[:MAX_AUTHOR] if author else None)


def _without_repeats(found: list[Evidence]) -> list[Evidence]:
    """The first of each kind. A phrase that says what a link or a tag says too is that link's text."""
    linked = {(family, e.scope == "image") for e in found if e.source != "phrase" for family in _families(e.licence)}
    kept: dict[tuple[str, ...], Evidence] = {}
    for e in found:
        if e.source != "phrase" or (_families(e.licence)[0], e.scope == "image") not in linked:
            kept.setdefault((e.licence, e.source, e.place, e.scope), e)
    return list(kept.values())


def _families(licence: str) -> tuple[str, str]:
    """A licence without its version, and the first word of that."""
    bare = _VERSION.sub("", licence.removeprefix("LicenseRef-"))
    return bare, bare.split("-")[0]


def _bounded(found: list[Evidence]) -> list[Evidence]:
    """At most 32: what covers the page first."""
    if len(found) <= MAX_ENTRIES:
        return found
    order = sorted(range(len(found)), key=lambda k: (found[k].scope not in ("page", "site"), k))
    return [found[k] for k in sorted(order[:MAX_ENTRIES])]
