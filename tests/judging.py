"""What filters say of documents, by the function that the stage uses."""

import pyarrow as pa

from headwater import curation
from headwater.curation import Used


def judge(filters, columns):
    """The verdict of filters, each a name and its options, in order; a text that no column gives is empty."""
    n = len(next(iter(columns.values())))
    texts = columns["text"] if "text" in columns else pa.array([""] * n, pa.string())
    steps = [Used("filters", name, options) for name, options in filters]
    return curation.curate(steps, columns, texts, [""] * n).verdict
