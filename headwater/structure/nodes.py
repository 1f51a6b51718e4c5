"""One node of a page at a time: what it is, what is kept of it, and the word that is put in its place."""

import re
from typing import Any

from headwater.structure import code as listings
from headwater.structure import formulas, scripts
from headwater.structure import tables as grids
from headwater.structure.dom import Node, Work, ancestors, attribute, classes, is_all
from headwater.structure.placeholders import Placeholders

LISTINGS = ("pre", "listing", "xmp")
# Boxes that generators put around one listing or table. Of some the converter thinks that they hold a menu.
BOX = re.compile(
    r"[a-z]+-contents|table-(?:responsive|wrapper|container|wrap|scroll)|wy-table-responsive|notranslate|"
    r"[a-z_-]*highlight[a-z0-9_-]*|[a-z_-]*code[a-z0-9_-]*|literal-block-wrapper|wp-block-[a-z-]+|language-[a-z0-9+#-]+"
)
MAX_BOXES = 4
# The pattern looks again from each "code" of a name.
MAX_NAME = 64
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")


def take_out(
    tree: Any, node: Node, kept: Placeholders, work: Work, *, code: bool, tables: bool, asked: dict[Node, bool]
) -> None:
    """Replace a listing, a table of data, a formula or a script by a word. Other nodes stay as they are.

    A listing and a table keep their element, with its class and style, for these decide whether it is shown. `asked`
    remembers of the tables of one page whether they are listings. Spent where the page has no `work` left.
    """
    if node.tag in LISTINGS:
        _listing(tree, node, kept, work, asked)
    elif node.tag == "table":
        _table(tree, node, kept, work, code, tables)
    elif node.tag in ("sup", "sub"):
        said = scripts.marked(node, work) if node.closest("pre") is None else None
        if said is not None:
            node.replace_with(tree.create_text_node(said))
    else:
        _formula(tree, node, kept, work)


def _listing(tree: Any, node: Node, kept: Placeholders, work: Work, asked: dict[Node, bool]) -> None:
    around = node.parent_element
    if around is not None and around.closest("pre") is not None:
        return
    table = node.closest("table")
    if table is not None:
        if table not in asked:
            asked[table] = listings.is_listing_table(table, work)
        if asked[table]:
            return
    said = kept.plain(listings.text(node, work))
    if said.strip():
        _fill(tree, node, kept.put(listings.fenced(node, said, work), alone=True), work)


def _table(tree: Any, node: Node, kept: Placeholders, work: Work, code: bool, tables: bool) -> None:
    if node.query_selector("table") is not None:
        return
    if code and listings.is_listing_table(node, work):
        said = kept.plain(listings.text(node, work))
        if said.strip():
            _fill(tree, node, kept.put(listings.fenced(node, said, work), alone=True), work)
        return
    found = grids.markdown(node, kept, work) if tables else None
    if found is not None:
        _fill(tree, node, kept.put(found, alone=True), work)


def _formula(tree: Any, node: Node, kept: Placeholders, work: Work) -> None:
    if formulas.is_part_of_another(node):
        return
    said = formulas.latex(node, work)
    if said is None:
        return
    if node.tag == "script":
        for shown in formulas.previews(node, work):
            shown.remove()
    alone = formulas.is_display(said)
    put = tree.create_element("p" if alone else "span")
    put.text = kept.put(said, alone=alone)
    node.replace_with(put)


def _fill(tree: Any, node: Node, word: str, work: Work) -> None:
    paragraph = tree.create_element("p")
    paragraph.text = word
    box = _box(node, work)
    if box is None:
        node.replace_children(paragraph)
    else:
        box.replace_with(paragraph)
    _unlink(paragraph, work)


def _unlink(paragraph: Node, work: Work) -> None:
    """Undo the links that only seem to be around it: XHTML read as HTML leaves `<a id="x"/>` open up to the next one.

    To the converter a block within a link is a menu.
    """
    for around in list(ancestors(paragraph, MAX_BOXES)):
        if around.tag == "a" and not around.hasattr("href"):
            child = around.first_child
            while child is not None:
                work.spend()
                around.before(child)
                child = around.first_child
            around.remove()


def _box(node: Node, work: Work) -> Node | None:
    """The outermost box that holds nothing but this node, where both are shown; None where there is none."""
    found = None
    inner = node
    for around in ancestors(node, MAX_BOXES):
        if not _is_box(around, work) or not is_all(around, inner, work):
            break
        found = inner = around
    inside = [] if found is None else [node, *ancestors(node, MAX_BOXES)]
    return None if any(_is_hidden(around, work) for around in inside) else found


def _is_box(element: Node, work: Work) -> bool:
    names = classes(element, work)
    return (
        element.tag in ("div", "figure")
        and bool(names)
        and all(len(name) <= MAX_NAME and BOX.fullmatch(name) for name in names)
    )


def _is_hidden(element: Node, work: Work) -> bool:
    return element.hasattr("hidden") or HIDDEN.search(attribute(element, "style", work)) is not None
