"""A lake whose `deduped` removed stretches, whatever methods the shelf has: cut by a rule of the tests' own."""

from dataclasses import replace

import pyarrow as pa

from headwater import pipeline
from headwater.lake.files import read_batches
from headwater.lake.tables import table
from headwater.stages import deduped
from tests import chain

# A `dedup` list whose last method removes stretches.
LINES = ["exact", {"minhash": {"threshold": 0.8}}, "lines"]


def edits_of(text):
    """Three stretches of a text of some length: two of step 0, and one of step 1 in what these leave."""
    if text is None or len(text) < 80:
        return None
    places = [(0, "first.head", 0, 7), (0, "first.middle", 30, 41), (1, "second.middle", 20, 36)]
    return [{"step": s, "rule": r, "start": start, "stop": stop, "put": 0} for s, r, start, stop in places]


def left_of(text):
    """What these stretches leave, written down by hand."""
    if text is None or len(text) < 80:
        return text
    first = text[7:30] + text[41:]
    return first[:20] + first[36:]


def work(task, guard):
    """`deduped` as it is, with stretches of every second document that is kept."""
    deduped.work(task, guard)
    draft, name = task.arguments["draft"], task.arguments["draft"].name(task.shard)
    texts = {row["doc_id"]: row["text"] for row in rows_of(draft.storage, task.arguments["filtered"])}
    rows = list(rows_of(draft.storage, name))
    for row in rows:
        if row["outcome"] == "kept" and cuts(row["doc_id"]):
            row["edits"] = edits_of(texts[row["doc_id"]])
    draft.storage.remove(name)
    with draft.writer(task.shard) as writer:
        writer.write(pa.Table.from_pylist(rows, schema=table("deduped").file_schema))


def rows_of(storage, name):
    """The rows of one file."""
    return (row for batch in read_batches(storage, name) for row in batch.to_pylist())


def cuts(doc_id):
    """Whether a document is one of those that are cut."""
    return int(doc_id[-1], 16) % 2 == 0


def cut(project, *, recipe="tiny", to="tokenized"):
    """The chain of a recipe with stretches removed by `deduped`."""
    for crawl in project.crawls(project.recipe(recipe)):
        chain.run(project, recipe=recipe, to="duplicate_pairs", crawls=[crawl])
        plan = project.plan("deduped", {"recipe": recipe, "crawl": crawl})
        pipeline.publish(project.lake, replace(plan, work=work), project.engine)
    return chain.run(project, recipe=recipe, to=to)


def remaining_texts(project, recipe="tiny"):
    """The text of every document that deduplication kept, by (crawl, doc_id), as it must be read from then on."""
    files = {name: project.lake.files(name, {}) for name in ("deduped", "filtered")}
    rows = {
        name: {
            (file.partition["crawl"], row["doc_id"]): row
            for file in found if file.partition["recipe"] == recipe for row in rows_of(project.lake.storage, file.name)
        }
        for name, found in files.items()
    }  # fmt: skip
    kept = [key for key, row in rows["deduped"].items() if row["outcome"] == "kept"]
    texts = {key: rows["filtered"][key]["text"] for key in kept}
    return {key: left_of(text) if cuts(key[1]) else text for key, text in texts.items()}
