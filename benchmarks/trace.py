"""How long one lookup takes in a lake of many documents, beside a full scan for the same document.

    python benchmarks/trace.py FOLDER [DOCUMENTS]

Writes a lake of made-up documents (default 10 million, about 6 GB) through the lake's own writer and commit, and makes
`document_index` of it by its own stage; a lake that FOLDER already has is used as it is. Then traces documents by
doc_id, URL and token: `first` as a command does it, in a process of its own, and `again` in one that stays. Starting
Python and its imports do not count; all else does. Files that the system has cached are not evicted.
"""

import math
import random
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from headwater import story
from headwater.lake import audit, lineage
from headwater.lake.lineage import Input, Provenance, Shard
from headwater.lake.tables import table
from headwater.model import tokenizer as bpe
from headwater.pipeline import publish
from headwater.project import Project
from headwater.stages import tokenized

CRAWLS, SHARDS, STREAM_SHARDS = 5, 200, 40
LOOKUPS = 30
RECIPE = "bench"
DUPLICATES = 0.1
TOKENS = 12
DOMAINS = [f"site-{number}.example" for number in range(20_000)]
WORDS = ["water", "river", "source", "spring", "stream", "lake", "delta", "head", "rain", "snow", "ice", "sea"]
WARC = "crawl-data/{crawl}/warc/{shard}.warc.gz"


def hexadecimal(data: np.ndarray) -> pa.Array:
    """Rows of bytes as strings of hex digits."""
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    text = digits[np.stack([data >> 4, data & 15], axis=-1)].reshape(len(data), -1)
    offsets = np.arange(len(data) + 1, dtype=np.int32) * text.shape[1]
    return pa.StringArray.from_buffers(len(data), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text)))


def documents(crawl: int, shard: int, rows: int) -> dict[str, object]:
    """Ids and order keys of a shard's documents, the same every time; ordered by doc_id."""
    drawn = np.random.Generator(np.random.PCG64([crawl, shard]))
    ids = drawn.integers(0, 2**64, (rows, 2), dtype=np.uint64)
    ids = ids[np.lexsort((ids[:, 1], ids[:, 0]))].astype(">u8")
    keys = drawn.integers(0, 2**63, rows, dtype=np.int64)
    return {"doc_id": hexadecimal(ids.view(np.uint8).reshape(rows, 16)), "order_key": pa.array(keys)}


def addresses(crawl: int, shard: int, rows: int) -> dict[str, object]:
    """Domains and URLs of a shard's documents; every second crawl fetches the pages of the one before it again."""
    drawn = np.random.Generator(np.random.PCG64([crawl // 2, shard, 1]))
    domains = pa.array(DOMAINS).take(pa.array(np.minimum(drawn.zipf(1.3, rows), len(DOMAINS)) - 1))
    pages = np.arange(rows) + rows * shard + rows * SHARDS * (crawl // 2)
    pairs = zip(domains.to_pylist(), pages.tolist(), strict=True)
    return {"domain": domains, "url": pa.array([f"https://{name}/page/{page}.html" for name, page in pairs])}


def verdict(rows: int, outcome: object = "kept", rule: object = None) -> dict[str, object]:
    """Columns of a verdict without numbers."""
    return {"outcome": outcome, "rule": rule, "value": None, "threshold": None}


def filled(name: str, rows: int, said: dict[str, object]) -> pa.Table:
    """A table's columns: arrays as they are, one value for all rows, null for what is not said."""

    def column(field: pa.Field) -> pa.Array:
        value = said.get(field.name)
        if isinstance(value, pa.Array | pa.ChunkedArray):
            return value
        return pa.nulls(rows, field.type) if value is None else pa.array([value], field.type).take(zeros)

    zeros = pa.array(np.zeros(rows, dtype=np.int8))
    return pa.table([column(field) for field in table(name).file_schema], schema=table(name).file_schema)


def rows_of(name: str, crawl: int, shard: int, rows: int) -> pa.Table:
    """What a table says of one shard."""
    made = {**documents(crawl, shard, rows), **addresses(crawl, shard, rows)}
    text = pa.array([f"{' '.join(WORDS[i % 12 :])} {i}" for i in range(64)]).take(pa.array(np.arange(rows) % 64))
    duplicate = np.arange(rows) % round(1 / DUPLICATES) == 1
    ids = made["doc_id"]
    other = ids.take(pa.array(np.where(duplicate, np.arange(rows) - 1, np.arange(rows))))
    outcomes = pa.array(["kept", "duplicate"]).take(pa.array(duplicate.astype(np.int8)))
    kept = {"shard": f"{crawl_name(crawl)}-{shard:05d}", **made, **verdict(rows)}
    said = {
        "raw": {
            "offset": pa.array(np.arange(rows) * 20_000), "length": pa.array(np.full(rows, 20_000)),
            "record_id": pa.array([f"<urn:uuid:{i}>" for i in ids.to_pylist()]), "record_type": "response",
            "host": made["domain"], "fetched_at": datetime(2020 + crawl, 10, 2, tzinfo=UTC),
            "http_status": 200, "media_type": "text/html", "payload_bytes": pa.array(np.full(rows, 50_000)),
        },
        "extracted": {"text": text, "title": "A page", "chars": 60, "language": "en", "language_score": 0.9},
        "filtered": {"extractor": "resiliparse", "text": text, "language": "en", "chars": 60},
        "deduped": {"outcome": outcomes, "rule": None, "cluster": other, "representative": other, "method": None},
        "mixed": {
            "crawl": crawl_name(crawl), "group": made["domain"], "licence_class": "unspecified", "weight": 1.0,
            "tokens_estimate": 15, "copies": 1,
        },
    }  # fmt: skip
    whole = filled(name, rows, {**kept, **said[name]})
    return whole.filter(pa.array(~duplicate)) if name == "mixed" else whole


def crawl_name(crawl: int) -> str:
    return f"BENCH-{2020 + crawl}-10"


def write_shard(job: tuple) -> None:
    """Write the file of one shard of one draft."""
    draft, name, crawl, shard, rows = job
    whole = rows_of(name, crawl, shard, rows)
    file = f"{crawl_name(crawl)}-{shard:05d}"
    with draft.writer(f"{crawl_name(crawl)}~{file}" if name == "mixed" else file) as writer:
        writer.write(whole)


def write_stream(job: tuple) -> None:
    """Write one shard of the stream: the documents whose order key is in its range, in order."""
    draft, number, rows = job
    low, high = tokenized.ranges(STREAM_SHARDS)[number]
    found = []
    for crawl in range(CRAWLS):
        for shard in range(SHARDS):
            made = documents(crawl, shard, rows)
            keys = made["order_key"].to_numpy()
            mine = (keys >= low) & (keys <= high) & (np.arange(rows) % round(1 / DUPLICATES) != 1)
            ids = made["doc_id"].filter(pa.array(mine))
            crawls = pa.array([crawl_name(crawl)] * len(ids), pa.string())
            found.append(pa.table({"key": keys[mine], "doc_id": ids, "crawl": crawls}))
    whole = pa.concat_tables(found).sort_by([("key", "ascending"), ("doc_id", "ascending")])
    count = whole.num_rows
    ids = np.random.Generator(np.random.PCG64(number)).integers(0, 256, count * TOKENS, dtype=np.int32)
    tokens = pa.ListArray.from_arrays(pa.array(np.arange(count + 1, dtype=np.int32) * TOKENS), pa.array(ids))
    said = {
        "shard": f"{number:05d}", "position": pa.array(np.arange(count)), "copy": 0, "tokens": tokens,
        "first_token": pa.array(np.arange(count) * TOKENS), **{n: whole.column(n) for n in ("doc_id", "crawl")},
    }  # fmt: skip
    with draft.writer(f"{number:05d}") as writer:
        rows_all = filled("tokenized", count, said)
        for start in range(0, count, 4_096):
            writer.write(rows_all.slice(start, 4_096))
        writer.details["tokens"] = count * TOKENS


def commit(project: Project, name: str, partition: dict, inputs: tuple[Input, ...], pool, jobs, details=None) -> Input:
    """Write a draft by the jobs and commit it, with a record such as a stage would give."""
    steps, options = {f"stages/{name}": 1}, {"bench": True}
    fingerprint = lineage.fingerprint(name, steps, options)
    key = lineage.key(fingerprint, inputs)
    draft = project.lake.draft(name, partition, key)
    function, arguments = jobs
    list(pool.map(function, [(draft, *rest) for rest in arguments], chunksize=4))
    footers = project.lake.footers(draft, sorted(draft.finished()))
    shards = [Shard(f.shard, draft.name(f.shard), f.rows, f.digest) for f in footers]
    rows = sum(f.rows for f in footers)
    said = Provenance(
        name, partition, inputs, steps, options, fingerprint, key, {"rows": rows, "outcomes": {}}, rows,
        lineage.digest_of_shards(shards), {}, details or {}, lineage.code_version(),
        f"{name}-{'-'.join(partition.values())}",
    )  # fmt: skip
    version = project.lake.commit(draft, footers, said)
    return Input(name, partition, version, said.digest)


def write_sources(job: tuple) -> None:
    draft, crawl = job
    shards = [f"{crawl_name(crawl)}-{shard:05d}" for shard in range(SHARDS)]
    said = {
        "shard": pa.array(shards),
        "path": pa.array([WARC.format(crawl=crawl_name(crawl), shard=s) for s in shards]),
    }
    with draft.writer("sources") as writer:
        writer.write(filled("sources", SHARDS, {**said, "state": "complete"}))


def build(project: Project, total: int) -> None:
    """The whole lake."""
    rows = math.ceil(total / (CRAWLS * SHARDS))
    text = bpe.train_tokenizer(iter(DOMAINS[:500]), vocab_size=300)
    project.lake.prepare()
    project.lake.storage.write(f"tokenizers/{RECIPE}/bench.json", text.encode())
    last: dict[str, list[Input]] = {"filtered": [], "deduped": []}
    with ProcessPoolExecutor(2) as pool:
        for crawl in range(CRAWLS):
            name = crawl_name(crawl)
            shards = [(crawl, shard, rows) for shard in range(SHARDS)]
            started = {"started": f"{2020 + crawl}-10-01T00:00:00"}
            before = commit(project, "sources", {"crawl": name}, (), pool, (write_sources, [(crawl,)]), started)
            places = {
                "raw": {"crawl": name}, "extracted": {"crawl": name, "extractor": "resiliparse"},
                "filtered": {"recipe": RECIPE, "crawl": name}, "deduped": {"recipe": RECIPE, "crawl": name},
            }  # fmt: skip
            for made, place in places.items():
                begun = time.perf_counter()
                before = commit(project, made, place, (before,), pool, (write_shard, [(made, *s) for s in shards]))
                last.setdefault(made, []).append(before)
                print(f"  {made:12} {name} {time.perf_counter() - begun:6.1f} s", flush=True)
        every = [("mixed", crawl, shard, rows) for crawl in range(CRAWLS) for shard in range(SHARDS)]
        inputs = (*last["deduped"], *last["filtered"])
        mixed = commit(project, "mixed", {"recipe": RECIPE}, inputs, pool, (write_shard, every))
        details = {"tokenizer": f"tokenizers/{RECIPE}/bench.json", "tokenizer_digest": bpe.digest(text)}
        stream = [(number, rows) for number in range(STREAM_SHARDS)]
        commit(project, "tokenized", {"recipe": RECIPE}, (mixed,), pool, (write_stream, stream), details)
    for crawl in range(CRAWLS):
        for kind in ("doc_id", "url", "domain"):
            begun = time.perf_counter()
            publish(
                project.lake, project.plan("document_index", {"crawl": crawl_name(crawl), "kind": kind}), project.engine
            )
            print(f"  document_index {crawl_name(crawl)} {kind:7} {time.perf_counter() - begun:6.1f} s", flush=True)


def asked(project: Project, total: int) -> dict[str, list[str]]:
    """What is looked up: documents, URLs and tokens drawn evenly, the same every time."""
    rows = math.ceil(total / (CRAWLS * SHARDS))
    drawn = random.Random(0)
    places = [(drawn.randrange(CRAWLS), drawn.randrange(SHARDS), drawn.randrange(rows)) for _ in range(LOOKUPS)]
    kept = rows * CRAWLS * SHARDS * (1 - DUPLICATES) * TOKENS / STREAM_SHARDS
    tokens = [
        f"{RECIPE}:{drawn.randrange(STREAM_SHARDS):05d}:{drawn.randrange(int(kept * 0.9))}" for _ in range(LOOKUPS)
    ]
    return {
        "doc_id": [documents(c, s, rows)["doc_id"][row].as_py() for c, s, row in places],
        "url": [addresses(c, s, rows)["url"][row].as_py() for c, s, row in places],
        "token": tokens,
    }


def lookup(project: Project, kind: str, value: str) -> tuple[float, float]:
    """One lookup: milliseconds by the clock and of the processor, of all threads."""
    told = {"doc_id": story.of_document, "url": story.of_url, "token": story.of_token}[kind]
    clock, processor = time.perf_counter(), time.process_time()
    told(project, value)
    return (time.perf_counter() - clock) * 1e3, (time.process_time() - processor) * 1e3


def first(folder: Path, kind: str, value: str) -> tuple[float, float]:
    """One lookup in a process of its own: nothing is opened, read or compiled before."""
    command = [sys.executable, __file__, str(folder), "--one", kind, value]
    clock, processor = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(clock), float(processor)


def scan(project: Project, column: str, value: str) -> float:
    """The same document by reading a column of every row of `raw`, as without an index."""
    begun = time.perf_counter()
    names = [file.name for file in project.lake.files("raw")]
    with audit.connect(project.lake.storage) as connection:
        relation = audit.parquet(audit.uris(project.lake.storage, names))
        audit.fetch(connection, f'select * from {relation} where "{column}" = $value', {"value": value})
    return (time.perf_counter() - begun) * 1e3


def told(name: str, times: list[tuple[float, float]], bare: float) -> None:
    clock, processor = (sorted(column) for column in zip(*times, strict=True))
    print(
        f"  {name:16} {statistics.median(clock):8.1f} ms   fastest {clock[0]:.1f}, slowest {clock[-1]:.1f}; "
        f"processor {statistics.median(processor):.1f} ms; scan / lookup {bare / statistics.median(clock):.0f}"
    )


def main(folder: Path, total: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "headwater.yaml").write_text("workers: 2\n")
    project = Project.open(folder)
    if not project.lake.files("document_index"):
        build(project, total)
    rows = sum(file.rows for file in project.lake.files("raw"))
    print(f"{rows:,} documents in {CRAWLS} crawls, {LOOKUPS} lookups of each kind, medians")
    wanted = asked(project, rows)
    bare = {kind: statistics.median(scan(project, kind, v) for v in wanted[kind][:3]) for kind in ("doc_id", "url")}
    print("  full scan of raw " + ", ".join(f"by {kind} {ms:.0f} ms" for kind, ms in bare.items()))
    for kind, values in wanted.items():
        times = [first(folder, kind, value) for value in values]
        told(f"{kind} first", times, bare.get(kind, bare["doc_id"]))
        told(f"{kind} again", [lookup(project, kind, value) for value in values], bare.get(kind, bare["doc_id"]))


if __name__ == "__main__":
    if "--one" in sys.argv:
        print(*lookup(Project.open(Path(sys.argv[1])), *sys.argv[3:]))
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000)
