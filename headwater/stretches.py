"""What deduplication removed of one document's text: where each stretch stood, by which rule, and how it begins."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from headwater import origin, remaining
from headwater.lake.snapshot import Snapshot, find
from headwater.lookup import Document
from headwater.origin import Edit

Row = dict[str, Any]

# A page can lose thousands of stretches; the story has their sum by rule, and the places of this many.
TOLD = 100
CHARACTERS = 60


def text(look: Snapshot, recipe: str, document: Document) -> str | None:
    """The text of a document as a recipe kept it: as its filters left it, less what deduplication removed of it."""
    decided = _row(look, "deduped", document, recipe, ["outcome", "edits"])
    kept = _row(look, "filtered", document, recipe, ["text"], _read_by(look, recipe, document))
    whole = kept.get("text")
    if whole is None or decided.get("outcome") != "kept":
        return whole
    return remaining.cut(whole, decided["edits"] or [])


def of_document(look: Snapshot, recipe: str, document: Document) -> Row | None:
    """The stretches that a recipe's deduplication removed of a document; None where it removed none.

    Places are characters of the text as `filtered` has it and as it was extracted; `text` is how a stretch begins.
    """
    edits = _row(look, "deduped", document, recipe, ["edits"]).get("edits") or []
    if not edits:
        return None
    row = _row(look, "filtered", document, recipe, ["text", "edits"], _read_by(look, recipe, document))
    found = _told(row.get("text") or "", edits, row.get("edits") or [])
    return {"recipe": recipe, "count": len(edits), "stretches": list(islice(found, TOLD))}


def _told(text: str, edits: list[Edit], before: list[Edit]) -> Iterator[Row]:
    # A step's places are in what the step before left, which is made once for each step.
    step, earlier = None, []
    for edit in edits:
        if edit["step"] != step:
            text = remaining.cut(text, [e for e in edits if e["step"] == step]) if step is not None else text
            step, earlier = edit["step"], [e for e in edits if e["step"] < edit["step"]]
        start, stop = origin.stretch(earlier, edit["start"], edit["stop"])
        first, last = origin.stretch(before, start, stop)
        yield {
            "step": step, "rule": edit["rule"], "start": start, "stop": stop, "extracted_start": first,
            "extracted_stop": last, "text": text[edit["start"] : min(edit["stop"], edit["start"] + CHARACTERS)],
        }  # fmt: skip


def _read_by(look: Snapshot, recipe: str, document: Document) -> int | None:
    """The version of `filtered` that a recipe's `deduped` was made of; None where there is no `deduped`."""
    commit = look.published("deduped", recipe=recipe, crawl=document.crawl)
    inputs = () if commit is None or commit.provenance is None else commit.provenance.inputs
    return next((read.version for read in inputs if read.table == "filtered"), None)


def _row(
    look: Snapshot, name: str, document: Document, recipe: str, columns: list[str], version: int | None = None
) -> Row:
    """What a table says of a document; nothing where it has no row of it."""
    where = {"recipe": recipe, "crawl": document.crawl}
    for file in look.files(name, document.shard, version=version, **where):
        for row in find(look.storage, file.name, "doc_id", document.doc_id, columns):
            return row
    return {}
