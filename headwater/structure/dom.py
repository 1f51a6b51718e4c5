"""Walking Resiliparse's tree without recursion, for hostile pages nest deeper than Python's stack.

What is asked of many nodes is bounded: each looks at so many nodes around it at most, however the page is nested, and
all of them together spend one page's `Work`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

Node = Any
TEXT = "#text"
# Pages of people are less than 60 deep. What lies deeper is left to the converter.
MAX_DEPTH = 128
# About three microseconds each. Pages of people take less than a twentieth of it.
MAX_STEPS = 1_000_000
# Characters of an attribute that cost as much as a node.
CHARS_A_STEP = 64
# Names of classes that stand further back say nothing of a listing.
MAX_CLASS_CHARS = 1_000


class Spent(Exception):
    """A page has cost what it may; the rest of it is left to the converter."""


class Work:
    """What one page may still cost, counted in nodes looked at and not in time, so that a text is always the same."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Count some steps; Spent where the page has none left."""
        self.left -= steps
        if self.left < 0:
            raise Spent


def events(root: Node, work: Work, skip: Callable[[Node], bool] = lambda element: False) -> Iterator[tuple[str, Node]]:
    """("open", element), ("text", node) and ("close", element) below a node in order, but for skipped elements."""
    open_elements: list[Node] = []
    node = root.first_child
    while True:
        work.spend()
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


def found(root: Node, selector: str, work: Work) -> tuple[Node, ...]:
    """The elements below a node that match a CSS selector. A slice, for going over the list asks for all at each."""
    matching = root.query_selector_all(selector)
    work.spend(2 * len(matching))
    nodes: tuple[Node, ...] = matching[:]
    return nodes


def size(root: Node) -> int:
    """How many elements are below a node; quick, for none of them is handed over."""
    return len(root.query_selector_all("*"))


def shallow(nodes: Sequence[Node], work: Work, most: int = MAX_DEPTH) -> list[tuple[Node, int]]:
    """Those that have fewer than `most` nodes around them, and the steps that it takes to ask all of these for a class.

    Every node around one of them is looked at once.
    """
    depths: dict[Node, tuple[int, int]] = {}
    found = []
    for node in nodes:
        around, new = node.parent, []
        while around is not None and around not in depths:
            new.append(around)
            around = around.parent
        work.spend(len(new))
        depth, steps = (0, 0) if around is None else depths[around]
        for element in reversed(new):
            depth, steps = depth + 1, steps + 1 + _chars(element) // CHARS_A_STEP
            depths[element] = depth, steps
        if depth < most:
            found.append((node, steps))
    return found


def _chars(element: Node) -> int:
    """Of a class. The document has none, and no attributes."""
    return len(element.class_name or "") if element.tag[:1] != "#" else 0


def is_all(node: Node, inside: Node, work: Work, most: int = 64) -> bool:
    """Whether no other text than `inside` is in a node, by at most so many of the nodes beside it."""
    for _, other in events(node, work, lambda element: element == inside):
        most -= 1
        if most < 0 or (other.tag == TEXT and (other.value or "").strip()):
            return False
    return True


def short_text(node: Node, work: Work, most: int = 16) -> str | None:
    """The text of a node of at most so many openings, texts and ends; None for any other."""
    parts: list[str] = []
    for kind, inner in events(node, work):
        most -= 1
        if most < 0:
            return None
        if kind == "text":
            parts.append(inner.value or "")
    return "".join(parts)


def last_text(node: Node, chars: int, work: Work, most: int = 64) -> str:
    """The end of a node's text, at least so many characters where it has them, by at most so many nodes."""
    said, at = "", node
    while at is not None and len(said) < chars and most > 0:
        work.spend()
        most -= 1
        if at.tag == TEXT:
            said = (at.value or "")[-chars:] + said
        elif at.last_child is not None:
            at = at.last_child
            continue
        while at is not None and at != node and at.previous_sibling is None:
            at = at.parent
            most -= 1
        at = None if at is None or at == node else at.previous_sibling
    return said


def attribute(element: Node, name: str, work: Work) -> str:
    """An attribute as it is written, "" where there is none. Each time it is asked for costs as it is long."""
    said: str = element.getattr(name) or ""
    work.spend(1 + len(said) // CHARS_A_STEP)
    return said


def classes(element: Node, work: Work) -> list[str]:
    """The words of an element's class, in lower case."""
    return attribute(element, "class", work)[:MAX_CLASS_CHARS].lower().split()


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
