"""Walking Resiliparse's tree without recursion, for hostile pages nest deeper than Python's stack."""

from collections.abc import Callable, Iterator
from typing import Any

Node = Any
TEXT = "#text"


def events(root: Node, skip: Callable[[Node], bool] = lambda element: False) -> Iterator[tuple[str, Node]]:
    """("open", element), ("text", node) and ("close", element) below a node in order, but for skipped elements."""
    open_elements: list[Node] = []
    node = root.first_child
    while True:
        while node is None:
            if not open_elements:
                return
            element = open_elements.pop()
            yield "close", element
            node = element.next_sibling
        tag = node.tag
        if tag == TEXT:
            yield "text", node
        elif not tag.startswith("#") and not skip(node):
            yield "open", node
            open_elements.append(node)
            node = node.first_child
            continue
        node = node.next_sibling


def elements(node: Node) -> Iterator[Node]:
    """The child elements. Going over `children` asks for all of them again at each."""
    child = node.first_element_child
    while child is not None:
        yield child
        child = child.next_element_sibling


def found(root: Node, selector: str) -> tuple[Node, ...]:
    """The elements below a node that match a CSS selector. A slice, for going over the list asks for all at each."""
    matching: tuple[Node, ...] = root.query_selector_all(selector)[:]
    return matching


def classes(element: Node) -> list[str]:
    """The words of an element's class, in lower case."""
    return (element.class_name or "").lower().split()


def ancestors(element: Node, most: int) -> Iterator[Node]:
    """The elements around one, the nearest first, at most so many."""
    around = element.parent_element
    while around is not None and most > 0:
        yield around
        around, most = around.parent_element, most - 1


def number(element: Node, attribute: str, most: int) -> int:
    """An attribute's whole number from 1 to `most`; 1 where it says none."""
    said = (element.getattr(attribute) or "").strip()
    return min(max(int(said), 1), most) if said.isascii() and said.isdecimal() and len(said) < 7 else 1
