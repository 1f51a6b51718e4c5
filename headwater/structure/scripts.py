"""Exponents and indices of running text: 10<sup>6</sup> is a million and not 106."""

import re

from headwater.structure.dom import Node, Work, last_text, short_text

SHORT = re.compile(r"[0-9A-Za-z+\-−⁺⁻]{1,3}")
NUMBER = re.compile(r"[+\-−]?[0-9]{1,4}")
# Numbered words (1st, 2nd) and marks of trade are no exponents.
WORDS = frozenset(("st", "nd", "rd", "th", "tm", "sm", "er", "re", "e", "o", "a", "r"))


def marked(node: Node, work: Work) -> str | None:
    """`^{6}` or `_{2}` for a sup or sub element beside a sign; None for any other, notes among them."""
    said = " ".join((short_text(node, work) or "").split())
    if not (NUMBER.fullmatch(said) or (SHORT.fullmatch(said) and said.lower() not in WORDS)):
        return None
    before = node.previous_sibling
    ending = last_text(before, 8, work) if before is not None else ""
    beside = ending[-1:]
    if not (beside.isalnum() or beside in ")]|") or beside == "":
        return None
    if node.query_selector("a") is not None or (node.parent_element is not None and node.parent_element.tag == "a"):
        return None
    # A number behind a word of letters is a note: "as shown^1".
    if node.tag == "sup" and said.isdigit() and _ends_in_word(ending):
        return None
    return f"{'^' if node.tag == 'sup' else '_'}{{{said}}}"


def _ends_in_word(text: str) -> bool:
    letters = re.search(r"[^\W\d_]{3,}$", text[-8:])
    return letters is not None
