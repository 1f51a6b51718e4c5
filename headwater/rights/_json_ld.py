"""Licences in JSON-LD (schema.org/license, schema.org/copyrightNotice), each with what it is the licence of."""

import json
from typing import Any, NamedTuple

from headwater.rights import phrases
from headwater.rights.spdx import RESERVED, UNKNOWN, of_id, of_url

MAX_CHARS, MAX_NODES, MAX_DEPTH = 262_144, 4_000, 64
_TYPES = {
    "imageobject": "image", "photograph": "image", "imagegallery": "image", "visualartwork": "image",
    "videoobject": "part", "audioobject": "part", "mediaobject": "part", "musicrecording": "part", "comment": "part",
    "softwaresourcecode": "part", "softwareapplication": "part", "datadownload": "part", "person": "part",
    "website": "site", "organization": "site", "newsmediaorganization": "site",
}  # fmt: skip
_KEYS = {
    "image": "image", "logo": "image", "photo": "image", "thumbnail": "image", "primaryimageofpage": "image",
    "haspart": "part", "comment": "part", "citation": "part", "isbasedon": "part", "mentions": "part", "about": "part",
    "associatedmedia": "part", "encoding": "part", "video": "part", "audio": "part", "distribution": "part",
    "ispartof": "site", "publisher": "site",
}  # fmt: skip


class Stated(NamedTuple):
    """One licence of one node."""

    licence: str
    scope: str
    said: str
    author: str | None


def read(text: str) -> list[Stated]:
    """Licences in a JSON-LD text, in its order. What is no JSON, or too long or too deep, states nothing."""
    if len(text) > MAX_CHARS:
        return []
    try:
        root = json.loads(text.strip().removeprefix("//<![CDATA[").removesuffix("//]]>"), strict=False)
    except (ValueError, RecursionError):
        return []
    found: list[Stated] = []
    waiting: list[tuple[Any, str | None, int]] = [(root, None, 0)]
    for _ in range(MAX_NODES):
        if not waiting:
            break
        node, within, depth = waiting.pop()
        inner: list[tuple[Any, str | None, int]] = []
        if isinstance(node, list):
            inner = [(item, within, depth + 1) for item in node[:MAX_NODES]]
        elif isinstance(node, dict):
            scope = _scope(node, within)
            found += _stated(node, scope or "page")
            inner = [(value, _KEYS.get(str(key).lower(), scope), depth + 1) for key, value in node.items()
                     if _bare(key) not in ("license", "author", "creator")]  # fmt: skip
        if depth < MAX_DEPTH:
            waiting += [item for item in reversed(inner) if isinstance(item[0], (dict, list))]
    return found


def _bare(key: object) -> str:
    return str(key).lower().rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _scope(node: dict[Any, Any], within: str | None) -> str | None:
    """What a node's licence covers: an image stays an image whatever is inside it; None: the page, or nothing said."""
    if within in ("image", "part"):
        return within
    types = node.get("@type", node.get("type"))
    names = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    return next((_TYPES[_bare(name)] for name in names if _bare(name) in _TYPES), within if not names else None)


def _stated(node: dict[Any, Any], scope: str) -> list[Stated]:
    author = _name(next((value for key, value in node.items() if _bare(key) in ("author", "creator")), None))
    found = []
    for key, value in node.items():
        if _bare(key) == "license":
            items = value[:8] if isinstance(value, list) else [value]
            texts = [text for text in map(_address, items) if text]
            found += [Stated(licence(text), scope, text, author) for text in texts]
        elif _bare(key) == "copyrightnotice" and isinstance(value, str) and phrases.reserved(value[:400].casefold()):
            found.append(Stated(RESERVED, scope, value, author))
    return found


def licence(text: str) -> str:
    """SPDX id of what a licence field says: a URL, an id, or a name."""
    named = phrases.names(text[:400].casefold())
    known = of_url(text) or of_id(text) or (named[0].licence if named else None)
    if known is None and phrases.reserved(text[:400].casefold()) is not None:
        known = RESERVED
    return known or UNKNOWN


def _address(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next((value[k] for k in ("@id", "url", "name", "@value") if isinstance(value.get(k), str)), None)
    return value.strip() or None if isinstance(value, str) else None


def _name(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return value.strip() or None if isinstance(value, str) else None
