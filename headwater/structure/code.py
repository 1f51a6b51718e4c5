"""Listings as fenced blocks with their line breaks, their language from the class, and without line numbers.

What is met: Pygments, Sphinx, Rouge, Chroma, highlight.js, Prism, Shiki, SyntaxHighlighter, pandoc, rustdoc.
Fences are CommonMark's (spec.commonmark.org, 4.5).
"""

import re
from collections.abc import Iterator

from headwater.structure import words
from headwater.structure.dom import MAX_CLASS_CHARS, Node, Work, ancestors, attribute, classes, events, size

GUTTER = frozenset(words.GUTTER.split())
CODE_TABLES = frozenset(words.CODE_TABLES.split())
LINES = frozenset(words.LINES.split())
KNOWN = frozenset(words.LANGUAGES.split())
NO_LANGUAGE = frozenset(words.NO_LANGUAGE.split())
BLOCKS = frozenset(("div", "p", "li", "tr", "ol", "ul", "table", "section"))
UNSEEN = frozenset(("button", "script", "style", "template"))
PREFIXED = re.compile(r"^(?:language|lang|highlight-source|highlight|brush)[-:_]([a-z0-9+#][a-z0-9+#._-]{0,29})$")
BRUSH = re.compile(r"\bbrush:\s*([a-z0-9+#][a-z0-9+#._-]{0,29})")
# Elements that Resiliparse looks at by itself in the time of a step.
ELEMENTS_A_STEP = 8
FENCE = re.compile(r"`{3,}")


def is_listing_table(table: Node, work: Work) -> bool:
    """Whether a table is only how a highlighter puts line numbers beside code."""
    work.spend(size(table) // ELEMENTS_A_STEP)
    if CODE_TABLES & set(classes(table, work)):
        return table.query_selector("pre, code, td.code, td.hljs-ln-code") is not None
    return table.query_selector("td.gutter, td.blob-num, td.lineno, td.linenos, td.linenumber") is not None


def text(listing: Node, work: Work) -> str:
    """The text of a listing, line by line, without line numbers and buttons."""
    said = _joined(listing, work)
    if "\n" not in said.strip("\n"):
        said = _by_line_elements(listing, work) or said
    return "\n".join(line.rstrip() for line in said.replace("\xa0", " ").split("\n")).strip("\n")


def fenced(listing: Node, code: str, work: Work) -> str:
    """Markdown of a listing: a fence longer than any in it."""
    longest = max((len(run) for run in FENCE.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language(listing, work)}\n{code}\n{fence}"


def language(listing: Node, work: Work) -> str:
    """What the listing's class, its code element's or one around it says; "" where they say nothing."""
    inner = listing.query_selector("code")
    own = [element for element in (inner, listing) if element is not None]
    for element in own:
        said = _said(element, work, any_name=True)
        if said is not None:
            return said
    for element in ancestors(listing, 3):
        said = _said(element, work, any_name=False)
        if said is not None:
            return said
    return ""


def _said(element: Node, work: Work, any_name: bool) -> str | None:
    for name in _names(element, work, any_name):
        if name in NO_LANGUAGE:
            return ""
        if name in KNOWN or any_name:
            return name
    return None


def _names(element: Node, work: Work, own: bool) -> Iterator[str]:
    said = attribute(element, "class", work)[:MAX_CLASS_CHARS].lower()
    brush = BRUSH.search(said)
    if brush is not None:
        yield brush[1]
    own_words = said.split()
    for word in own_words:
        prefixed = PREFIXED.match(word)
        # "highlight-wrapper" is no language; "language-wolfram" is one that is not listed here.
        if prefixed is not None and (prefixed[1] in KNOWN | NO_LANGUAGE or word.startswith(("language-", "lang-"))):
            yield prefixed[1]
    for name in ("data-lang", "data-language", "lang", "data-code-language"):
        value = attribute(element, name, work).strip().lower()
        if value in KNOWN and (own or name != "lang"):
            yield value
    if own:
        yield from (word for word in own_words if word in KNOWN)


def _joined(listing: Node, work: Work) -> str:
    def is_hidden(element: Node) -> bool:
        return element.tag in UNSEEN or not GUTTER.isdisjoint(classes(element, work))

    parts: list[str] = []
    for kind, node in events(listing, work, is_hidden):
        if kind == "text":
            parts.append(node.value or "")
        elif (node.tag == "br" and kind == "open") or (node.tag in BLOCKS and parts and not parts[-1].endswith("\n")):
            parts.append("\n")
    return "".join(parts)


def _by_line_elements(listing: Node, work: Work) -> str | None:
    """Lines that only a style sheet breaks: elements of one line each that make up the whole of it."""
    lines: list[Node] = []

    def is_line(element: Node) -> bool:
        if element.tag not in ("span", "code"):
            return False
        if LINES.isdisjoint(classes(element, work)) and not (
            element.tag == "code" and element.parent_element == listing
        ):
            return False
        lines.append(element)
        return True

    # A line is not looked into: lines in lines without end would be read again and again.
    for _ in events(listing, work, is_line):
        pass
    texts = [_joined(line, work) for line in lines]
    whole = "".join("".join(texts).split()) == "".join(_joined(listing, work).split())
    return "\n".join(texts) if len(texts) > 1 and whole else None
