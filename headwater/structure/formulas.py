"""Formulas of a page as LaTeX: MathML, MathJax 2 and 3, KaTeX, Wikipedia's, and images with their LaTeX as alt text.

What the author wrote comes first (an annotation, a script, an alt text); MathML is converted where nothing else is
there. ASCIIMath and LaTeX that stands in the text are left as they are.
"""

import re
from urllib.parse import unquote, urlsplit

from headwater.structure import mathml
from headwater.structure.dom import Node, Work, ancestors, classes, found, size

SELECTOR = (
    "math, .katex, mjx-container, .mwe-math-element, script[type^='math/tex'], script[type^='math/mml'], "
    "img.latex, img.tex, img.math, img.mwe-math-fallback-image-inline, img.mwe-math-fallback-image-display, "
    "img[src*='codecogs.com'], img[src*='latex.php'], img[src*='tex.cgi'], img[src*='chart?cht=tx']"
)
# A formula is part of the nearest of these.
AROUND = ".katex, mjx-container, .mwe-math-element, .MathJax, .MathJax_Display, .MathJax_SVG, .MathJax_Preview"
# What MathJax 2 shows of a script, before it.
SHOWN = re.compile(r"mathjax(?:_preview|_display|_svg|_svg_display|_chtml|_mathml|_error)?|mjxc-display|mjx-chtml")
TEX = ("application/x-tex", "application/x-latex", "tex", "latex")
MAX_CHARS = 20_000
STEPS_A_PARSING = 20
DELIMITERS = (("\\[", "\\]"), ("\\(", "\\)"), ("$$", "$$"), ("$", "$"))
DISPLAYSTYLE = re.compile(r"^\{\\(?:displaystyle|textstyle)\s?(.*)\}$", re.DOTALL)
BLANK_LINES = re.compile(r"\n\s*\n")
MARKS = ("\\", "^", "_", "{", "=", "+", "<", ">")


def latex(node: Node, work: Work) -> str | None:
    """LaTeX of a formula with its delimiters; None where a node holds none that can be read."""
    source = _source(node, work)
    tidy = _tidied(source) if source is not None and len(source) <= 2 * MAX_CHARS else ""
    if not tidy or len(tidy) > MAX_CHARS:
        return None
    return f"\\[{tidy}\\]" if _is_display(node, work) else f"\\({tidy}\\)"


def is_display(said: str) -> bool:
    """Whether a formula as given by `latex` stands on a line of its own."""
    return said.startswith("\\[")


def is_part_of_another(node: Node) -> bool:
    """Whether the formula around a node says what it says."""
    around = node.parent_element
    return around is not None and around.closest(AROUND) is not None


def previews(script: Node, work: Work) -> list[Node]:
    """What MathJax 2 has put before a script to show it."""
    shown: list[Node] = []
    before = script.previous_element_sibling
    while before is not None and len(shown) < 3 and any(map(SHOWN.fullmatch, classes(before, work))):
        shown.append(before)
        before = before.previous_element_sibling
    return shown


def _source(node: Node, work: Work) -> str | None:
    if node.tag == "script":
        return _of_script(node, work)
    if node.tag == "img":
        return _of_image(node)
    math = node if node.tag == "math" else node.query_selector("math")
    if math is None:
        image = node.query_selector("img")
        return _of_image(image) if image is not None else None
    return _of_math(math, work)


def _of_math(math: Node, work: Work) -> str | None:
    # Formulas within one another are each gone through.
    work.spend(size(math))
    for annotation in found(math, "annotation", work):
        if (annotation.getattr("encoding") or "").lower() in (
            "application/x-tex",
            "tex",
            "latex",
            "application/x-latex",
        ):
            return str(annotation.text_content or "")
    # LaTeXML writes the source of a formula as its alternative text, MathJax 4 as data.
    for attribute in ("data-latex", "alttext"):
        said = math.getattr(attribute)
        if said and (len(said.strip()) == 1 or any(mark in said for mark in MARKS)):
            return str(said)
    return mathml.latex(math, work)


def _of_script(script: Node, work: Work) -> str | None:
    said = script.text_content or ""
    if not (script.getattr("type") or "").lower().startswith("math/mml"):
        return said
    if len(said) > MAX_CHARS:
        return None
    from resiliparse.parse.html import HTMLTree

    work.spend(STEPS_A_PARSING)
    body = HTMLTree.parse(f"<body>{said}</body>").body
    math = body.query_selector("math") if body is not None else None
    return _of_math(math, work) if math is not None else None


def _of_image(image: Node) -> str | None:
    said = image.getattr("alt") or ""
    if said.strip():
        return str(said)
    source = image.getattr("src") or ""
    try:
        query = unquote(urlsplit(source).query)
    except ValueError:
        return None
    # latex.codecogs.com/gif.latex?x^2, …/latex.php?latex=x%5E2&bg=fff, chart?cht=tx&chl=x^2
    for name in ("latex=", "chl=", "tex="):
        if name in query:
            return query.split(name, 1)[1].split("&", 1)[0]
    return query or None


def _is_display(node: Node, work: Work) -> bool:
    said = node.getattr("type" if node.tag == "script" else "display") or ""
    if "mode=display" in said.replace(" ", "").lower() or said.lower() in ("block", "true"):
        return True
    if node.tag == "img":
        return not {"displaymath", "mwe-math-fallback-image-display"}.isdisjoint(classes(node, work))
    names = {name for around in (node, *ancestors(node, 2)) for name in classes(around, work)}
    if not names.isdisjoint(("katex-display", "mwe-math-element-block", "ltx_equation")):
        return True
    math = node.query_selector("math") if node.tag != "math" else None
    return math is not None and (math.getattr("display") or "").lower() == "block"


def _tidied(source: str) -> str:
    """LaTeX without delimiters, comments of CDATA, and blank lines, which end a formula."""
    said = source.replace("% <![CDATA[", "").replace("%]]>", "").replace("\xa0", " ").strip()
    for opening, closing in DELIMITERS:
        if len(said) > len(opening + closing) and said.startswith(opening) and said.endswith(closing):
            said = said[len(opening) : -len(closing)].strip()
    styled = DISPLAYSTYLE.match(said)
    if styled is not None and _balanced(styled[1]):
        said = styled[1].strip()
    return BLANK_LINES.sub("\n", said)


def _balanced(text: str) -> bool:
    """Whether no brace is closed that was not opened."""
    depth = 0
    for k, sign in enumerate(text):
        if sign in "{}" and (k == 0 or text[k - 1] != "\\"):
            depth += 1 if sign == "{" else -1
            if depth < 0:
                return False
    return depth == 0
