"""One node of a page at a time: what it is, what is kept of it, and the word that is put in its place."""

import re
from typing import Any

from headwater.structure import code as listings
from headwater.structure import formulas, scripts
from headwater.structure import tables as grids
from headwater.structure.dom import Node, ancestors, classes, is_all
from headwater.structure.placeholders import Placeholders

LISTINGS = ("pre", "listing", "xmp")
# Boxes that generators put around one listing or table. Of some the converter thinks that they hold a menu.
BOX = re.compile(
    r"[a-z]+-contents|table-(?:responsive|wrapper|container|wrap|scroll)|wy-table-responsive|notranslate|"
    r"[a-z_-]*highlight[a-z0-9_-]*|[a-z_-]*code[a-z0-9_-]*|literal-block-wrapper|wp-block-[a-z-]+|language-[a-z0-9+#-]+"
)
MAX_BOXES = 4
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")


def take_out(
    tree: Any, node: Node, kept: Placeholders, *, code: bool, tables: bool, asked: dict[Node, bool] | None = None
) -> None:
    """Replace a listing, a table of data, a formula or a script by a word. Other nodes stay as they are.

    A listing and a table keep their element, with its class and style, for these decide whether it is shown. `asked`
    remembers of the tables of one page whether they are listings.
    """
    if node.tag in LISTINGS:
        _listing(tree, node, kept, {} if asked is None else asked)
    elif node.tag == "table":
        _table(tree, node, kept, code, tables)
    elif node.tag in ("sup", "sub"):
        said = scripts.marked(node) if node.closest("pre") is None else None
        if said is not None:
            node.replace_with(tree.create_text_node(said))
    else:
        _formula(tree, node, kept)


def _listing(tree: Any, node: Node, kept: Placeholders, asked: dict[Node, bool]) -> None:
    around = node.parent_element
    if around is not None and around.closest("pre") is not None:
        return
    table = node.closest("table")
    if table is not None:
        if table not in asked:
            asked[table] = listings.is_listing_table(table)
        if asked[table]:
            return
    said = kept.plain(listings.text(node))
    if said.strip():
        _fill(tree, node, kept.put(listings.fenced(node, said), alone=True))


def _table(tree: Any, node: Node, kept: Placeholders, code: bool, tables: bool) -> None:
    if node.query_selector("table") is not None:
        return
    if code and listings.is_listing_table(node):
        said = kept.plain(listings.text(node))
        if said.strip():
            _fill(tree, node, kept.put(listings.fenced(node, said), alone=True))
        return
    found = grids.markdown(node, kept) if tables else None
    if found is not None:
        _fill(tree, node, kept.put(found, alone=True))


def _formula(tree: Any, node: Node, kept: Placeholders) -> None:
    if formulas.is_part_of_another(node):
        return
    said = formulas.latex(node)
    if said is None:
        return
    if node.tag == "script":
        for shown in formulas.previews(node):
            shown.remove()
    alone = formulas.is_display(said)
    put = tree.create_element("p" if alone else "span")
    put.text = kept.put(said, alone=alone)
    node.replace_with(put)


def _fill(tree: Any, node: Node, word: str) -> None:
    paragraph = tree.create_element("p")
    paragraph.text = word
    box = _box(node)
    if box is None:
        node.replace_children(paragraph)
    else:
        box.replace_with(paragraph)
    _unlink(paragraph)


def _unlink(paragraph: Node) -> None:
    """Undo the links that only seem to be around it: XHTML read as HTML leaves `<a id="x"/>` open up to the next one.

    To the converter a block within a link is a menu.
    """
    for around in list(ancestors(paragraph, MAX_BOXES)):
        if around.tag == "a" and not around.hasattr("href"):
            child = around.first_child
            while child is not None:
                around.before(child)
                child = around.first_child
            around.remove()


def _box(node: Node) -> Node | None:
    """The outermost box that holds nothing but this node, where both are shown; None where there is none."""
    found = None
    inner = node
    for around in ancestors(node, MAX_BOXES):
        if not _is_box(around) or not is_all(around, inner):
            break
        found = inner = around
    inside = [] if found is None else [node, *ancestors(node, MAX_BOXES)]
    return None if any(map(_is_hidden, inside)) else found


def _is_box(element: Node) -> bool:
    names = classes(element)
    return element.tag in ("div", "figure") and bool(names) and all(map(BOX.fullmatch, names))


def _is_hidden(element: Node) -> bool:
    return element.hasattr("hidden") or HIDDEN.search(element.getattr("style") or "") is not None
