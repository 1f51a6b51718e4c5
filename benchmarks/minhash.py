"""MinHash signatures: megabytes of text a second on one core, beside datasketch in the same run.

HEADWATER_TEST_DATA=... python benchmarks/minhash.py

Both sides get the texts of crawl DOCS-2024-10 and give 128 permutations of 5-word shingles. datasketch gets lower-cased
words split at white space, which is less work than our normalisation; ours gives band keys ready to store.
"""

import os
import time
from pathlib import Path
from statistics import median

import pyarrow as pa
from datasketch import MinHash
from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from resiliparse.parse.html import HTMLTree

from headwater.dedupers.minhash import minhash

RUNS = 5


def texts(crawl):
    """The text of every HTML page of the crawl."""
    for path in sorted(crawl.rglob("warc/*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
                if "html" in (record.http_content_type or ""):
                    body = record.reader.read()
                    tree = HTMLTree.parse(bytes_to_str(body, detect_encoding(body)))
                    yield extract_plain_text(tree, main_content=True)


def shingles(text):
    words = text.lower().split()
    return [" ".join(words[i : i + 5]).encode() for i in range(len(words) - 4)]


def with_datasketch(pages):
    for page in pages:
        sketch = MinHash(num_perm=128)
        sketch.update_batch(shingles(page))


def seconds(function, *arguments):
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


def main():
    pages = list(texts(Path(os.environ["HEADWATER_TEST_DATA"]) / "crawls/crawl-data/DOCS-2024-10"))
    batch = pa.array(pages, pa.large_string())
    megabytes = sum(len(page.encode()) for page in pages) / 1e6
    deduper = minhash()
    deduper.keys(batch[:10])
    deduper.similarity(batch[:1], batch[1:2])
    shifted = pa.concat_arrays([batch[1:], batch[:1]])
    runs = [
        (seconds(deduper.keys, batch), seconds(deduper.similarity, batch, shifted), seconds(with_datasketch, pages))
        for _ in range(RUNS)
    ]
    ours, verified, theirs = (median(column) for column in zip(*runs, strict=True))
    print(f"{len(pages)} documents, {megabytes:.1f} MB of text, medians of {RUNS}, one core")
    print(f"headwater signatures   {megabytes / ours:8.1f} MB/s   {len(pages) / ours:9.0f} documents/s")
    print(f"datasketch signatures  {megabytes / theirs:8.1f} MB/s   {len(pages) / theirs:9.0f} documents/s")
    print(f"ratio                  {theirs / ours:8.1f} x")
    print(f"headwater verification {2 * megabytes / verified:8.1f} MB/s of both texts, unequal pairs")


if __name__ == "__main__":
    main()
