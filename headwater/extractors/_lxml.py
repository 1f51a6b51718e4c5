"""What the extractors that parse with lxml share."""

import logging
from typing import Any


def title(tree: Any) -> str | None:
    """The text of a page's title element, white space collapsed; None where there is none."""
    found = tree.find(".//title")
    return " ".join("".join(found.itertext()).split()) or None if found is not None else None


def quiet(library: str) -> None:
    """Keep a library's warnings about pages from stderr where logging is not set up; our rows say what became of them.

    A program that sets up logging still gets them.
    """
    log = logging.getLogger(library)
    if not log.handlers:
        log.addHandler(logging.NullHandler())
