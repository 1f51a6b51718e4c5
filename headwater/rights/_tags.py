"""What one tag says by itself: of a licence in its attributes, and of the place in a page that it opens."""

import re
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from headwater.rights import spdx
from headwater.rights._json_ld import licence as of_field

MAX_TAG = 4_096
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?""")
_LINKS = ("a", "link", "area")
_METAS = ("license", "licence", "og:license", "article:license", "rights", "copyright", "usage-rights", "usage_rights",
          "og:rights", "content-license", "license-url")  # fmt: skip
_DUBLIN_CORE = re.compile(r"(?:dc|dct|dcterms|dc\.terms)[.:](?:(?:access)?rights|licen[sc]e|rights\.licen[sc]e)")
_TERMS = re.compile(r"https?://|licen|lizenz|permi|rights|reserv|terms")
_RDFA = re.compile(r"(?:cc|dc|dct|dcterms|xhv|schema|sdo|og|xhtml):(?:licen[sc]e|rights)")
_RDFA_URLS = tuple(f"{base}{name}" for name in ("license", "rights") for base in (
    "http://purl.org/dc/terms/", "http://creativecommons.org/ns#", "https://creativecommons.org/ns#",
    "http://purl.org/dc/elements/1.1/", "http://www.w3.org/1999/xhtml/vocab#",
))  # fmt: skip

_IMAGE = re.compile(r"(?<![a-z])(?:caption|(?:photo|image|img|bild|foto|picture|media)[a-z_-]{0,20}|credits?|galler\w*|"
                    r"thumb(?:nail|caption)?|slideshow|lightbox|carousel|bildnachweis)(?![a-z])")  # fmt: skip
_FOOTER = re.compile(r"footer|colophon|copyright|site-?info|impressum|imprint|(?<![a-z])legal|license-area|contentinfo")
_HEADER = re.compile(r"(?<![a-z])(?:site-?header|page-?header|header|masthead|banner)(?![a-z])")
_SIDE = re.compile(r"sidebar|widget|complementary|(?<![a-z])aside")
_COMMENTS = re.compile(r"(?<![a-z])comment(?:s|list|-list|-body|-content|-text|_body|respond)?(?![a-z])")
_WHOLE = ("html", "body", "main", "article", "section", "form")


class Statement(NamedTuple):
    """A licence in a tag's attributes; `said` is empty where the element's text says it."""

    licence: str
    source: str
    said: str


def attributes(tag: str) -> tuple[str, dict[str, str]]:
    """Name of a start tag and its attributes, names in lower case; of an attribute given twice the first counts."""
    found = _ATTRIBUTE.findall(tag[1:MAX_TAG])
    values: dict[str, str] = {}
    for name, double, single, bare in found[1:]:
        values.setdefault(name.lower(), unescape(double or single or bare).strip())
    return (found[0][0].lower() if found else ""), values


@lru_cache(maxsize=8192)
def statements(tag: bytes) -> tuple[Statement, ...]:
    """Licences that a start tag states."""
    name, values = attributes(tag.decode("utf-8", "ignore"))
    if name == "meta":
        return _meta(values)
    address = values.get("href") or values.get("src") or values.get("resource") or values.get("content") or ""
    relations = values.get("rel", "").lower().split()
    source = _machine_readable(relations, values)
    known = spdx.of_url(address) if address else None
    if source is None and name in _LINKS and {"license", "licence"} & set(relations):
        source = "rel_license"
    if source in ("microdata", "rdfa") and not address:
        return (Statement("", source, values.get("content", "")),)
    if source is not None and address:
        feed = "rsl" in values.get("type", "").lower()
        return (Statement(known or ("LicenseRef-RSL" if feed else spdx.UNKNOWN), source, address),)
    if known is not None and name in _LINKS:
        return (Statement(known, "license_url", address),)
    return ()


def _machine_readable(relations: list[str], values: dict[str, str]) -> str | None:
    if {"license", "copyrightnotice"} & set(values.get("itemprop", "").lower().split()):
        return "microdata"
    said = [*relations, *values.get("property", "").lower().split()]
    return "rdfa" if any(_RDFA.fullmatch(word) or word in _RDFA_URLS for word in said) else None


def _meta(values: dict[str, str]) -> tuple[Statement, ...]:
    content = values.get("content", "")
    names = [values.get(key, "").lower() for key in ("name", "property", "itemprop", "http-equiv")]
    if not content:
        return ()
    licence = of_field(content)
    # `rights` and `copyright` mostly name a holder, which says nothing of a licence.
    if licence == spdx.UNKNOWN and not _TERMS.search(content.lower()) and not any("licen" in name for name in names):
        return ()
    if any(_DUBLIN_CORE.fullmatch(name) for name in names):
        return (Statement(licence, "dublin_core", content),)
    if names[2] in ("license", "copyrightnotice"):
        return (Statement(licence, "microdata", content),)
    found = next((name for name in names if name in _METAS), None)
    return (Statement(licence, "meta", content),) if found is not None else ()


@lru_cache(maxsize=8192)
def opens(tag: bytes) -> str | None:
    """The place that a start tag opens: head, header, footer, image, side, comments, code; None for none of them."""
    name, values = attributes(tag.decode("utf-8", "ignore"))
    if name in ("head", "header", "footer"):
        return name
    if name in ("figure", "figcaption", "picture"):
        return "image"
    if name in ("pre", "code"):
        return "code"
    said = " ".join(values.get(key, "") for key in ("class", "id", "role")).lower()
    if "imageobject" in values.get("itemtype", "").lower() or "imageobject" in values.get("typeof", "").lower():
        return "image"
    if re.search(r"\.(?:jpe?g|png|gif|svg|webp)$", values.get("about", "").lower()):
        return "image"
    for place, words in (("footer", _FOOTER), ("side", _SIDE), ("comments", _COMMENTS), ("header", _HEADER)):
        if words.search(said) and name not in _WHOLE:
            return place
    if name == "aside":
        return "side"
    return "image" if name not in _WHOLE and _IMAGE.search(said) else None
