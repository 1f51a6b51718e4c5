"""Presentation MathML to LaTeX (w3.org/TR/mathml-core; w3.org/TR/MathML3, 3).

What a page's formula says in signs, not how it is laid out: spaces, sizes and colours are left out. A formula with
elements that are not known, or nested or large beyond measure, is not converted.
"""

from collections.abc import Callable
from typing import Any

from headwater.structure.dom import Node, Work, elements
from headwater.structure.symbols import (
    ACCENTS,
    ESCAPED,
    FUNCTIONS,
    INVISIBLE,
    LARGE,
    OPERATORS,
    RELATIONS,
    SYMBOLS,
)

MAX_DEPTH, MAX_NODES, MAX_CHARS = 60, 4_000, 100_000
# No command that is written here is as long.
MAX_COMMAND = 32
VARIANTS = {
    "normal": "mathrm", "bold": "mathbf", "italic": "mathit", "bold-italic": "boldsymbol", "double-struck": "mathbb",
    "script": "mathcal", "bold-script": "mathcal", "fraktur": "mathfrak", "bold-fraktur": "mathfrak",
    "sans-serif": "mathsf", "monospace": "mathtt",
}  # fmt: skip
GROUPS = ("math", "mrow", "mstyle", "mpadded", "merror", "mtd", "mphantom", "mi-group")
SILENT = ("mspace", "maligngroup", "malignmark", "annotation", "annotation-xml", "mprescripts", "none", "mlabel")
INFIX = frozenset("=<>+-/") | RELATIONS.keys() | OPERATORS.keys()
FENCES = {("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("{", "}"): "Bmatrix", ("|", "|"): "vmatrix"}
UNDERLINES = ("_", "\u0332", "\u23df", "\u00af", "\u203e", "\u2015")
ENCLOSED = {"box": "boxed", "roundedbox": "boxed", "top": "overline", "bottom": "underline", "radical": "sqrt"}


class NotConverted(Exception):
    """A formula that is left as the page has it."""


class _Budget:
    def __init__(self, work: Work) -> None:
        self.nodes = MAX_NODES
        self.work = work

    def spend(self, depth: int) -> None:
        self.work.spend(2)
        self.nodes -= 1
        if self.nodes < 0 or depth > MAX_DEPTH:
            raise NotConverted


def latex(math: Node, work: Work) -> str | None:
    """LaTeX of a math element without delimiters; None where it is not converted, or empty."""
    chars = len(math.text_content or "")
    if chars > MAX_CHARS:
        return None
    # The base of a base is read at each.
    work.spend(chars)
    try:
        return _latex(math, 0, _Budget(work)) or None
    except NotConverted:
        return None


def _latex(node: Node, depth: int, budget: _Budget) -> str:
    budget.spend(depth)
    tag = node.tag.rpartition(":")[2]
    if tag in SILENT:
        return ""
    if tag in TOKENS:
        return TOKENS[tag](node)
    if tag == "semantics" or tag == "maction":
        return _latex(_children(node, 1)[0], depth + 1, budget)
    if tag in GROUPS:
        return _row(list(elements(node)), depth, budget)
    if tag == "mtable":
        return _table(node, depth, budget, "matrix")
    if tag not in SCHEMATA:
        raise NotConverted
    return SCHEMATA[tag](node, lambda child: _latex(child, depth + 1, budget))


def _children(node: Node, least: int) -> list[Node]:
    found = list(elements(node))
    if len(found) < least:
        raise NotConverted
    return found


def _row(children: list[Node], depth: int, budget: _Budget) -> str:
    """Children one after the other; a table between fences is a matrix of its kind."""
    parts: list[str] = []
    at = 0
    while at < len(children):
        fence = _matrix(children[at : at + 3]) if at + 1 < len(children) else None
        if fence is not None:
            environment, width = fence
            parts.append(_table(_only(children[at + 1]), depth + 1, budget, environment))
            at += width
            continue
        said = _latex(children[at], depth + 1, budget)
        parts.append(f" {said} " if at > 0 and _is_infix(children[at]) else said)
        at += 1
    return joined(parts)


def _matrix(nodes: list[Node]) -> tuple[str, int] | None:
    """The environment of a table between fences, and how many of the nodes it is."""
    if nodes[0].tag != "mo":
        return None
    opening, table = _said(nodes[0]), _only(nodes[1])
    if table.tag != "mtable":
        return None
    closing = _said(nodes[2]) if len(nodes) > 2 and nodes[2].tag == "mo" else None
    if (opening, closing) in FENCES:
        return FENCES[opening, closing or ""], 3
    # MathJax and LaTeXML close it with an empty fence.
    return ("cases", 3 if closing == "" else 2) if opening == "{" and closing in (None, "") else None


def _only(node: Node) -> Node:
    """What a row of one holds."""
    for _ in range(3):
        inner = list(elements(node))
        if node.tag not in ("mrow", "mstyle") or len(inner) != 1:
            break
        node = inner[0]
    return node


def joined(parts: list[str]) -> str:
    """LaTeX of parts in a row: a space only where a command would swallow the letter after it, or spaces were put."""
    out = ""
    for part in parts:
        if out and part and part[0].isalpha() and _ends_in_command(out):
            out += " "
        out += part
    return " ".join(out.split())


def _ends_in_command(text: str) -> bool:
    if not text[-1].isascii() or not text[-1].isalpha():
        return False
    stem = text[-MAX_COMMAND:].rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return stem.endswith("\\")


def _said(node: Node) -> str:
    text = "".join(c for c in (node.text_content or "") if c not in INVISIBLE)
    return " ".join(text.split())


def _signs(text: str) -> str:
    return joined([ESCAPED.get(c) or SYMBOLS.get(c) or c for c in text])


def _is_infix(node: Node) -> bool:
    return node.tag == "mo" and _said(node) in INFIX and (node.getattr("form") or "infix") == "infix"


def _identifier(node: Node) -> str:
    said = _said(node)
    variant = VARIANTS.get((node.getattr("mathvariant") or "").lower())
    if said in FUNCTIONS:
        return f"\\{said}"
    if not said or (len(said) == 1 and variant in (None, "mathit")) or said in SYMBOLS:
        letter = _signs(said)
        return f"\\boldsymbol{{{letter}}}" if said and variant in ("mathbf", "boldsymbol") else letter
    return f"\\{variant or 'mathrm'}{{{_signs(said)}}}"


def _number(node: Node) -> str:
    said = _signs(_said(node))
    variant = VARIANTS.get((node.getattr("mathvariant") or "").lower())
    return f"\\{variant}{{{said}}}" if said and variant not in (None, "mathrm") else said


def _operator(node: Node) -> str:
    said = _said(node)
    if said in FUNCTIONS:
        return f"\\{said}"
    if len(said) > 1 and said.isalpha():
        return f"\\operatorname{{{said}}}"
    return _signs(said)


def _text(node: Node) -> str:
    raw = "".join(c for c in (node.text_content or "") if c not in INVISIBLE)
    said = "".join({**ESCAPED, "~": "\\~{}", "\\": "\\textbackslash{}", "^": "\\^{}"}.get(c, c) for c in raw)
    said = said.replace("\xa0", " ")
    return f"\\text{{{' '.join(said.split()) if said.strip() == said else said}}}" if said.strip() else " "


TOKENS: dict[str, Callable[[Node], str]] = {
    "mi": _identifier, "mn": _number, "mo": _operator, "mtext": _text, "ms": _text,
}  # fmt: skip
Convert = Callable[[Node], str]


def _braced(text: str) -> str:
    return f"{{{text}}}"


def _fraction(node: Node, convert: Convert) -> str:
    above, below = map(convert, _children(node, 2)[:2])
    thickness = (node.getattr("linethickness") or "").strip()
    if thickness[:1] == "0":
        return f"{{{above} \\atop {below}}}"
    return f"\\frac{{{above}}}{{{below}}}"


def _root(node: Node, convert: Convert) -> str:
    base, index = map(convert, _children(node, 2)[:2])
    return f"\\sqrt[{index}]{{{base}}}"


def _square_root(node: Node, convert: Convert) -> str:
    return f"\\sqrt{{{joined([convert(child) for child in elements(node)])}}}"


def _base(node: Node, said: str) -> str:
    """A base on which scripts can be set: one sign or command as it is, the rest in braces."""
    single = len(said) == 1 or (said[:1] == "\\" and said[1:].isalpha()) or node.tag in ("mi", "mn", "mo", "mtext")
    return said if single else _braced(said)


def _superscript(node: Node, convert: Convert) -> str:
    base, above = _children(node, 2)[:2]
    on, said = _base(base, convert(base)), convert(above)
    primes = bool(said) and not said.strip("'")
    return on + (said if primes else f"^{_braced(said)}")


def _subscript(node: Node, convert: Convert) -> str:
    base, below = _children(node, 2)[:2]
    return f"{_base(base, convert(base))}_{_braced(convert(below))}"


def _both(node: Node, convert: Convert) -> str:
    base, below, above = _children(node, 3)[:3]
    return f"{_base(base, convert(base))}_{_braced(convert(below))}^{_braced(convert(above))}"


def _takes_limits(node: Node) -> bool:
    said = _said(_only(node))
    return said in LARGE or said in FUNCTIONS or (node.tag == "mo" and node.getattr("movablelimits") == "true")


def _over(node: Node, convert: Convert) -> str:
    base, above = _children(node, 2)[:2]
    said, mark = convert(base), _said(_only(above))
    if _only(above).tag == "mo" and mark in ACCENTS:
        return f"{ACCENTS[mark]}{_braced(said)}"
    if _takes_limits(base) or said.startswith("\\overbrace"):
        return f"{_base(base, said)}^{_braced(convert(above))}"
    return f"\\overset{_braced(convert(above))}{_braced(said)}"


def _under(node: Node, convert: Convert) -> str:
    base, below = _children(node, 2)[:2]
    said, mark = convert(base), _said(_only(below))
    if _only(below).tag == "mo" and mark in UNDERLINES:
        return f"\\{'underbrace' if mark == '⏟' else 'underline'}{_braced(said)}"
    if _takes_limits(base) or said.startswith("\\underbrace"):
        return f"{_base(base, said)}_{_braced(convert(below))}"
    return f"\\underset{_braced(convert(below))}{_braced(said)}"


def _under_and_over(node: Node, convert: Convert) -> str:
    base, below, above = _children(node, 3)[:3]
    if _takes_limits(base):
        return _both(node, convert)
    inner = f"\\overset{_braced(convert(above))}{_braced(convert(base))}"
    return f"\\underset{_braced(convert(below))}{_braced(inner)}"


def _scripts(node: Node, convert: Convert) -> str:
    """Scripts on both sides, in pairs of one below and one above; `none` is an empty one."""
    base, *rest = _children(node, 1)
    cut = next((k for k, child in enumerate(rest) if child.tag == "mprescripts"), len(rest))

    def pairs(nodes: list[Node]) -> str:
        said = [convert(child) for child in nodes]
        marks = [("_" if k % 2 == 0 else "^", text) for k, text in enumerate(said)]
        return "".join(f"{mark}{_braced(text)}" for mark, text in marks if text)

    before, after = pairs(rest[cut + 1 :]), pairs(rest[:cut])
    return f"{'{}' + before if before else ''}{_base(base, convert(base))}{after}"


def _fenced(node: Node, convert: Convert) -> str:
    opening, closing = (_fence(node, name, default) for name, default in (("open", "("), ("close", ")")))
    separators = _fence(node, "separators", ",").replace(" ", "")
    parts: list[str] = []
    for k, child in enumerate(elements(node)):
        if k and separators:
            parts.append(_signs(separators[min(k - 1, len(separators) - 1)]))
        parts.append(convert(child))
    inner = joined(parts)
    return f"\\left{_signs(opening) or '.'} {inner} \\right{_signs(closing) or '.'}"


def _fence(node: Node, attribute: str, default: str) -> str:
    said: str | None = node.getattr(attribute)
    return default if said is None else said.strip()


def _enclosed(node: Node, convert: Convert) -> str:
    inner = joined([convert(child) for child in elements(node)])
    notation = (node.getattr("notation") or "longdiv").split()
    if any(mark.endswith("strike") for mark in notation):
        return f"\\cancel{{{inner}}}"
    command = next((ENCLOSED[mark] for mark in notation if mark in ENCLOSED), None)
    return f"\\{command}{{{inner}}}" if command else inner


def _table(table: Node, depth: int, budget: _Budget, environment: str) -> str:
    """Rows and columns; equations one below the other where the columns are set right and left."""
    sides = (table.getattr("columnalign") or "").split()
    if environment == "matrix" and sides[:2] == ["right", "left"]:
        environment = "aligned"
    lines = []
    for row in elements(table):
        budget.spend(depth)
        cells = [cell for cell in elements(row) if cell.tag == "mtd"]
        lines.append(" & ".join(_latex(cell, depth + 2, budget) for cell in cells))
    rows = " \\\\ ".join(lines)
    return f"\\begin{{{environment}}} {rows} \\end{{{environment}}}"


SCHEMATA: dict[str, Callable[[Any, Convert], str]] = {
    "mfrac": _fraction, "msqrt": _square_root, "mroot": _root, "msup": _superscript, "msub": _subscript,
    "msubsup": _both, "mover": _over, "munder": _under, "munderover": _under_and_over, "mmultiscripts": _scripts,
    "mfenced": _fenced, "menclose": _enclosed,
}  # fmt: skip
