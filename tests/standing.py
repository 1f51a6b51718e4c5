"""Who stands for whom after all, in plain Python: a duplicate's representative can be a duplicate by a later method."""

from tests import chain


def last(project):
    """The last survivor of each document of `deduped` that is in a cluster."""
    rows = [row for row in chain.rows(project, "deduped") if row["representative"] is not None]
    names = {row["doc_id"]: row["representative"] for row in rows if row["outcome"] == "duplicate"}

    def followed(doc):
        while doc in names:
            doc = names[doc]
        return doc

    return {row["doc_id"]: followed(row["doc_id"]) for row in rows}
