"""A lake that begins at `filtered`, of as many documents as are asked for: the texts of the shared crawls with edits.

Of 100 documents about 35 are copies of another one with a word in a hundred changed, in groups of 1, 2, 3 ... as chance
has it; the others have three words in ten changed, so that nothing but chance makes them alike. All by the seed.
"""

import random
from itertools import islice
from pathlib import Path

import pyarrow as pa
import yaml
from minhash import texts

from headwater.lake.tables import table
from headwater.pipeline import Plan, publish
from headwater.project import Project

CRAWLS = ("DOCS-2024-10", "DOCS-2025-03", "DOCS-2025-09", "REALWEB-2025-10")
COPIES, NEAR, FAR = 0.35, 0.01, 0.3
SHARD_DOCUMENTS, ROWS = 10_000, 1_000


def pages(data, crawls=CRAWLS):
    """The different pages of the shared crawls, as words, of 50 words and more."""
    found = {text for crawl in crawls for text in texts(Path(data) / "crawls/crawl-data" / crawl)}
    return [words for words in map(str.split, sorted(found)) if len(words) >= 50]


def documents(words, count, seed):
    """(doc_id, text) without end in memory: each page in turn, with edits."""
    chance, known = random.Random(seed), sorted({word for page in words[:500] for word in page})
    last = words[0]
    for number in range(count):
        copy = chance.random() < COPIES
        page = list(last if copy else words[number % len(words)])
        for _ in range(max(1, int(len(page) * (NEAR if copy else FAR)))):
            page[int(chance.random() * len(page))] = known[int(chance.random() * len(known))]
        if not copy:
            last = page
        yield f"{chance.getrandbits(128):032x}", " ".join(page)


def opened(folder, dedup, workers):
    """A project with one recipe and no crawls of its own."""
    (folder / "recipes").mkdir(parents=True)
    (folder / "crawls").mkdir()
    (folder / "crawls" / "collinfo.json").write_text("[]")
    (folder / "headwater.yaml").write_text(yaml.safe_dump({"crawls": str(folder / "crawls"), "workers": workers}))
    recipe = {"description": "Benchmark.", "filters": [], "dedup": dedup, "automatic": False}
    (folder / "recipes" / "bench.yaml").write_text(yaml.safe_dump(recipe))
    return Project.open(folder)


class Here:
    """Writes what the benchmark brings, in this process."""

    def map(self, function, tasks):
        for task in tasks:
            yield task, function(task, None)


def add(project, crawl, words, count, seed):
    """One more crawl of so many documents; the bytes of their texts."""
    started = f"2024-01-{len(project.lake.partitions('sources')) + 1:02d}T00:00:00"
    _published(project, "sources", {"crawl": crawl}, {"s0": iter(())}, started=started)
    for name in ("started", "started_in_lake"):
        project.__dict__.pop(name, None)
    size, stream = [0], documents(words, count, seed)
    shards = {f"s{n:05d}": _rows(stream, f"s{n:05d}", size) for n in range(-(-count // SHARD_DOCUMENTS))}
    _published(project, "filtered", {"recipe": "bench", "crawl": crawl}, shards)
    return size[0]


def _rows(stream, shard, size):
    schema, left = table("filtered").file_schema, SHARD_DOCUMENTS
    while left:
        rows = list(islice(stream, min(ROWS, left)))
        if not rows:
            return
        left -= len(rows)
        size[0] += sum(len(text.encode()) for _, text in rows)
        given = {"doc_id": [doc for doc, _ in rows], "text": [text for _, text in rows]}
        same = {"shard": shard, "outcome": "kept"}
        columns = [
            pa.array(given[f.name] if f.name in given else [same.get(f.name)] * len(rows), f.type) for f in schema
        ]
        yield pa.table(columns, schema=schema)


def _published(project, name, partition, shards, **details):
    def write(task, _):
        with task.arguments["draft"].writer(task.shard) as writer:
            for rows in shards[task.shard]:
                writer.write(rows)

    plan = Plan(
        table=name, partition=partition, inputs=(), steps={}, options={}, shards={s: {} for s in shards}, work=write,
        details=details,
    )  # fmt: skip
    publish(project.lake, plan, Here())
