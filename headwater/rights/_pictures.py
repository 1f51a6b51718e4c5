"""Whether a picture stands ahead of a statement in its block of markup: then the statement is taken as the picture's.

Licence buttons, tracking pixels and what a page marks as decoration are no pictures.
"""

import re

from headwater.rights import _tags

# A `srcset` or an inline drawing is long; a credit is near its picture.
FAR, NEAR_TEXT = 4_096, 400
_PICTURE = re.compile(rb"<(?:img|picture|svg|video|object|canvas)(?=[\s/>])", re.IGNORECASE)
_BUTTON = re.compile(
    rb"creativecommons\.org|licensebuttons\.net|88x31|80x15|somerights|i\.creativecommons|"
    rb"[/=\"'](?:cc|by|gfdl|gpl|agpl|lgpl)[-_.a-z0-9]{0,40}\.(?:png|svg|gif)|"
    rb"\balt\s*=\s*(?:\"[^\"]{0,20}creative commons[^\"]{0,30}\"|'[^']{0,20}creative commons[^']{0,30}')|"
    rb"\bwidth\s*=\s*[\"']?(?:88|80)\b",
    re.IGNORECASE,
)
_DECORATION = re.compile(
    rb"\baria-hidden\s*=\s*[\"']?true|\brole\s*=\s*[\"']?(?:presentation|none)\b|\b(?:width|height)\s*=\s*[\"']?[01]\b|"
    rb"\bclass\s*=\s*[\"'][^\"']{0,80}\b(?:emoji|icon|wp-smiley)\b",
    re.IGNORECASE,
)
_LINK = re.compile(rb"<a\s[^>]{1,1000}>\s{0,9}$", re.IGNORECASE)
_MARKUP = re.compile(rb"<[^>]*>|\s+")


def first(markup: bytes) -> int | None:
    """Where the first picture of a piece of markup starts."""
    return next((at.start() for at in _PICTURE.finditer(markup) if not _ignored(markup, at.start())), None)


def near_its_end(block: bytes, *, worded: bool = False) -> bool:
    """Whether a block's last picture has no more than `NEAR_TEXT` bytes of text behind it; where `worded`, and some."""
    found = [at.start() for at in _PICTURE.finditer(block) if not _ignored(block, at.start())]
    text = _MARKUP.sub(b" ", block[found[-1] :]).strip() if found else b""
    return bool(found) and len(text) <= NEAR_TEXT and (not worded or bool(text))


def _ignored(markup: bytes, start: int) -> bool:
    end = markup.find(b">", start)
    tag = markup[start : end + 1 if end >= 0 else len(markup)]
    if _BUTTON.search(tag) is not None or _DECORATION.search(tag) is not None:
        return True
    link = _LINK.search(markup[max(0, start - 1_100) : start])
    return link is not None and bool(_tags.statements(link[0].strip()))
