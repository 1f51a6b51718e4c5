"""Every method of deduplication: megabytes of text a second on one core, beside its peer in the same run.

HEADWATER_TEST_DATA=... python benchmarks/dedup.py PEERS       PEERS: a folder that peers.py set up

All sides get the texts of two crawls of documentation. MinHash: 128 permutations of 5-word shingles, beside rensa and
datasketch. Bloom filter: DCLM's `old-both` by 13-grams, beside `dolma dedupe` with the same rate of false positives;
both read one gzip file of JSON and write another with what goes. The other methods have no peer that runs in a process.
"""

import gzip
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import peers
import peers_dolma_dedupe
import pyarrow as pa
from minhash import texts, with_datasketch
from pyarrow import json as arrow_json

from headwater.dedupers import _bloom, _lines, _substring
from headwater.dedupers.minhash import minhash
from headwater.dedupers.semantic import semantic
from headwater.embedders.hashed_tfidf import hashed_tfidf

ROUNDS = 5
CRAWLS = ("DOCS-2024-10", "DOCS-2025-03")


def seconds(function, *arguments):
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


def put_down(pages, folder):
    """The pages as rensa and as Dolma read them."""
    rows = [json.dumps({"id": str(i), "source": "crawl", "text": page}) + "\n" for i, page in enumerate(pages)]
    (folder / "texts.jsonl").write_text("".join(rows), encoding="utf-8")
    (folder / "documents").mkdir()
    with gzip.open(folder / "documents" / "texts.jsonl.gz", "wt", encoding="utf-8", compresslevel=1) as out:
        out.writelines(rows)


def screened(source, target, of):
    """What `dolma dedupe` does, from file to file."""
    with gzip.open(source, "rb") as stream:
        table = arrow_json.read_json(stream, arrow_json.ReadOptions(block_size=1 << 26))
    found = _bloom.ngrams(table["text"].combine_chunks())
    said = _bloom.screen(_bloom.empty(of), of, found)
    gone = _bloom.stretches(found, said)
    spans = [[] for _ in range(table.num_rows)]
    for text, start, stop in zip(gone.text.tolist(), gone.start.tolist(), gone.stop.tolist(), strict=True):
        spans[text].append((start, stop, 1.0))
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=6) as out:
        for name, found in zip(table["id"].to_pylist(), spans, strict=True):
            out.write(json.dumps({"id": name, "attributes": {"repeated": found}}) + "\n")


def signatures(pages, folder, ready):
    batch, keys = pa.array(pages, pa.large_string()), minhash(bands=14, rows=8).keys
    characters = minhash(bands=20, rows=13, permutations=260, shingle_characters=24).keys
    for _ in range(ROUNDS):
        yield "headwater 14 x 8", seconds(keys, batch)
        yield "headwater 128 x 1", seconds(minhash(bands=128, rows=1).keys, batch)
        yield "headwater 20 x 13, 24 characters", seconds(characters, batch)
        yield "datasketch", seconds(with_datasketch, pages)
        peers.run(ready, "rensa", folder / "texts.jsonl", folder / "rensa.jsonl")
        yield from ((f"rensa {name}", value) for name, value in peers.results(folder / "rensa.jsonl")[1].items())


def blooms(pages, folder, ready):
    batch = pa.array(pages, pa.large_string())
    expected = len(_bloom.ngrams(batch).hashes)
    for _ in range(ROUNDS):
        value, rate = peers_dolma_dedupe.run(ready / "dolma" / "bin" / "dolma", folder, expected)
        of = _bloom.size(ngrams=expected, fp_rate=rate)
        yield "dolma dedupe, file to file", value
        yield "headwater, file to file", seconds(screened, folder / "documents/texts.jsonl.gz", folder / "ours.gz", of)
        yield "headwater, in memory", seconds(lambda: _bloom.screen(_bloom.empty(of), of, _bloom.ngrams(batch)))  # noqa: B023


def others(pages):
    batch = pa.array(pages, pa.large_string())

    def lines(unit, span):
        found = _lines.digests(batch, unit=unit, span=span)
        _lines.stretches(found, _lines.repeated(found.digest), span=span)

    def substring():
        of = _substring.words(batch)
        again = _substring.repeated(of)
        _substring.seeds(of, again)
        _substring.found(of, again, np.ones(len(pages), dtype=np.bool_))

    meaning = semantic()
    for _ in range(ROUNDS):
        yield "lines (CCNet)", seconds(lines, "line", 1)
        yield "lines (three sentences, C4)", seconds(lines, "sentence", 3)
        yield "substring (50 words)", seconds(substring)
        yield "semantic (TF-IDF, cells)", seconds(lambda: meaning.keys(hashed_tfidf(batch)))


def shown(title, rows, megabytes, ours=None):
    taken = {}
    for name, value in rows:
        taken.setdefault(name, []).append(value)
    print(title)
    for name, values in taken.items():
        middle = median(values)
        ratio = "" if ours is None or name == ours else f"   ours is {middle / median(taken[ours]):7.1f} x as fast"
        print(f"  {name:36s} {megabytes / middle:8.1f} MB/s{ratio}")


def main(ready):
    root = Path(os.environ["HEADWATER_TEST_DATA"]) / "crawls/crawl-data"
    pages = [page for crawl in CRAWLS for page in texts(root / crawl)]
    megabytes = sum(len(page.encode()) for page in pages) / 1e6
    print(f"{len(pages)} documents, {megabytes:.1f} MB of text; medians of {ROUNDS} rounds, processor seconds")
    with tempfile.TemporaryDirectory() as place:
        put_down(pages, Path(place))
        for part in (signatures(pages[:10], Path(place), ready), others(pages[:100])):
            list(part)  # compiles
        list(zip(range(2), blooms(pages, Path(place), ready), strict=False))
        shown("MinHash signatures", signatures(pages, Path(place), ready), megabytes, "headwater 128 x 1")
        shown("Bloom filter", blooms(pages, Path(place), ready), megabytes, "headwater, file to file")
        shown("Others", others(pages), megabytes)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    np.seterr(all="raise", under="ignore")
    main(Path(sys.argv[1]))
